"""Where people were, went through, stopped, and were lost: counts per cell."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, Select, select

from server.db.local_time import Hours
from server.db.packing import Floats, Ints, add_grid
from server.db.rollup import HEAT_LAYERS
from server.db.rollup_tables import Level
from server.db.spans import begins_within, cut, local_days
from server.db.tables import heat_grids, window_heat, windows


@dataclass(frozen=True, slots=True)
class HeatGrid:
    """What happened on one grid over a period.

    The layers are (rows, columns); cell (i, j) covers [origin + (j, i)·cell, origin + (j+1, i+1)·cell), so that row 0
    lies at the origin's y.
    """

    camera: str | None
    """None for the floor, on which all calibrated cameras add up."""
    unit: str
    """`m` on the floor, `image` for shares of one camera's image width."""
    cell: float
    origin: tuple[float, float]
    shape: tuple[int, int]
    person_s: Floats
    """Person-seconds."""
    visits: Ints
    """People who came into the cell."""
    stops: Ints
    """Stops that were made in it."""
    lost: Ints
    """Tracks that broke off in it."""
    observed_s: float
    """Seconds watched by the camera that watched longest."""


Query = Select[*tuple[Any, ...]]


def heat(
    conn: Connection, *, site: str, start: float, end: float, camera: str | None = None, hours: Hours | None = None
) -> list[HeatGrid]:
    """Grids over [start, end) seconds: the floor first, then each camera that has only its image.

    With `camera`, only what this camera saw, on the floor or on its image; with `hours`, only in these. A changed floor
    plan makes a second grid.
    """
    span = cut(conn, site=site, start=start, end=end, hours=hours)
    parts = [_from_level(level, site, starts, camera) for level, starts in span.levels()]
    parts += [_from_windows(site, part, camera) for part in span.windows]
    totals: dict[int, Ints] = {}
    observed: defaultdict[int, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    grids = {row.id: row for row in conn.execute(select(heat_grids).where(heat_grids.c.site == site))}
    # Streamed: a month of a large store is more than a small server's memory.
    rows = (row for part in parts for row in conn.execute(part.execution_options(yield_per=200)))
    for grid_id, seen_by, observed_s, cells in rows:
        grid = grids[grid_id]
        add_grid(totals.setdefault(grid_id, np.zeros((len(HEAT_LAYERS), grid.rows * grid.columns), np.int64)), cells)
        observed[grid_id][seen_by] += observed_s
    found = [_grid(grids[i], total, max(observed[i].values())) for i, total in totals.items()]
    return sorted(found, key=lambda grid: (grid.camera is not None, grid.camera or "", -grid.observed_s))


def heat_days(
    conn: Connection, *, site: str, start: float, end: float, camera: str | None = None, hours: Hours | None = None
) -> dict[date, list[HeatGrid]]:
    """As `heat`, for each of the site's days that the period touches: replicates. Days without data are left out."""
    pieces = local_days(conn, site=site, start=start, end=end)
    found = {day: heat(conn, site=site, start=a, end=b, camera=camera, hours=hours) for day, a, b in pieces}
    return {day: grids for day, grids in found.items() if grids}


def _from_level(level: Level, site: str, starts: tuple[int, ...], camera: str | None) -> Query:
    h = level.heat.c
    query = select(h.grid_id, h.camera, h.observed_s, h.cells).where(level.within(level.heat, site, starts))
    return query.where(h.camera == camera) if camera else query


def _from_windows(site: str, ms: tuple[int, int], camera: str | None) -> Query:
    w, h = windows.c, window_heat.c
    query = select(h.grid_id, w.camera, w.observed_s, h.cells).join_from(window_heat, windows)
    query = query.where(begins_within(site, ms))
    return query.where(w.camera == camera) if camera else query


def _grid(row: Row[*tuple[Any, ...]], total: Ints, observed_s: float) -> HeatGrid:
    shape = (row.rows, row.columns)
    presence_ms, visits, stops, lost = (layer.reshape(shape) for layer in total)
    return HeatGrid(
        camera=row.camera or None,
        unit=row.unit,
        cell=row.cell,
        origin=(row.origin_x, row.origin_y),
        shape=shape,
        person_s=presence_ms / 1000,
        visits=visits,
        stops=stops,
        lost=lost,
        observed_s=observed_s,
    )
