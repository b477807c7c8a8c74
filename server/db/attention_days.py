"""Attention to each creative on each screen, by hour: what the choice among creatives learns from."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, case, func, select

from server.db.local_time import HOUR_MS
from server.db.screen_tables import window_screens
from server.db.spans import begins_within, to_ms
from server.db.tables import windows


@dataclass(frozen=True, slots=True)
class HourOfAttention:
    """One creative on one screen, over the windows that begin within one hour."""

    screen: str
    creative: str
    t: float
    """Seconds UTC, start of the hour."""
    shown_s: float
    attention_s: float
    """Person-seconds turned towards the screen."""
    squares: float
    """Of each window's attention, over its `shown_s`, added up."""


def attention_by_hour(conn: Connection, *, site: str, start: float, end: float) -> Iterator[HourOfAttention]:
    """Over [start, end) seconds UTC; where no creative was known to be on is left out."""
    s, w = window_screens.c, windows.c
    hour = (w.t_start_ms // HOUR_MS).label("hour")
    squares = func.sum(case((s.shown_s > 0, s.attention_s * s.attention_s / s.shown_s), else_=0.0))
    query = select(s.screen, s.creative, hour, func.sum(s.shown_s), func.sum(s.attention_s), squares)
    within = query.join_from(window_screens, windows).where(
        begins_within(site, (to_ms(start), to_ms(end))), s.creative != ""
    )
    for row in conn.execute(within.group_by(s.screen, s.creative, hour)):
        yield HourOfAttention(row[0], row[1], row[2] * HOUR_MS / 1000, *row[3:])
