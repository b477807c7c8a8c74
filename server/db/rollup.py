"""Hours from windows and days from hours: always derived anew and whole, so doing it twice changes nothing.

An hour is derived when one of its windows comes in, in the same transaction. Its day is struck off `days` then, and
added up again by `roll_up_days` in quiet; meanwhile hours answer for it. So a minute that arrives costs no more on the
last day of a month than on the first.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    FromClause,
    Table,
    and_,
    case,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from contract.messages import DWELL_BINS_S
from server.db.local_time import HOUR_MS, day_of, day_start, hour_start, next_hour
from server.db.packing import Ints, add_grid, pack_grid, pack_table, sum_tables
from server.db.rollup_tables import DAYS, HOURS, Level, days, hours
from server.db.spans import timezone_of, to_ms
from server.db.tables import heat_grids, sites, window_flows, window_heat, window_lines, window_zones, windows

DWELL_SHAPE = (4, len(DWELL_BINS_S))
"""left, lost, late_left, late_lost; each by dwell bin."""
HEAT_LAYERS = ("presence_ms", "visits", "stops", "lost")
"""What is counted in each cell of a grid, in this order."""
QUIET_S = 900.0
"""A day is added up when it has been over for so long: its last windows are in by then."""

Columns = ReadOnlyColumnCollection[str, Any]
Sums = dict[str, ColumnElement[Any]]
Rows = list[dict[str, Any]]


class _Part(NamedTuple):
    """Where one subject's counts stand, and beside them which camera saw it, when and how long."""

    source: FromClause
    counts: Columns
    seen: Columns


class _Source(NamedTuple):
    """What is added up: windows or hours."""

    start: str
    moved_s: ColumnElement[float]
    totals: _Part
    lines: _Part
    zones: _Part
    heat: _Part
    flows: _Part


def _beside(table: Table) -> _Part:
    return _Part(table.join(windows), table.c, windows.c)


def _itself(table: Table) -> _Part:
    return _Part(table, table.c, table.c)


_WINDOWS = _Source(
    "t_start_ms",
    case((windows.c.moved, windows.c.observed_s), else_=0.0),
    _itself(windows),
    *map(_beside, (window_lines, window_zones, window_heat, window_flows)),
)
_HOURS = _Source(
    "hour_ms",
    HOURS.totals.c.moved_s,
    *map(_itself, (HOURS.totals, HOURS.lines, HOURS.zones, HOURS.heat, HOURS.flows)),
)


class _Sum(NamedTuple):
    """One hour or day to be added up: [first, last) milliseconds, of one camera or of all."""

    target: Level
    source: _Source
    site: str
    first: int
    last: int
    camera: str | None = None

    def within(self, part: _Part) -> ColumnElement[bool]:
        """The condition on what is added up."""
        seen, t = part.seen, part.seen[self.source.start]
        conditions = [seen.site == self.site, t >= self.first, t < self.last]
        return and_(*conditions, *([seen.camera == self.camera] if self.camera else []))

    def key(self) -> dict[str, Any]:
        """The columns that all rows share."""
        return {"site": self.site, self.target.start: self.first}


def refresh(conn: Connection, site: str, begun: Collection[tuple[str, int]]) -> None:
    """Derive the hours that hold windows (camera, t_start_ms) of `site` anew, within the caller's transaction."""
    timezone = timezone_of(conn, site)
    touched = {day_start(day_of(t_ms, timezone), timezone) for _, t_ms in begun}
    conn.execute(delete(days).where(days.c.site == site, days.c.day_ms.in_(touched)))
    for camera, hour_ms in sorted({(camera, hour_start(t_ms, timezone)) for camera, t_ms in begun}):
        h = hours.c
        conn.execute(delete(hours).where(h.site == site, h.hour_ms == hour_ms, h.camera == camera))
        _add_up(conn, _Sum(HOURS, _WINDOWS, site, hour_ms, next_hour(hour_ms, timezone), camera))


def roll_up_days(engine: Engine, *, now: float) -> int:
    """Add up the days that have been over for a while at `now` seconds UTC and are not in `days`; tells how many."""
    with engine.connect() as conn:
        found = [(site, *day) for site in conn.execute(select(sites.c.site)).scalars() for day in _pending(conn, site)]
    over = [(site, day, first, last) for site, day, first, last in found if last <= to_ms(now - QUIET_S)]
    for site, day, first, last in over:
        with engine.begin() as conn:
            lock(conn, [site])
            conn.execute(delete(days).where(days.c.site == site, days.c.day_ms == first))
            conn.execute(insert(days).values(site=site, day_ms=first, date=day))
            _add_up(conn, _Sum(DAYS, _HOURS, site, first, last))
    return len(over)


def recut(conn: Connection, site: str) -> None:
    """Cut hours and days anew, after the site's time zone was changed.

    Hours older than the windows stay as they were cut; days older than the hours are found no more.
    """
    timezone = timezone_of(conn, site)
    starts = conn.execute(select(hours.c.hour_ms).where(hours.c.site == site).distinct()).scalars().all()
    conn.execute(delete(days).where(days.c.site == site, days.c.day_ms >= min(starts, default=0)))
    if any(hour_start(t_ms, timezone) != t_ms for t_ms in starts):
        query = select(windows.c.camera, windows.c.t_start_ms).where(windows.c.site == site)
        begun = {(camera, int(t_ms)) for camera, t_ms in conn.execute(query)}
        oldest = min((t_ms for _, t_ms in begun), default=max(starts) + 1)
        conn.execute(delete(hours).where(hours.c.site == site, hours.c.hour_ms > oldest - HOUR_MS))
        refresh(conn, site, begun)


def lock(conn: Connection, names: Collection[str]) -> None:
    """Hold these sites until the transaction ends, so that no two servers derive one hour from half of its windows.

    SQLite has one writer at a time anyway.
    """
    conn.execute(select(sites.c.site).where(sites.c.site.in_(names)).order_by(sites.c.site).with_for_update()).all()


def _pending(conn: Connection, site: str) -> list[tuple[date, int, int]]:
    timezone = timezone_of(conn, site)
    ready = set(conn.execute(select(days.c.date).where(days.c.site == site)).scalars())
    starts = conn.execute(select(hours.c.hour_ms).where(hours.c.site == site).distinct()).scalars()
    missing = sorted({day_of(t_ms, timezone) for t_ms in starts} - ready)
    return [(day, day_start(day, timezone), day_start(day + timedelta(days=1), timezone)) for day in missing]


def _add_up(conn: Connection, total: _Sum) -> None:
    source, target = total.source, total.target
    t = source.totals.counts
    sums = _sums(t, "observed_s", "frames", "presence_s", "handovers_taken", "handovers_guessed", "handovers_missed")
    sums |= {"moved_s": func.sum(source.moved_s), "occupancy_max": func.max(t.occupancy_max)}
    _insert(conn, total, target.totals, _rows(conn, total, source.totals, (), sums))
    sums = _sums(source.lines.counts, "entered", "left") | _sums(source.lines.seen, "observed_s")
    _insert(conn, total, target.lines, _rows(conn, total, source.lines, ("line",), sums))
    sums = _sums(source.flows.counts, "n")
    _insert(conn, total, target.flows, _rows(conn, total, source.flows, ("source", "target"), sums))
    _insert(conn, total, target.zones, _zones(conn, total))
    _insert(conn, total, target.heat, _heat(conn, total))


def _sums(columns: Columns, *names: str) -> Sums:
    return {name: func.sum(columns[name]) for name in names}


def _rows(conn: Connection, total: _Sum, part: _Part, by: tuple[str, ...], sums: Sums) -> Rows:
    """The sums by camera and the columns `by`."""
    groups = (part.seen.camera, *(part.counts[name] for name in by))
    query = select(*groups, *(column.label(name) for name, column in sums.items())).select_from(part.source)
    return [dict(row._mapping) for row in conn.execute(query.where(total.within(part)).group_by(*groups))]


def _zones(conn: Connection, total: _Sum) -> Rows:
    part = total.source.zones
    sums = _sums(part.counts, "entries", "visits", "presence_s", "dwell_sum_s", "stops", "reentries")
    sums |= _sums(part.seen, "observed_s") | {"occupancy_max": func.max(part.counts.occupancy_max)}
    dwell = _dwell(conn, total)
    return [
        row | {"dwell": dwell.get((row["camera"], row["zone"]))} for row in _rows(conn, total, part, ("zone",), sums)
    ]


def _dwell(conn: Connection, total: _Sum) -> dict[tuple[str, str], bytes | None]:
    part = total.source.zones
    z = part.counts
    query = select(part.seen.camera, z.zone, z.dwell).select_from(part.source)
    tables: defaultdict[tuple[str, str], list[bytes]] = defaultdict(list)
    for camera, zone, packed in conn.execute(query.where(total.within(part), z.dwell.is_not(None))):
        tables[camera, zone].append(packed)
    return {key: pack_table(sum_tables(packed, DWELL_SHAPE)) for key, packed in tables.items()}


def _heat(conn: Connection, total: _Sum) -> Rows:
    part, g = total.source.heat, heat_grids.c
    query = select(part.seen.camera, g.id, g.rows * g.columns, part.counts.cells, part.seen.observed_s)
    query = query.select_from(part.source.join(heat_grids, part.counts.grid_id == g.id)).where(total.within(part))
    grids: dict[tuple[str, int], Ints] = {}
    observed: defaultdict[tuple[str, int], float] = defaultdict(float)
    for camera, grid_id, cells, packed, observed_s in conn.execute(query):
        add_grid(grids.setdefault((camera, grid_id), np.zeros((len(HEAT_LAYERS), cells), np.int64)), packed)
        observed[camera, grid_id] += observed_s
    return [
        {"camera": camera, "grid_id": grid_id, "observed_s": observed[camera, grid_id], "cells": pack_grid(grid)}
        for (camera, grid_id), grid in grids.items()
    ]


def _insert(conn: Connection, total: _Sum, table: Table, rows: Rows) -> None:
    if rows:
        conn.execute(insert(table), [total.key() | row for row in rows])
