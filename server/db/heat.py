"""Where people were: person-seconds per cell."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, Select, select

from server.db.packing import Floats, add_into
from server.db.spans import cut
from server.db.tables import heat_grids, hour_heat, window_heat, windows


@dataclass(frozen=True, slots=True)
class HeatGrid:
    """Person-seconds on one grid over a period.

    `person_s` is (rows, columns); cell (i, j) covers [origin + (j, i)·cell, origin + (j+1, i+1)·cell), so that row 0
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
    observed_s: float
    """Seconds watched by the camera that watched longest."""


Query = Select[*tuple[Any, ...]]


def heat(conn: Connection, *, site: str, start: float, end: float, camera: str | None = None) -> list[HeatGrid]:
    """Grids over [start, end) seconds: the floor first, then each camera that has only its image.

    With `camera`, only what this camera saw, on the floor or on its image. A changed floor plan makes a second grid.
    """
    span = cut(start, end)
    parts = [_from_hours(site, span.hours, camera)]
    parts += [_from_windows(site, part, camera) for part in (span.head, span.tail) if part[0] < part[1]]
    totals: dict[int, Floats] = {}
    observed: defaultdict[int, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    grids = {row.id: row for row in conn.execute(select(heat_grids).where(heat_grids.c.site == site))}
    # Streamed: a month of a large store is more than a small server's memory.
    rows = (row for part in parts for row in conn.execute(part.execution_options(yield_per=200)))
    for grid_id, seen_by, observed_s, cells in rows:
        grid = grids[grid_id]
        add_into(totals.setdefault(grid_id, np.zeros((grid.rows, grid.columns))), cells)
        observed[grid_id][seen_by] += observed_s
    found = [_grid(grids[i], total, max(observed[i].values())) for i, total in totals.items()]
    return sorted(found, key=lambda grid: (grid.camera is not None, grid.camera or "", -grid.observed_s))


def _from_hours(site: str, ms: tuple[int, int], camera: str | None) -> Query:
    h = hour_heat.c
    query = select(h.grid_id, h.camera, h.observed_s, h.cells).where(
        h.site == site, h.hour_ms >= ms[0], h.hour_ms < ms[1]
    )
    return query.where(h.camera == camera) if camera else query


def _from_windows(site: str, ms: tuple[int, int], camera: str | None) -> Query:
    w = windows.c
    query = (
        select(window_heat.c.grid_id, w.camera, w.observed_s, window_heat.c.cells)
        .join_from(window_heat, windows)
        .where(w.site == site, w.t_start_ms >= ms[0], w.t_start_ms < ms[1])
    )
    return query.where(w.camera == camera) if camera else query


def _grid(row: Row[*tuple[Any, ...]], person_s: Floats, observed_s: float) -> HeatGrid:
    return HeatGrid(
        camera=row.camera or None,
        unit=row.unit,
        cell=row.cell,
        origin=(row.origin_x, row.origin_y),
        shape=(row.rows, row.columns),
        person_s=person_s,
        observed_s=observed_s,
    )
