"""What one camera counts in: its plane, the zones and lines on it, and the heat grid; made from `site.yaml`."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from contract.coverage import coverage
from contract.errors import GeometryError
from contract.grid import Grid, floor_grid
from contract.site import Camera, Floor, Site, Zone
from contract.view import View, camera_view
from edge.analytics.audience import PLACES_ONLY, Segments, Senses, compile_segments
from edge.analytics.screens import ScreenPlaces
from edge.analytics.zones import ZoneMap
from edge.area import Area, owners
from edge.arrays import F64, Bool
from edge.errors import ConfigError

IMAGE_COLUMNS = 32
"""Heat cells across an uncalibrated camera's image."""

VIEW = "view"
"""The zone that stands for the whole view where there is no site."""


Place = Callable[[object, str | None, object], F64 | None]
"""Puts a shape drawn on the floor, or on one camera's image, onto the plane; None where it does not concern it."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The plane of one `camera`.

    All coordinates in the grid's unit: metres, or image widths where there is no calibration. `view` is None on an
    image plane and for trajectories that are in metres already. `polygons` one (k, 2) per zone, `door` bool (Z,):
    people appear and vanish in it; `ends` (L, 2, 2), `entrance` bool (L,): who crosses it comes into the store or
    leaves it. `area` is what this camera answers for, `parts` of each line (p, 2, 2) what lies within. `masks` are
    privacy masks, each (k, 2) in shares of the picture's width and height. `screens` are seen from a zone of which the
    camera answers for a part; `segments` are those that it can know; `timezone` is the site's.
    """

    camera: str
    view: View | None
    size_px: tuple[int, int] | None
    zone_ids: tuple[str, ...]
    polygons: tuple[F64, ...]
    door: Bool
    line_ids: tuple[str, ...]
    ends: F64
    entrance: Bool
    parts: tuple[F64, ...]
    area: Area
    gap_s: float = 1.0
    site_version: int = 0
    masks: tuple[F64, ...] = ()
    screens: ScreenPlaces = field(default_factory=ScreenPlaces.none)
    segments: Segments = field(default_factory=Segments)
    timezone: str = "UTC"

    @property
    def grid(self) -> Grid:
        """The plane's cells."""
        return self.area.grid

    @property
    def has_audience(self) -> bool:
        """Whether anything is asked about people beside their places."""
        return bool(len(self.segments) or len(self.screens))

    @property
    def clear(self) -> float:
        """How far from a line one must be to have crossed it: 10 cm, or 1 % of the image's width."""
        return 0.1 if self.grid.unit == "m" else 0.01

    @property
    def standing(self) -> float:
        """How far from one place who stands there strays: 50 cm, or 3 % of the image's width."""
        return 0.5 if self.grid.unit == "m" else 0.03


def view_site(camera_id: str, size_px: tuple[int, int] | None, bounds_m: tuple[float, ...] = (0, 0, 1, 1)) -> Site:
    """Without a `site.yaml`: one zone over the whole picture, or over the extent x0, y0, x1, y1 of trajectories."""
    if size_px is not None:
        whole = Zone(kind="view", camera=camera_id, polygon=[(0, 0), (1, 0), (1, 1), (0, 1)])
        return Site(site="replay", version=0, cameras={camera_id: Camera(resolution_px=size_px)}, zones={VIEW: whole})
    cell = Floor.model_fields["cell_m"].default
    (x0, y0), (x1, y1) = np.floor(np.array(bounds_m[:2]) / cell) * cell, np.ceil(np.array(bounds_m[2:]) / cell) * cell
    corners = [(x0, y0), (max(x1, x0 + cell), max(y1, y0 + cell))]
    (x0, y0), (x1, y1) = corners
    whole = Zone(kind="view", polygon_m=[(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    floor = Floor(bounds_m=((x0, y0), (x1, y1)))
    return Site(site="replay", version=0, floor=floor, cameras={camera_id: Camera()}, zones={VIEW: whole})


def site_layout(site: Site, camera_id: str, size_px: tuple[int, int] | None, *, senses: Senses = PLACES_ONLY) -> Layout:
    """The part of `site` that concerns one camera; `size_px` None for trajectories in metres.

    `senses`: what it can know of people beside their places.

    Raises:
        ConfigError: the site does not know the camera, or its calibration does not hold.
    """
    places = _places(site, camera_id, size_px)
    return replace(
        places,
        screens=_screens(site, places),
        segments=compile_segments(site.segments, places.zone_ids, senses),
        timezone=site.timezone,
    )


def _places(site: Site, camera_id: str, size_px: tuple[int, int] | None) -> Layout:
    if size_px is None:
        return _floor_layout(site, camera_id, None)
    camera = site.cameras.get(camera_id)
    if camera is None:
        known = ", ".join(site.cameras) or "none"
        raise ConfigError(f"site {site.site!r} has no camera {camera_id!r}; its cameras: {known}")
    masks = tuple(np.array(mask, dtype=np.float64) for mask in camera.masks)
    if camera.calibration is None:
        return replace(_image_layout(site, camera_id, size_px), masks=masks)
    return replace(_floor_layout(site, camera_id, _view(site, camera_id, size_px)), masks=masks)


def _view(site: Site, camera_id: str, size_px: tuple[int, int] | None) -> View:
    try:
        return camera_view(site.cameras[camera_id], size_px)
    except GeometryError as error:
        raise ConfigError(f"site {site.site!r}: cameras.{camera_id}.calibration: {error}") from None


def _floor_layout(site: Site, camera_id: str, view: View | None) -> Layout:
    """What is drawn on the picture of any calibrated camera lies on the floor, and concerns all."""
    if site.floor is None:
        raise ConfigError(f"site {site.site!r} has no floor; trajectories and calibrated cameras need floor.bounds_m")

    def place(on_floor: object, camera: str | None, on_image: object) -> F64 | None:
        if on_floor is not None:
            return np.array(on_floor, dtype=np.float64)
        if camera is None or site.cameras[camera].calibration is None:
            return None
        drawn_on = view if view is not None and camera == camera_id else _view(site, camera, None)
        return _below_horizon(drawn_on, np.array(on_image) * drawn_on.size_px, camera)

    size_px = view.size_px if view is not None else None
    return _assemble(site, camera_id, place, area=_area(site, camera_id, site.floor), view=view, size_px=size_px)


def _area(site: Site, camera_id: str, floor: Floor) -> Area:
    calibrated = [key for key, camera in site.cameras.items() if camera.calibration is not None]
    if camera_id not in calibrated or len(calibrated) == 1:
        return Area.whole(floor_grid(floor))
    return site_areas(site)[camera_id]


def site_areas(site: Site) -> dict[str, Area]:
    """What each calibrated camera of a site answers for.

    Raises:
        ConfigError: a calibration does not hold.
    """
    try:
        seen = coverage(site)
    except GeometryError as error:
        raise ConfigError(f"site {site.site!r}: {error}") from None
    if seen is None:
        return {}
    owner = owners(seen)
    return {key: Area.of_cells(seen.grid, owner == i) for i, key in enumerate(seen.cameras)}


def _image_layout(site: Site, camera_id: str, size_px: tuple[int, int]) -> Layout:
    scale = np.array([1.0, size_px[1] / size_px[0]])

    def place(on_floor: object, camera: str | None, on_image: object) -> F64 | None:
        return np.array(on_image) * scale if camera == camera_id else None

    return _assemble(site, camera_id, place, area=Area.whole(_image_grid(size_px)), view=None, size_px=size_px)


def _assemble(
    site: Site, camera_id: str, place: Place, *, area: Area, view: View | None, size_px: tuple[int, int] | None
) -> Layout:
    zones = {key: (zone, place(zone.polygon_m, zone.camera, zone.polygon)) for key, zone in site.zones.items()}
    lines = {key: (line, place(line.ends_m, line.camera, line.ends)) for key, line in site.lines.items()}
    here = {key: (zone, polygon) for key, (zone, polygon) in zones.items() if polygon is not None}
    crossed = {key: (line, ends) for key, (line, ends) in lines.items() if ends is not None}
    ends = np.array([ends for _, ends in crossed.values()], dtype=np.float64).reshape(-1, 2, 2)
    return Layout(
        camera=camera_id,
        view=view,
        size_px=size_px,
        zone_ids=tuple(here),
        polygons=tuple(polygon for _, polygon in here.values()),
        door=np.array([zone.kind in ("entrance", "street", "view") for zone, _ in here.values()], dtype=np.bool_),
        line_ids=tuple(crossed),
        ends=ends,
        entrance=np.array([line.entrance for line, _ in crossed.values()], dtype=np.bool_),
        parts=tuple(area.parts(line) for line in ends),
        area=area,
        gap_s=site.gap_s,
        site_version=site.version,
    )


def _screens(site: Site, places: Layout) -> ScreenPlaces:
    """On an image a screen has its zone, but no place that people could be turned to."""
    own = _answered_zones(places)
    seen = {key: screen for key, screen in site.screens.items() if screen.zone in own}
    on_floor = places.grid.unit == "m"
    angle = np.radians([screen.facing_deg for screen in seen.values()])
    at = np.array([screen.at_m for screen in seen.values()], np.float64).reshape(-1, 2)
    facing = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return ScreenPlaces(
        ids=tuple(seen),
        zone=np.array([places.zone_ids.index(screen.zone) for screen in seen.values() if screen.zone], np.int64),
        at=at if on_floor else np.full_like(at, np.nan),
        facing=facing if on_floor else np.full_like(facing, np.nan),
        camera=np.array(places.view.place_m[:2]) if places.view is not None else np.full(2, np.nan),
    )


def _answered_zones(places: Layout) -> set[str]:
    """Zones of which the camera answers for a part, by the middles of their cells; a small one's by its corners."""
    points = np.concatenate([places.grid.centres(), *places.polygons])
    own = places.area.depth_at(points, places.grid.cells(points)) > 0
    here = np.asarray(ZoneMap(list(places.polygons)).contains(points[own])).any(axis=0)
    return {places.zone_ids[i] for i in np.flatnonzero(here)}


def _below_horizon(view: View, xy_px: F64, camera_id: str) -> F64:
    ground, below = view.to_ground(xy_px)
    if not below.all():
        raise ConfigError(
            f"a zone or line drawn on camera {camera_id!r} reaches above its horizon; draw it on the floor"
        )
    return ground


def _image_grid(size_px: tuple[int, int]) -> Grid:
    cell = 1 / IMAGE_COLUMNS
    return Grid("image", cell, (0.0, 0.0), (int(np.ceil(size_px[1] / size_px[0] / cell - 1e-9)), IMAGE_COLUMNS))
