"""Which share of the visits were a segment's: cells as boxes let them go, added up per definition, zone and day."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select, tuple_

from contract.segments import tells_nobody
from server.db.local_time import QUARTER_MS, day_of
from server.db.screen_tables import audience
from server.db.spans import timezone_of, to_ms

Definitions = Mapping[str, str]
"""Segments and the digests of what they mean; counts under another meaning are not theirs."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Visits of a segment among all, and the span in which they ended."""

    n: int = 0
    of: int = 0
    """All visits to the same zones in the spans that the cells cover."""
    dwell_sum_s: float = 0.0
    """Of the `n` visits."""
    start: float = float("inf")
    """Of the earliest cell, seconds UTC."""
    end: float = float("-inf")
    """Of the latest."""

    def __add__(self, other: "Counted") -> "Counted":
        """Both together."""
        return Counted(
            self.n + other.n,
            self.of + other.of,
            self.dwell_sum_s + other.dwell_sum_s,
            min(self.start, other.start),
            max(self.end, other.end),
        )

    def tells(self, smallest: int) -> bool:
        """Whether neither the segment's visits nor the others' are so few that they stand for somebody."""
        return tells_nobody(self.n, self.of, smallest)


def segment_zones(
    conn: Connection, *, site: str, segments: Definitions, start: float, end: float
) -> dict[str, dict[str, Counted]]:
    """By segment and zone, cells that end within (start, end] seconds UTC; what has no cell is left out."""
    c = audience.c
    sums = (func.sum(c.n), func.sum(c.of), func.sum(c.dwell_sum_s), func.min(c.t_start_ms), func.max(c.t_end_ms))
    query = select(c.segment, c.zone, *sums).where(_mine(site, segments, start, end)).group_by(c.segment, c.zone)
    found: defaultdict[str, dict[str, Counted]] = defaultdict(dict)
    for segment, zone, *row in conn.execute(query.order_by(c.segment, c.zone)):
        found[segment][zone] = _counted(row)
    return dict(found)


def segment_days(
    conn: Connection,
    *,
    site: str,
    segments: Definitions,
    start: float,
    end: float,
    zones: Collection[str] | None = None,
) -> dict[str, dict[date, Counted]]:
    """By segment and by the site's day in which a cell ends, over (start, end] seconds UTC, all `zones` together."""
    c = audience.c
    quarter = ((c.t_end_ms - 1) // QUARTER_MS).label("quarter")
    sums = (func.sum(c.n), func.sum(c.of), func.sum(c.dwell_sum_s), func.min(c.t_start_ms), func.max(c.t_end_ms))
    query = select(c.segment, quarter, *sums).where(_mine(site, segments, start, end)).group_by(c.segment, quarter)
    if zones is not None:
        query = query.where(c.zone.in_(zones))
    timezone = timezone_of(conn, site)
    found: defaultdict[str, dict[date, Counted]] = defaultdict(lambda: defaultdict(Counted))
    for segment, of_quarter, *row in conn.execute(query.order_by(c.segment, quarter)):
        found[segment][day_of(of_quarter * QUARTER_MS, timezone)] += _counted(row)
    return {segment: dict(days) for segment, days in found.items()}


def _mine(site: str, segments: Definitions, start: float, end: float) -> ColumnElement[bool]:
    c = audience.c
    named = tuple_(c.segment, c.digest).in_(list(segments.items()))
    return and_(c.site == site, c.t_end_ms > to_ms(start), c.t_end_ms <= to_ms(end), named)


def _counted(row: Any) -> Counted:  # noqa: ANN401 - a row's sums
    n, of, dwell_sum_s, start_ms, end_ms = row
    return Counted(int(n), int(of), float(dwell_sum_s), start_ms / 1000, end_ms / 1000)
