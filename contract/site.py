"""`site.yaml`: the store. Written by hand or by the server, read by box and server alike."""

from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt, field_validator, model_validator

from contract.ids import Id
from contract.segments import Segment

Finite = Annotated[float, Field(allow_inf_nan=False, ge=-1e6, le=1e6)]
Share = Annotated[float, Field(ge=0, le=1)]
PointM = tuple[Finite, Finite]
"""Metres on the store's floor."""
PointImage = tuple[Share, Share]
"""Share of the image's width and height, origin top left: the same at every resolution."""


class Document(BaseModel):
    """Base of the document's parts: frozen, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PointPair(Document):
    """One place, seen in the image and known on the floor."""

    image: PointImage
    floor_m: PointM


class Calibration(Document):
    """At least four point pairs, no three of the four corners in a row."""

    points: Annotated[list[PointPair], Field(min_length=4)]


class Landmark(Document):
    """A corner of the background at set-up, by which a camera that was moved is known."""

    image: PointImage
    mark: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] = Field(
        description="256 comparisons of brightness around it (ORB), as hex; nothing can be drawn from them"
    )


class Camera(Document):
    """A camera of the site. Without calibration its zones and heat live on its image."""

    name: str = ""
    resolution_px: tuple[PositiveInt, PositiveInt] | None = Field(
        default=None,
        description="width, height; for recordings that do not carry it, and to know the picture's proportions",
    )
    lens: Annotated[float, Field(ge=-0.9, le=0.9)] = Field(
        default=0.0, description="straightens a wide lens (division model): negative where straight shelves bulge"
    )
    calibration: Calibration | None = None
    smallest_person: Annotated[float, Field(gt=0, le=1)] = Field(
        default=0.05, description="height below which the detector misses people, as a share of the picture's width"
    )
    masks: Annotated[list[list[PointImage]], Field(max_length=32)] = Field(
        default=[], description="privacy masks: blacked out before anything looks at the picture"
    )
    landmarks: Annotated[list[Landmark], Field(max_length=200)] = []

    @field_validator("masks")
    @classmethod
    def _simple(cls, masks: list[list[PointImage]]) -> list[list[PointImage]]:
        for mask in masks:
            _check_polygon(mask)
        return masks


class Zone(Document):
    """An area to count in: a polygon on the floor, or on one camera's image."""

    name: str = ""
    kind: Literal["area", "category", "queue", "entrance", "street", "view"] = Field(
        default="area",
        description="`category`: goods stand here; `queue`: people wait here; in `entrance`, `street` and `view` "
        "people appear: a track that begins there has come in; `street`: before the door, where all pass who come in, "
        "go out or walk by",
    )
    polygon_m: list[PointM] | None = None
    camera: Id | None = None
    polygon: list[PointImage] | None = None
    engaged_s: Annotated[float, Field(gt=0, le=3600)] = Field(
        default=10.0, description="who stays at least so long is engaged, s"
    )
    most_people: PositiveInt | None = Field(default=None, description="an alarm is raised above so many people")
    longest_wait_s: Annotated[float, Field(gt=0, le=7200)] | None = Field(
        default=None, description="an alarm is raised above this median wait, s; for queues"
    )

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        _on_floor_or_image("polygon", self.polygon_m, self.camera, self.polygon)
        _check_polygon(self.polygon_m or self.polygon or [])
        return self


class Line(Document):
    """A line people cross; `in` is from the left of a→b to its right as the coordinates turn (cross product > 0)."""

    name: str = ""
    entrance: bool = Field(default=False, description="its crossings are footfall")
    ends_m: tuple[PointM, PointM] | None = None
    camera: Id | None = None
    ends: tuple[PointImage, PointImage] | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        _on_floor_or_image("ends", self.ends_m, self.camera, self.ends)
        a, b = self.ends_m or self.ends or ((0, 0), (0, 0))
        if a == b:
            raise ValueError(f"both ends are at {a}; a line needs two places")
        return self


class Screen(Document):
    """A screen in the store: where it hangs, which way it looks, and the zone from which people see it."""

    name: str = ""
    at_m: PointM
    facing_deg: Annotated[float, Field(ge=0, lt=360)] = Field(
        default=0.0, description="direction it looks in: 0 along x, 90 along y (down the plan)"
    )
    zone: Id | None = None
    group: Id | None = Field(default=None, description="screens that a campaign may name together")
    portrait: bool = Field(default=False, description="stands upright")
    in_step: bool = Field(default=False, description="shows the same at the same moment as the others of its group")


FIXTURE_HEIGHT_M = {"shelf": 1.8, "table": 0.9, "till": 1.1, "wall": 3.0, "closed": 3.0, "green": 0.0}
"""How tall fixtures are where the document does not say."""


class Fixture(Document):
    """Something that stands on the floor: a shelf, a till, a wall; `green` is floor that one may walk on."""

    name: str = ""
    kind: Literal["shelf", "table", "till", "wall", "closed", "green"] = "shelf"
    polygon_m: list[PointM]
    height_m: Annotated[float, Field(ge=0, le=20)] | None = Field(
        default=None, description="what a camera cannot look over; by default " + str(FIXTURE_HEIGHT_M)[1:-1]
    )

    @property
    def top_m(self) -> float:
        """Its height, m."""
        return FIXTURE_HEIGHT_M[self.kind] if self.height_m is None else self.height_m

    @property
    def is_floor(self) -> bool:
        """People walk on it."""
        return self.kind == "green"

    @field_validator("polygon_m")
    @classmethod
    def _simple(cls, polygon: list[PointM]) -> list[PointM]:
        _check_polygon(polygon)
        return polygon


class Plan(Document):
    """The picture of the floor plan, kept by the server; boxes do without."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    origin_m: PointM = Field(description="where its top left corner lies")
    metres_per_px: Annotated[float, Field(gt=0, le=10)]


class Floor(Document):
    """The floor plan, in metres: x to the right, y down the plan."""

    bounds_m: tuple[PointM, PointM] = Field(description="lower and upper corner of what is mapped")
    cell_m: Annotated[float, Field(gt=0.05, le=10)] = 0.5
    plan: Plan | None = None
    outline_m: list[PointM] | None = None
    fixtures: list[Fixture] = []

    @field_validator("outline_m")
    @classmethod
    def _simple(cls, outline: list[PointM] | None) -> list[PointM] | None:
        if outline is not None:
            _check_polygon(outline)
        return outline

    @model_validator(mode="after")
    def _has_area(self) -> Self:
        (x0, y0), (x1, y1) = self.bounds_m
        if x1 <= x0 or y1 <= y0:
            raise ValueError(f"bounds_m {self.bounds_m}: the second corner must be greater in x and y")
        if (x1 - x0) * (y1 - y0) / self.cell_m**2 > 1_000_000:
            raise ValueError(f"bounds_m at cell_m {self.cell_m} makes more than a million cells; use larger cells")
        return self


class Site(Document):
    """The whole document."""

    site: Id
    version: NonNegativeInt = 1
    name: str = ""
    timezone: str = "UTC"
    floor: Floor | None = None
    cameras: dict[Id, Camera] = {}
    zones: dict[Id, Zone] = {}
    lines: dict[Id, Line] = {}
    screens: dict[Id, Screen] = {}
    segments: Annotated[dict[Id, Segment], Field(max_length=32)] = {}
    most_people: PositiveInt | None = Field(default=None, description="an alarm is raised above so many in the store")
    gap_s: Annotated[float, Field(ge=0, le=60)] = Field(default=1.0, description="absences up to this are one visit")

    def screen_name(self, key: str) -> str:
        """As people call a screen; its id where it has no name, or is not there any more."""
        known = self.screens.get(key)
        return (known.name if known else "") or key

    @field_validator("timezone")
    @classmethod
    def _known(cls, timezone: str) -> str:
        try:
            ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{timezone!r} is not a time zone such as Europe/Berlin") from None
        return timezone

    @model_validator(mode="after")
    def _refers(self) -> Self:
        for kind, places in (("zones", self.zones), ("lines", self.lines)):
            for key, place in places.items():
                if place.camera is not None and place.camera not in self.cameras:
                    raise ValueError(f"{kind}.{key}.camera: {place.camera!r} is not among cameras")
                if place.camera is None and self.floor is None:
                    raise ValueError(f"{kind}.{key}: is drawn in metres, but there is no floor")
        for key, camera in self.cameras.items():
            if camera.calibration is not None and self.floor is None:
                raise ValueError(f"cameras.{key}.calibration: needs a floor")
        for key, screen in self.screens.items():
            if self.floor is None:
                raise ValueError(f"screens.{key}: stands on the floor, but there is no floor")
            if screen.zone is not None and screen.zone not in self.zones:
                raise ValueError(f"screens.{key}.zone: {screen.zone!r} is not among zones")
            if screen.in_step and screen.group is None:
                raise ValueError(f"screens.{key}.in_step: needs a group to be in step with")
        for key, segment in self.segments.items():
            if unknown := sorted(segment.zones - set(self.zones)):
                raise ValueError(f"segments.{key}: {unknown[0]!r} is not among zones")
        return self

    @model_validator(mode="after")
    def _on_the_floor(self) -> Self:
        if self.floor is None:
            return self
        (x0, y0), (x1, y1) = self.floor.bounds_m
        for kind, shapes in (
            ("zones", {key: zone.polygon_m or [] for key, zone in self.zones.items()}),
            ("lines", {key: list(line.ends_m or ()) for key, line in self.lines.items()}),
            ("screens", {key: [screen.at_m] for key, screen in self.screens.items()}),
        ):
            for key, points in shapes.items():
                xs, ys = [x for x, _ in points], [y for _, y in points]
                if points and (max(xs) < x0 or min(xs) > x1 or max(ys) < y0 or min(ys) > y1):
                    raise ValueError(f"{kind}.{key}: lies outside the floor's bounds_m {self.floor.bounds_m}")
        return self


CORNERS_MOST = 500
"""Of a polygon: every two of its edges are compared."""


def _on_floor_or_image(what: str, on_floor: object, camera: str | None, on_image: object) -> None:
    if (on_floor is None) == (on_image is None) or (camera is None) != (on_image is None):
        raise ValueError(f"give {what}_m (on the floor), or camera and {what} (on its image), not both")


def _check_polygon(polygon: list[PointM] | list[PointImage]) -> None:
    if len(polygon) < 3:
        raise ValueError(f"a polygon needs three points, this has {len(polygon)}")
    if len(polygon) > CORNERS_MOST:
        raise ValueError(f"a polygon has at most {CORNERS_MOST} corners, this has {len(polygon)}")
    if len(set(polygon)) != len(polygon):
        raise ValueError("a polygon names each corner once, and does not repeat the first at the end")
    edges = list(zip(polygon, polygon[1:] + polygon[:1], strict=True))
    for i, first in enumerate(edges):
        for second in edges[i + 2 : len(edges) - (i == 0)]:
            if _meet(*first, *second):
                raise ValueError(f"the polygon crosses itself: {first[0]}-{first[1]} meets {second[0]}-{second[1]}")
    if abs(sum(a[0] * b[1] - a[1] * b[0] for a, b in edges)) < 1e-9:
        raise ValueError("the polygon has no area")


def _side(a: PointM, b: PointM, p: PointM) -> float:
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])


def _on(a: PointM, b: PointM, p: PointM) -> bool:
    inside = min(a[0], b[0]) <= p[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= p[1] <= max(a[1], b[1])
    return inside and _side(a, b, p) == 0


def _meet(a: PointM, b: PointM, c: PointM, d: PointM) -> bool:
    if _on(a, b, c) or _on(a, b, d) or _on(c, d, a) or _on(c, d, b):
        return True
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0
