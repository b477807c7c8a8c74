"""What the cameras see of the floor that a heat grid lies on, and how long each of its cells was watched."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from contract.coverage import walkable
from contract.geometry import points_in_polygon
from contract.grid import Grid
from contract.site import Site, Zone
from server.covered import covered, floor_document, seconds_by_cell

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Seen:
    """Of the cells of one grid (rows, columns): `free`, where one can stand; `seen`, of these where a camera sees.

    `camera` i64: which of `cameras` answers for a cell, -1 for none.
    """

    grid: Grid
    free: Mask
    seen: Mask
    camera: npt.NDArray[np.int64]
    cameras: tuple[str, ...]

    @property
    def share(self) -> float:
        """Share of the free cells that is seen."""
        free = int(self.free.sum())
        return float(self.seen.sum() / free) if free else 0.0

    def hours(self, observed_s: Mapping[str, float]) -> Floats:
        """Hours that each cell was watched by the camera that answers for it (rows, columns); 0 without one.

        Args:
            observed_s: seconds by camera.
        """
        return seconds_by_cell(self.camera, self.cameras, observed_s) / 3600


def seen_on(site: Site, grid: Grid) -> Seen | None:
    """The floor under `grid`; None where nothing is known: a camera's own picture, or no camera that can be placed."""
    if grid.unit != "m" or site.floor is None:
        return None
    found = covered(site)
    if found is None or not found.cameras:
        return None
    return _on_grid(floor_document(site), grid)


@lru_cache(maxsize=16)
def _on_grid(document: str, grid: Grid) -> Seen:
    site = Site.model_validate_json(document)
    found = covered(site)
    assert site.floor is not None and found is not None  # noqa: S101 - asked by the caller
    cells = grid.centres()
    at = found.grid.cells(cells)
    inside = at >= 0
    free = walkable(site.floor, cells) & inside
    seen = found.seen_by_any[at] & free
    camera = np.where(inside, found.best[at], -1)
    shape = grid.shape
    return Seen(grid, free.reshape(shape), seen.reshape(shape), camera.reshape(shape), found.cameras)


def bare(site: Site, grid: Grid) -> Mask:
    """Where one can stand when nothing is known of cameras (rows, columns)."""
    if grid.unit != "m" or site.floor is None:
        return np.ones(grid.shape, np.bool_)
    return np.asarray(walkable(site.floor, grid.centres()).reshape(grid.shape))


@lru_cache(maxsize=512)
def cells_within(polygon: tuple[tuple[float, float], ...], grid: Grid) -> Mask:
    """Cells whose middle lies in a polygon (rows, columns)."""
    inside = points_in_polygon(grid.centres(), np.array(polygon, dtype=np.float64))
    return np.asarray(inside.reshape(grid.shape))


def zone_share(site: Site, zone: Zone) -> float | None:
    """Share of a zone's free floor that a camera sees; None on a picture, or where nothing is known."""
    found = covered(site) if zone.polygon_m else None
    if found is None or not found.cameras:
        return None
    inside = cells_within(tuple(zone.polygon_m or ()), found.grid).ravel() & found.walkable
    return float(found.seen_by_any[inside].mean()) if inside.any() else None
