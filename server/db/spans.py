"""A period cut into what answers it: whole local days, whole local hours, and windows at the edges."""

from collections.abc import Collection, Iterator
from datetime import UTC, date, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, and_, select

from server.db.local_time import Hours, days_between, hour_start, hours_between, next_hour
from server.db.rollup_tables import DAYS, HOURS, Level, days
from server.db.tables import sites, windows


def to_ms(t: float) -> int:
    """Seconds since 1970 UTC to whole milliseconds."""
    return round(t * 1000)


class Span(NamedTuple):
    """The parts of a period, all in milliseconds; together they are the period, and no two overlap."""

    days: tuple[int, ...]
    """First instants of the days that are answered from days."""
    hours: tuple[int, ...]
    """First instants of the hours that are answered from hours."""
    windows: tuple[tuple[int, int], ...]
    """[start, end) of what is answered from windows: pieces of an hour."""

    def levels(self) -> Iterator[tuple[Level, tuple[int, ...]]]:
        """The roll-ups to ask, each with its first instants."""
        return ((level, starts) for level, starts in ((DAYS, self.days), (HOURS, self.hours)) if starts)


def timezone_of(conn: Connection, site: str) -> tzinfo:
    """The site's time zone; UTC for a site that is not there."""
    name = conn.execute(select(sites.c.timezone).where(sites.c.site == site)).scalar()
    return ZoneInfo(name) if name else UTC


def cut(conn: Connection, *, site: str, start: float, end: float, hours: Hours | None = None) -> Span:
    """Cut [start, end), in seconds, at the site's days and hours; with `hours`, only what is within that choice."""
    timezone, first, last = timezone_of(conn, site), to_ms(start), to_ms(end)
    within = (days.c.site == site, days.c.day_ms >= first, days.c.day_ms < last)
    ready = set(conn.execute(select(days.c.day_ms).where(*within)).scalars()) if hours is None else ()
    return cut_at(first, last, timezone, ready, hours)


def cut_at(first: int, last: int, timezone: tzinfo, ready: Collection[int], hours: Hours | None = None) -> Span:
    """Cut [first, last) milliseconds; `ready` are the days that have been added up."""
    last = max(first, last)
    up = first if hour_start(first, timezone) == first else next_hour(first, timezone)
    down = hour_start(last, timezone)
    if up > down:
        up = down = last
    edges = ((first, up), (down, last))
    windows = tuple(part for part in edges if part[0] < part[1] and (hours is None or hours.hold(part[0], timezone)))
    whole_days: list[int] = []
    whole_hours: list[int] = []
    for _, begin, after in days_between(up, down, timezone):
        if up <= begin and after <= down and begin in ready:
            whole_days.append(begin)
        else:
            inside = hours_between(max(up, begin), min(down, after), timezone)
            whole_hours += [t for t in inside if hours is None or hours.hold(t, timezone)]
    return Span(tuple(whole_days), tuple(whole_hours), windows)


def begins_within(site: str, part: tuple[int, int]) -> ColumnElement[bool]:
    """The condition that a window is the site's and begins within [part[0], part[1]) milliseconds."""
    return and_(windows.c.site == site, windows.c.t_start_ms >= part[0], windows.c.t_start_ms < part[1])


def local_days(conn: Connection, *, site: str, start: float, end: float) -> Iterator[tuple[date, float, float]]:
    """The site's days that [start, end) touches: date, and the piece of it that lies within, in seconds."""
    first, last = to_ms(start), to_ms(end)
    for day, begin, after in days_between(first, last, timezone_of(conn, site)):
        yield day, max(first, begin) / 1000, min(last, after) / 1000
