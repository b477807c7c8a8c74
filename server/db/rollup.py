"""Hours from windows: derived again whole when one of their windows comes in, so running it twice changes nothing."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, insert, literal, select

from contract.messages import DWELL_BINS_S
from server.db.packing import Floats, add_into, pack_dense
from server.db.spans import HOUR_MS
from server.db.tables import (
    heat_grids,
    hour_heat,
    hour_lines,
    hour_zones,
    hours,
    window_heat,
    window_lines,
    window_zones,
    windows,
)

DWELL_SHAPE = (4, len(DWELL_BINS_S))
"""left, lost, late_left, late_lost; each by dwell bin."""


_KEY = ("site", "hour_ms", "camera")


class HourKey(NamedTuple):
    """One camera's hour."""

    site: str
    camera: str
    hour_ms: int


def refresh(conn: Connection, keys: Iterable[HourKey]) -> None:
    """Derive the hours named by `keys` anew from their windows, within the caller's transaction."""
    for key in sorted(set(keys)):
        conn.execute(
            delete(hours).where(hours.c.site == key.site, hours.c.hour_ms == key.hour_ms, hours.c.camera == key.camera)
        )
        conn.execute(
            insert(hours).from_select([*_KEY, "observed_s", "frames", "presence_s", "occupancy_max"], _total(key))
        )
        conn.execute(insert(hour_lines).from_select([*_KEY, "line", "entered", "left", "observed_s"], _lines(key)))
        _refresh_zones(conn, key)
        _refresh_heat(conn, key)


def _key_values(key: HourKey) -> list[ColumnElement[str] | ColumnElement[int]]:
    return [literal(key.site), literal(key.hour_ms, windows.c.t_start_ms.type), literal(key.camera)]


def _within(key: HourKey) -> ColumnElement[bool]:
    return and_(
        windows.c.site == key.site,
        windows.c.camera == key.camera,
        windows.c.t_start_ms >= key.hour_ms,
        windows.c.t_start_ms < key.hour_ms + HOUR_MS,
    )


def _total(key: HourKey) -> Select[*tuple[Any, ...]]:
    w = windows.c
    sums = [func.sum(w.observed_s), func.sum(w.frames), func.sum(w.presence_s), func.max(w.occupancy_max)]
    return select(*_key_values(key), *sums).where(_within(key)).having(func.count() > 0)


def _lines(key: HourKey) -> Select[*tuple[Any, ...]]:
    c = window_lines.c
    sums = [func.sum(c.entered), func.sum(c.left), func.sum(windows.c.observed_s)]
    return (
        select(*_key_values(key), c.line, *sums).join_from(window_lines, windows).where(_within(key)).group_by(c.line)
    )


def _refresh_zones(conn: Connection, key: HourKey) -> None:
    z = window_zones.c
    sums = (
        func.sum(z.entries).label("entries"),
        func.sum(z.visits).label("visits"),
        func.sum(z.presence_s).label("presence_s"),
        func.sum(z.dwell_sum_s).label("dwell_sum_s"),
        func.max(z.occupancy_max).label("occupancy_max"),
        func.sum(windows.c.observed_s).label("observed_s"),
    )
    query = select(z.zone, *sums).join_from(window_zones, windows).where(_within(key)).group_by(z.zone)
    rows = [dict(row._mapping) for row in conn.execute(query)]
    dwell = _dwell(conn, key)
    if rows:
        conn.execute(insert(hour_zones), [key._asdict() | row | {"dwell": dwell.get(row["zone"])} for row in rows])


def _dwell(conn: Connection, key: HourKey) -> dict[str, bytes]:
    query = select(window_zones.c.zone, window_zones.c.dwell).join_from(window_zones, windows)
    tables: defaultdict[str, Floats] = defaultdict(lambda: np.zeros(DWELL_SHAPE))
    for zone, packed in conn.execute(query.where(_within(key), window_zones.c.dwell.is_not(None))):
        add_into(tables[zone], packed)
    return {zone: pack_dense(table) for zone, table in tables.items()}


def _refresh_heat(conn: Connection, key: HourKey) -> None:
    g = heat_grids.c
    query = (
        select(g.id, g.rows, g.columns, window_heat.c.cells, windows.c.observed_s)
        .select_from(window_heat)
        .join(windows)
        .join(heat_grids)
        .where(_within(key))
    )
    grids: dict[int, Floats] = {}
    observed: defaultdict[int, float] = defaultdict(float)
    for grid_id, rows, columns, cells, observed_s in conn.execute(query):
        add_into(grids.setdefault(grid_id, np.zeros((rows, columns))), cells)
        observed[grid_id] += observed_s
    values = [{"grid_id": i, "observed_s": observed[i], "cells": pack_dense(grid)} for i, grid in grids.items()]
    if values:
        conn.execute(insert(hour_heat), [key._asdict() | value for value in values])
