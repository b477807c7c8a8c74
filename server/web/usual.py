"""What is usual for this weekday: the band of the past weeks' same days, hour by hour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

import numpy as np

from server.db.footfall import HourCount
from server.web.figures.bars import Band
from server.web.period import midnight

DAYS_NEEDED = 3
WEEKS_BACK = 12
Hours = Mapping[int, float]
"""Local hour of the day, 0 to 24, to what was counted in it."""


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


@dataclass(frozen=True, slots=True)
class Usual:
    """Past days with data; there is a usual day only with at least DAYS_NEEDED of them."""

    days: Sequence[Hours]

    @property
    def missing(self) -> int:
        """How many more such days, that is weeks, it takes."""
        return max(0, DAYS_NEEDED - len(self.days))

    def band(self, hour: int) -> Band | None:
        """Median and middle 80 % of one hour; None while there is no usual day."""
        return None if self.missing else _band([day.get(hour, 0.0) for day in self.days])

    def until(self, hour: float) -> Band | None:
        """The same of the day's sum up to `hour`; the hour under way counts in proportion."""
        return None if self.missing else _band([_sum_until(day, hour) for day in self.days])

    def span(self) -> tuple[int, int] | None:
        """First and last+1 hour in which anyone ever came in."""
        busy = [hour for day in self.days for hour, count in day.items() if count]
        return (min(busy), max(busy) + 1) if busy else None


def _sum_until(day: Hours, until: float) -> float:
    return sum(count * min(max(until - hour, 0.0), 1.0) for hour, count in day.items())


def _band(values: Sequence[float]) -> Band:
    low, mid, high = np.quantile(np.asarray(values, dtype=np.float64), (0.1, 0.5, 0.9))
    return Band(float(low), float(mid), float(high))
