"""Where people were: person-seconds per cell."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, select

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


Rows = Sequence[Row[*tuple[Any, ...]]]


def heat(conn: Connection, *, site: str, start: float, end: float, camera: str | None = None) -> list[HeatGrid]:
    """Grids over [start, end) seconds: the floor first, then each camera that has only its image.

    With `camera`, only what this camera saw, on the floor or on its image. A changed floor plan makes a second grid.
    """
    span = cut(start, end)
    rows = [*_from_hours(conn, site, span.hours, camera)]
    for part in (span.head, span.tail):
        rows += _from_windows(conn, site, part, camera)
    totals: dict[int, Floats] = {}
    observed: defaultdict[int, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    grids = {row.id: row for row in conn.execute(select(heat_grids).where(heat_grids.c.site == site))}
    for grid_id, seen_by, observed_s, cells in rows:
        grid = grids[grid_id]
        add_into(totals.setdefault(grid_id, np.zeros((grid.rows, grid.columns))), cells)
        observed[grid_id][seen_by] += observed_s
    found = [_grid(grids[i], total, max(observed[i].values())) for i, total in totals.items()]
    return sorted(found, key=lambda grid: (grid.camera is not None, grid.camera or "", -grid.observed_s))


def _from_hours(conn: Connection, site: str, ms: tuple[int, int], camera: str | None) -> Rows:
    h = hour_heat.c
    query = select(h.grid_id, h.camera, h.observed_s, h.cells).where(
        h.site == site, h.hour_ms >= ms[0], h.hour_ms < ms[1]
    )
    return conn.execute(query.where(h.camera == camera) if camera else query).all() if ms[0] < ms[1] else []


def _from_windows(conn: Connection, site: str, ms: tuple[int, int], camera: str | None) -> Rows:
    w = windows.c
    query = (
        select(window_heat.c.grid_id, w.camera, w.observed_s, window_heat.c.cells)
        .join_from(window_heat, windows)
        .where(w.site == site, w.t_start_ms >= ms[0], w.t_start_ms < ms[1])
    )
    return conn.execute(query.where(w.camera == camera) if camera else query).all() if ms[0] < ms[1] else []


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
