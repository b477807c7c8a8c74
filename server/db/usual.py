"""What came in on a store's day, and on the same weekday before: the counts behind what is usual."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from sqlalchemy import Connection

from server.db.footfall import HourCount, entries_by_hour
from server.domain.usual import Usual

WEEKS_BACK = 12


def same_weekdays(day: date, weeks: int = WEEKS_BACK) -> list[date]:
    """The same weekday of each of the past `weeks`, newest first."""
    return [day - timedelta(weeks=i) for i in range(1, weeks + 1)]


def by_local_hour(counts: Sequence[HourCount], day: date, timezone: tzinfo) -> dict[int, float]:
    """Entries by hours since local midnight."""
    start = _midnight(day, timezone)
    hours: dict[int, float] = {}
    for count in counts:
        hour = int((count.hour_start - start) // 3600)
        hours[max(hour, 0)] = hours.get(max(hour, 0), 0.0) + count.entered
    return hours


def usual_day(conn: Connection, *, site: str, lines: Sequence[str], day: date, timezone: tzinfo) -> Usual:
    """The past days of the weekday of `day`. Those on which nothing was observed are no days; empty ones are."""
    days = []
    for past in same_weekdays(day):
        start, end = _midnight(past, timezone), _midnight(past + timedelta(days=1), timezone)
        counts = entries_by_hour(conn, site=site, lines=lines, start=start, end=end)
        if counts:
            days.append(by_local_hour(counts, past, timezone))
    return Usual(days)


def _midnight(day: date, timezone: tzinfo) -> float:
    return datetime.combine(day, time(), timezone).astimezone(UTC).timestamp()
