"""The site's hours, days, weeks and months as instants, through every change of its clocks.

A local day has 23, 24 or 25 hours, or half an hour more or less; it begins at its first instant, which is not midnight
where the clocks change then. A local hour begins where the local clock shows a full hour, or where it was changed; so
hours never straddle a day, in India (+5:30) neither. Instants are milliseconds since 1970 UTC.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal

HOUR_MS = 3_600_000
QUARTER_MS = 900_000
"""Every time zone is off by whole quarters of an hour, so days are made of them."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Step = Literal["hour", "day", "week", "month"]


@dataclass(frozen=True, slots=True)
class Hours:
    """A choice of hours of the day (0 to 23) and of weekdays (0 is Monday), by the site's clock."""

    hours_of_day: frozenset[int] = frozenset(range(24))
    weekdays: frozenset[int] = frozenset(range(7))

    def hold(self, t_ms: int, timezone: tzinfo) -> bool:
        """Whether the instant is within the choice."""
        local = _local(t_ms, timezone)
        return local.hour in self.hours_of_day and local.weekday() in self.weekdays


def read_hours(hours_of_day: str | None, weekdays: str | None) -> Hours | None:
    """The choice that parameters such as `9-12,17` and `mon-fri,sun` say; None when both are empty.

    Both ends belong to a range: `9-12` is from 9:00 to 13:00. `22-2` and `sat-mon` go over the end.

    Raises:
        ValueError: says what was expected.
    """
    if not hours_of_day and not weekdays:
        return None
    hours = _choice(hours_of_day, tuple(map(str, range(24))), "hours 0 to 23, such as 9-12,17")
    days = _choice(weekdays, WEEKDAYS, "weekdays, such as mon-fri,sun")
    return Hours(hours, days)


def _choice(text: str | None, names: tuple[str, ...], expected: str) -> frozenset[int]:
    if not text:
        return frozenset(range(len(names)))
    chosen: set[int] = set()
    for part in text.lower().split(","):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        if first not in names or (last if dash else first) not in names:
            raise ValueError(f"expected {expected}; got {part[:40]!r}")
        start, end = names.index(first), names.index(last if dash else first)
        chosen.update(i % len(names) for i in range(start, (end if end >= start else end + len(names)) + 1))
    return frozenset(chosen)


def day_of(t_ms: int, timezone: tzinfo) -> date:
    """The local date at an instant."""
    return _local(t_ms, timezone).date()


def day_start(day: date, timezone: tzinfo) -> int:
    """The first instant of a local day."""
    return round(datetime.combine(day, time(), timezone).timestamp()) * 1000


def days_between(first_ms: int, last_ms: int, timezone: tzinfo) -> Iterator[tuple[date, int, int]]:
    """The local days that [first, last) touches: date, first instant, first instant after."""
    day = day_of(first_ms, timezone)
    start = day_start(day, timezone)
    while start < last_ms:
        after = day + timedelta(days=1)
        end = day_start(after, timezone)
        if start < end:  # a date may be skipped, as in Samoa at the date line
            yield day, start, end
        day, start = after, end


def hour_start(t_ms: int, timezone: tzinfo) -> int:
    """The first instant of the local hour that holds an instant."""
    offset = _offset(t_ms, timezone)
    full = t_ms - (t_ms + offset) % HOUR_MS
    return full if _offset(full, timezone) == offset else _change(full, t_ms, timezone)


def next_hour(t_ms: int, timezone: tzinfo) -> int:
    """The first instant of the local hour after the one that holds an instant."""
    full = t_ms + HOUR_MS - (t_ms + _offset(t_ms, timezone)) % HOUR_MS
    return full if _offset(full, timezone) == _offset(t_ms, timezone) else _change(t_ms, full, timezone)


def hours_between(first_ms: int, last_ms: int, timezone: tzinfo) -> Iterator[int]:
    """The first instants of the local hours from `first`, which is one, until before `last`."""
    t_ms = first_ms
    while t_ms < last_ms:
        yield t_ms
        t_ms = next_hour(t_ms, timezone)


def step_start(t_ms: int, step: Step, timezone: tzinfo) -> int:
    """The first instant of the local hour, day, week (from Monday) or month that holds an instant."""
    if step == "hour":
        return hour_start(t_ms, timezone)
    day = day_of(t_ms, timezone)
    if step == "week":
        day -= timedelta(days=day.weekday())
    elif step == "month":
        day = day.replace(day=1)
    return day_start(day, timezone)


def _local(t_ms: int, timezone: tzinfo) -> datetime:
    return datetime.fromtimestamp(t_ms // 1000, UTC).astimezone(timezone)


def _offset(t_ms: int, timezone: tzinfo) -> int:
    offset = _local(t_ms, timezone).utcoffset()
    return 0 if offset is None else round(offset.total_seconds() * 1000)


def _change(before_ms: int, after_ms: int, timezone: tzinfo) -> int:
    """The first instant at which the clock is as it is at `after_ms`."""
    offset = _offset(after_ms, timezone)
    while after_ms - before_ms > 1:
        middle = (before_ms + after_ms) // 2
        before_ms, after_ms = (before_ms, middle) if _offset(middle, timezone) == offset else (middle, after_ms)
    return after_ms
