"""What happened in the zones over a period."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, FromClause, Row, func, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from server.db.local_time import Hours
from server.db.packing import Floats, sum_tables
from server.db.rollup import DWELL_SHAPE
from server.db.spans import begins_within, cut, local_days
from server.db.tables import window_zones, windows


@dataclass(frozen=True, slots=True)
class ZoneTotals:
    """One zone over a period, all cameras together.

    `dwell` is (4, bins): finished visits by how they were seen (rows `left`, `lost`, `late_left`, `late_lost`, as in
    `contract.messages.DwellTable`) and by dwell bin (`DWELL_BINS_S`, left edges in seconds).
    """

    entries: int
    """Visits that began by coming in."""
    visits: int
    """Visits that ended."""
    presence_s: float
    """Person-seconds inside."""
    dwell_sum_s: float
    """Dwell of the visits that ended, seconds."""
    dwell: Floats
    occupancy_max: int
    """Most people that one camera saw inside at one instant."""
    observed_s: float
    """Seconds the zone was watched by the camera that watched it longest."""
    stops: int
    """Visits in which the person stood still."""
    reentries: int
    """Entries of someone who was in the zone before, in one track."""


Columns = ReadOnlyColumnCollection[str, Any]


@dataclass(slots=True)
class _Sum:
    entries: int = 0
    visits: int = 0
    presence_s: float = 0.0
    dwell_sum_s: float = 0.0
    occupancy_max: int = 0
    stops: int = 0
    reentries: int = 0
    dwell: list[bytes] = field(default_factory=list)
    observed_s: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, row: Row[*tuple[Any, ...]]) -> None:
        """Add what one camera counted. PostgreSQL adds up integers to Decimal."""
        self.entries += int(row.entries)
        self.visits += int(row.visits)
        self.presence_s += row.presence_s
        self.dwell_sum_s += row.dwell_sum_s
        self.occupancy_max = max(self.occupancy_max, row.occupancy_max)
        self.stops += int(row.stops)
        self.reentries += int(row.reentries)
        self.observed_s[row.camera] += row.observed_s


def zone_totals(
    conn: Connection, *, site: str, start: float, end: float, hours: Hours | None = None
) -> dict[str, ZoneTotals]:
    """Totals over [start, end) seconds by zone id; a zone that no window carried is left out."""
    span = cut(conn, site=site, start=start, end=end, hours=hours)
    sums: defaultdict[str, _Sum] = defaultdict(_Sum)
    for level, starts in span.levels():
        z = level.zones
        _add(conn, sums, z, counts=z.c, seen=z.c, within=level.within(z, site, starts))
    for part in span.windows:
        minutes = window_zones.join(windows)
        _add(conn, sums, minutes, counts=window_zones.c, seen=windows.c, within=begins_within(site, part))
    return {zone: _totals(total) for zone, total in sorted(sums.items())}


def zone_days(
    conn: Connection, *, site: str, start: float, end: float, hours: Hours | None = None
) -> dict[date, dict[str, ZoneTotals]]:
    """As `zone_totals`, for each of the site's days that the period touches; days without data are left out."""
    pieces = local_days(conn, site=site, start=start, end=end)
    found = {day: zone_totals(conn, site=site, start=a, end=b, hours=hours) for day, a, b in pieces}
    return {day: totals for day, totals in found.items() if totals}


def _add(
    conn: Connection,
    sums_of: defaultdict[str, _Sum],
    source: FromClause,
    *,
    counts: Columns,
    seen: Columns,
    within: ColumnElement[bool],
) -> None:
    """Add rows of `source`: what was counted stands in `counts`, which camera saw it and how long in `seen`."""
    z = counts
    added = (z.entries, z.visits, z.presence_s, z.dwell_sum_s, z.stops, z.reentries, seen.observed_s)
    sums = (func.sum(column).label(column.name) for column in added)
    query = select(z.zone, seen.camera, func.max(z.occupancy_max).label("occupancy_max"), *sums).select_from(source)
    for row in conn.execute(query.where(within).group_by(z.zone, seen.camera)):
        sums_of[row.zone].add(row)
    for zone, packed in conn.execute(select(z.zone, z.dwell).select_from(source).where(within, z.dwell.is_not(None))):
        sums_of[zone].dwell.append(packed)


def _totals(total: _Sum) -> ZoneTotals:
    return ZoneTotals(
        entries=total.entries,
        visits=total.visits,
        presence_s=total.presence_s,
        dwell_sum_s=total.dwell_sum_s,
        dwell=sum_tables(total.dwell, DWELL_SHAPE).astype(np.float64),
        occupancy_max=total.occupancy_max,
        observed_s=max(total.observed_s.values(), default=0.0),
        stops=total.stops,
        reentries=total.reentries,
    )
