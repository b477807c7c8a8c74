"""What happened in the zones over a period."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, func, select

from server.db.packing import Floats, add_into
from server.db.rollup import DWELL_SHAPE
from server.db.spans import cut
from server.db.tables import hour_zones, window_zones, windows


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


@dataclass(slots=True)
class _Sum:
    entries: int = 0
    visits: int = 0
    presence_s: float = 0.0
    dwell_sum_s: float = 0.0
    occupancy_max: int = 0
    dwell: Floats = field(default_factory=lambda: np.zeros(DWELL_SHAPE))
    observed_s: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))


def zone_totals(conn: Connection, *, site: str, start: float, end: float) -> dict[str, ZoneTotals]:
    """Totals over [start, end) seconds by zone id; a zone that no window carried is left out."""
    span = cut(start, end)
    sums: defaultdict[str, _Sum] = defaultdict(_Sum)
    _add(sums, *_from_hours(conn, site, span.hours))
    for part in (span.head, span.tail):
        _add(sums, *_from_windows(conn, site, part))
    return {zone: _totals(total) for zone, total in sorted(sums.items())}


Rows = Sequence[Row[*tuple[Any, ...]]]


def _from_hours(conn: Connection, site: str, ms: tuple[int, int]) -> tuple[Rows, Rows]:
    if ms[0] >= ms[1]:
        return [], []
    h = hour_zones.c
    within = (h.site == site, h.hour_ms >= ms[0], h.hour_ms < ms[1])
    sums = [func.sum(c) for c in (h.entries, h.visits, h.presence_s, h.dwell_sum_s, h.observed_s)]
    query = select(h.zone, h.camera, *sums, func.max(h.occupancy_max)).where(*within).group_by(h.zone, h.camera)
    return conn.execute(query).all(), conn.execute(select(h.zone, h.dwell).where(*within, h.dwell.is_not(None))).all()


def _from_windows(conn: Connection, site: str, ms: tuple[int, int]) -> tuple[Rows, Rows]:
    if ms[0] >= ms[1]:
        return [], []
    w, z = windows.c, window_zones.c
    within = (w.site == site, w.t_start_ms >= ms[0], w.t_start_ms < ms[1])
    sums = [func.sum(c) for c in (z.entries, z.visits, z.presence_s, z.dwell_sum_s, w.observed_s)]
    query = select(z.zone, w.camera, *sums, func.max(z.occupancy_max)).join_from(window_zones, windows).where(*within)
    dwell = select(z.zone, z.dwell).join_from(window_zones, windows).where(*within, z.dwell.is_not(None))
    return conn.execute(query.group_by(z.zone, w.camera)).all(), conn.execute(dwell).all()


def _add(sums: defaultdict[str, _Sum], scalars: Rows, tables: Rows) -> None:
    for zone, camera, entries, visits, presence_s, dwell_sum_s, observed_s, occupancy_max in scalars:
        total = sums[zone]
        total.entries += int(entries)
        total.visits += int(visits)
        total.presence_s += float(presence_s)
        total.dwell_sum_s += float(dwell_sum_s)
        total.observed_s[camera] += float(observed_s)
        total.occupancy_max = max(total.occupancy_max, int(occupancy_max))
    for zone, packed in tables:
        add_into(sums[zone].dwell, packed)


def _totals(total: _Sum) -> ZoneTotals:
    return ZoneTotals(
        entries=total.entries,
        visits=total.visits,
        presence_s=total.presence_s,
        dwell_sum_s=total.dwell_sum_s,
        dwell=total.dwell,
        occupancy_max=total.occupancy_max,
        observed_s=max(total.observed_s.values(), default=0.0),
    )
