"""`site.yaml`: the store. Written by hand or by the server, read by box and server alike."""

from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt, field_validator, model_validator

from contract.ids import Id

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


class Camera(Document):
    """A camera of the site. Without calibration its zones and heat live on its image."""

    name: str = ""
    resolution_px: tuple[PositiveInt, PositiveInt] | None = Field(
        default=None, description="width, height; needed only for recordings that do not carry it"
    )
    calibration: Calibration | None = None


class Zone(Document):
    """An area to count in: a polygon on the floor, or on one camera's image."""

    name: str = ""
    kind: Literal["area", "entrance", "view"] = Field(
        default="area", description="in `entrance` and `view` people appear: a track that begins there has come in"
    )
    polygon_m: list[PointM] | None = None
    camera: Id | None = None
    polygon: list[PointImage] | None = None

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


class Fixture(Document):
    """Something that stands on the floor: a shelf, a till, a wall; `green` is floor that one may walk on."""

    name: str = ""
    kind: Literal["shelf", "table", "till", "wall", "closed", "green"] = "shelf"
    polygon_m: list[PointM]

    @field_validator("polygon_m")
    @classmethod
    def _simple(cls, polygon: list[PointM]) -> list[PointM]:
        _check_polygon(polygon)
        return polygon


class Floor(Document):
    """The floor plan, in metres."""

    bounds_m: tuple[PointM, PointM] = Field(description="lower and upper corner of what is mapped")
    cell_m: Annotated[float, Field(gt=0.05, le=10)] = 0.5
    outline_m: list[PointM] | None = None
    fixtures: list[Fixture] = []

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
    gap_s: Annotated[float, Field(ge=0, le=60)] = Field(default=1.0, description="absences up to this are one visit")

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
        return self


def _on_floor_or_image(what: str, on_floor: object, camera: str | None, on_image: object) -> None:
    if (on_floor is None) == (on_image is None) or (camera is None) != (on_image is None):
        raise ValueError(f"give {what}_m (on the floor), or camera and {what} (on its image), not both")


def _check_polygon(polygon: list[PointM] | list[PointImage]) -> None:
    if len(polygon) < 3:
        raise ValueError(f"a polygon needs three points, this has {len(polygon)}")
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
