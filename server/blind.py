"""A store's blind spots over a period: what the cameras see by geometry, and what was counted, day by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from contract.coverage import Coverage
from contract.geometry import distance_to_lines, points_in_polygon
from contract.grid import Grid
from contract.site import Site
from server.covered import covered, seconds_by_cell
from server.db.heat import HeatGrid, heat_days
from server.db.observed import observed
from server.db.spans import local_days
from server.domain.blindspots import BlindSpots, find_blind_spots
from server.domain.ground import Counts, Ground, Unseen

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

SHOPPING = ("area", "category")
"""Kinds of zones in which people stop for goods."""


@dataclass(frozen=True, slots=True)
class Found:
    """Blind spots on the floor's grid. `days` were counted."""

    coverage: Coverage
    spots: BlindSpots
    days: int
    observed_s: float
    """Seconds watched by the camera that watched longest."""

    @property
    def grid(self) -> Grid:
        """The floor's cells."""
        return self.coverage.grid


def blind_spots(conn: Connection, site: Site, *, start: float, end: float) -> Found | None:
    """Blind spots over [start, end) seconds; None without a floor or a camera whose place on it is known."""
    seen = covered(site)
    if seen is None or not seen.cameras:
        return None
    days = heat_days(conn, site=site.site, start=start, end=end)
    grids = {day: grid for day, found in days.items() if (grid := _on(found, seen.grid)) is not None}
    watched = _watched(conn, site, start, end)
    counts = _counts(seen, grids, watched)
    longest = max((sum(of.get(camera, 0.0) for of in watched.values()) for camera in seen.cameras), default=0.0)
    return Found(seen, find_blind_spots(ground_of(site, seen), counts), len(grids), longest)


def ground_of(site: Site, seen: Coverage) -> Ground:
    """The floor as the blind spots' question needs it."""
    cells, shape = seen.grid.centres(), seen.grid.shape

    def on(polygon: Sequence[tuple[float, float]]) -> Mask:
        return np.asarray(points_in_polygon(cells, np.array(polygon, dtype=np.float64)).reshape(shape))

    zones = {key: on(zone.polygon_m) for key, zone in site.zones.items() if zone.polygon_m and zone.kind in SHOPPING}
    fixtures = site.floor.fixtures if site.floor else []
    return Ground(
        cell_m=seen.grid.cell,
        walkable=seen.walkable.reshape(shape),
        unseen=_unseen(seen).reshape(shape),
        exit_m=_exit_m(site, cells).reshape(shape),
        zones=zones,
        fixtures={f"{i}": on(fixture.polygon_m) for i, fixture in enumerate(fixtures) if not fixture.is_floor},
    )


def _unseen(seen: Coverage) -> npt.NDArray[np.int64]:
    """Why a cell is not seen, by the camera that comes nearest to seeing it."""
    clear = seen.in_picture & ~seen.shadowed
    reasons = np.full(len(seen.grid), int(Unseen.NO_CAMERA), dtype=np.int64)
    reasons[seen.in_picture.any(axis=0)] = Unseen.SHADOWED
    reasons[clear.any(axis=0)] = Unseen.MASKED
    reasons[(clear & ~seen.masked).any(axis=0)] = Unseen.TOO_SMALL
    reasons[seen.seen_by_any] = Unseen.SEEN
    return reasons


def _exit_m(site: Site, cells: Floats) -> Floats:
    """Distance of each cell to the nearest entrance line or zone; inf without any."""
    doors = [np.array(line.ends_m) for line in site.lines.values() if line.entrance and line.ends_m]
    for zone in site.zones.values():
        if zone.kind == "entrance" and zone.polygon_m:
            corners = np.array(zone.polygon_m)
            doors += list(np.stack([corners, np.roll(corners, -1, axis=0)], axis=1))
    if not doors:
        return np.full(len(cells), np.inf)
    ends = np.array(doors)
    return np.asarray(distance_to_lines(cells, ends[:, 0], ends[:, 1]).min(axis=1))


def _on(grids: Sequence[HeatGrid], grid: Grid) -> HeatGrid | None:
    """The day's heat on the floor as it is mapped now; days of an earlier plan cannot be compared."""
    name = (grid.cell, grid.origin, grid.shape)
    return next((g for g in grids if g.camera is None and (g.cell, g.origin, g.shape) == name), None)


def _watched(conn: Connection, site: Site, start: float, end: float) -> dict[date, dict[str, float]]:
    """Seconds by day and camera, without those in which the camera's places were not to be relied on."""
    return {
        day: {
            camera: of.observed_s - of.moved_s
            for camera, of in observed(conn, site=site.site, start=first, end=last).items()
        }
        for day, first, last in local_days(conn, site=site.site, start=start, end=end)
    }


def _counts(seen: Coverage, grids: dict[date, HeatGrid], watched: dict[date, dict[str, float]]) -> Counts:
    layers = {name: _stack(seen.grid, [getattr(grid, name) for grid in grids.values()]) for name in _LAYERS}
    seconds = [seconds_by_cell(seen.best, seen.cameras, watched.get(day, {})) for day in grids]
    return Counts(**layers, observed_s=_stack(seen.grid, seconds))


_LAYERS = ("person_s", "visits", "stops", "lost")


def _stack(grid: Grid, days: Sequence[npt.NDArray[np.generic]]) -> Floats:
    return np.array(days, dtype=np.float64).reshape(len(days), *grid.shape)
