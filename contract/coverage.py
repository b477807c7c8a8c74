"""What the calibrated cameras of a site see of its floor, and which of them answers for which place.

Follows from `site.yaml` alone, so that box and server agree on it without a word.
"""

from dataclasses import dataclass

import numpy as np

from contract.arrays import F64, I64, Bool
from contract.errors import GeometryError
from contract.geometry import points_in_polygon
from contract.grid import Grid, floor_grid
from contract.site import Camera, Fixture, Floor, Site
from contract.view import View, camera_view

_CHUNK = 512
"""Cells tested against all edges at once."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Over the cells (n,) of the floor's grid, for the calibrated cameras (c,).

    `person_share` f64 (c, n): height of a person there, as a share of the picture's width; 0 outside the picture.
    `shadowed` bool (c, n): something stands between. `masked` bool (c, n): behind a privacy mask. `seen` bool (c, n):
    none of these, and tall enough for the detector. `walkable` bool (n,). `best` i64 (n,): the camera that answers for
    the cell, -1 where none has it in its picture.
    """

    grid: Grid
    cameras: tuple[str, ...]
    walkable: Bool
    person_share: F64
    shadowed: Bool
    masked: Bool
    seen: Bool
    best: I64

    @property
    def in_picture(self) -> Bool:
        """Cells whose floor lies within a camera's picture (c, n)."""
        return self.person_share > 0

    @property
    def seen_by_any(self) -> Bool:
        """Cells that at least one camera sees (n,)."""
        result: Bool = np.asarray(self.seen.any(axis=0))
        return result

    @property
    def share(self) -> float:
        """Share of the walkable floor that is seen; 0 where nothing is walkable."""
        walkable = int(self.walkable.sum())
        return float((self.seen_by_any & self.walkable).sum() / walkable) if walkable else 0.0


def coverage(site: Site) -> Coverage | None:
    """The site's coverage; None where there is no floor.

    Raises:
        GeometryError: a camera's calibration does not hold; the message names it.
    """
    if site.floor is None:
        return None
    grid = floor_grid(site.floor)
    cells = grid.centres()
    calibrated = {key: camera for key, camera in site.cameras.items() if camera.calibration is not None}
    views = {key: _view(key, camera) for key, camera in calibrated.items()}
    shape = (len(views), len(cells))
    share, shadowed, masked = np.zeros(shape), np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
    smallest = np.zeros((len(views), 1))
    for i, (key, view) in enumerate(views.items()):
        share[i] = view.person_px(cells) / view.size_px[0]
        shown = share[i] > 0
        shadowed[i, shown] = _shadowed(view.place_m, cells[shown], site.floor.fixtures)
        masked[i] = _masked(calibrated[key], view, cells)
        smallest[i] = calibrated[key].smallest_person
    seen = (share >= smallest) & ~shadowed & ~masked
    free = walkable(site.floor, cells)
    return Coverage(grid, tuple(views), free, share, shadowed, masked, seen & free, _best(share, shadowed | masked))


def walkable(floor: Floor, cells: F64) -> Bool:
    """Which places (n, 2) people can stand on: within the outline, and not on a fixture."""
    free: Bool = np.ones(len(cells), np.bool_)
    if floor.outline_m is not None:
        free = points_in_polygon(cells, np.array(floor.outline_m, dtype=np.float64))
    for fixture in floor.fixtures:
        if not fixture.is_floor:
            free &= ~points_in_polygon(cells, np.array(fixture.polygon_m, dtype=np.float64))
    return free


def _view(key: str, camera: Camera) -> View:
    try:
        return camera_view(camera)
    except GeometryError as error:
        raise GeometryError(f"cameras.{key}.calibration: {error}") from None


def _best(share: F64, hidden: Bool) -> I64:
    """Who shows a person tallest answers for the cell; a camera that cannot see them only where nobody can."""
    if not len(share):
        return np.full(share.shape[1], -1, np.int64)
    score = share * np.where(hidden, 1e-6, 1.0)
    result: I64 = np.where(score.max(axis=0) > 0, score.argmax(axis=0), -1).astype(np.int64)
    return result


def _masked(camera: Camera, view: View, cells: F64) -> Bool:
    feet, _ = view.to_image(np.column_stack([cells, np.zeros(len(cells))]))
    hidden: Bool = np.zeros(len(cells), np.bool_)
    known = np.isfinite(feet).all(axis=1)
    for mask in camera.masks:
        hidden[known] |= points_in_polygon(feet[known], np.array(mask) * view.size_px)
    return hidden


def _shadowed(place_m: tuple[float, float, float], cells: F64, fixtures: list[Fixture]) -> Bool:
    """Where a fixture hides a person's feet from a camera at `place_m`: it stands in the low part of the line of sight.

    The line from the feet rises evenly to the camera; up to the share top / height of its way it is below the
    fixture's top.
    """
    camera = np.array(place_m[:2])
    hidden: Bool = np.zeros(len(cells), np.bool_)
    for fixture in fixtures:
        if fixture.is_floor:
            continue
        low = min(1.0, fixture.top_m / max(place_m[2], 1e-6))
        polygon = np.array(fixture.polygon_m, dtype=np.float64)
        hidden |= _meets(cells, cells + (camera - cells) * low, polygon)
    return hidden


def _meets(start: F64, end: F64, polygon: F64) -> Bool:
    """Which segments start-end (n, 2) cross an edge of the polygon; only those whose boxes touch are looked at."""
    a, b = polygon, np.roll(polygon, -1, axis=0)
    first, last, low, high = np.minimum(start, end), np.maximum(start, end), polygon.min(axis=0), polygon.max(axis=0)
    touch_x = (first[:, 0] <= high[0]) & (last[:, 0] >= low[0])
    near = np.flatnonzero(touch_x & (first[:, 1] <= high[1]) & (last[:, 1] >= low[1]))
    result: Bool = np.zeros(len(start), np.bool_)
    for i in range(0, len(near), _CHUNK):
        some = near[i : i + _CHUNK]
        p, q = start[some, None], end[some, None]
        apart = (_side(p, q, a) * _side(p, q, b) < 0) & (_side(a, b, p) * _side(a, b, q) < 0)
        result[some] = apart.any(axis=1)
    return result


def _side(a: F64, b: F64, p: F64) -> F64:
    result: F64 = (b[..., 0] - a[..., 0]) * (p[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (p[..., 0] - a[..., 0])
    return result
