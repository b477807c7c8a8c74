"""Which days tell what is usual for a weekday, and what came in on them."""

from collections.abc import Sequence
from datetime import date, timedelta, tzinfo

from server.db.footfall import HourCount
from server.web.period import midnight

WEEKS_BACK = 12


def same_weekdays(day: date, weeks: int = WEEKS_BACK) -> list[date]:
    """The same weekday of each of the past `weeks`, newest first."""
    return [day - timedelta(weeks=i) for i in range(1, weeks + 1)]


def by_local_hour(counts: Sequence[HourCount], day: date, timezone: tzinfo) -> dict[int, float]:
    """Entries by hours since local midnight."""
    start = midnight(day, timezone).timestamp()
    hours: dict[int, float] = {}
    for count in counts:
        hour = int((count.hour_start - start) // 3600)
        hours[max(hour, 0)] = hours.get(max(hour, 0), 0.0) + count.entered
    return hours
