"""The windows that are told: whole days and weeks of the store's clock, and when each may be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Literal

from server.db.boxes import BoxRecord
from server.db.local_time import day_start, hours_between

SETTLES_S = 3 * 3600.0
"""After the end of a day: windows come late, by minutes as a rule."""
PATIENCE_S = 48 * 3600.0
"""After the end of a day it is told without the boxes that are still silent."""


@dataclass(frozen=True, slots=True)
class Window:
    """A day, or a week from its Monday."""

    first: date
    length: Literal["day", "week"]
    timezone: tzinfo

    @property
    def start_ms(self) -> int:
        """Its first instant."""
        return day_start(self.first, self.timezone)

    @property
    def end_ms(self) -> int:
        """The first instant after it."""
        return day_start(self.first + timedelta(days=1 if self.length == "day" else 7), self.timezone)

    @property
    def start(self) -> float:
        """Seconds UTC."""
        return self.start_ms / 1000

    @property
    def end(self) -> float:
        """Seconds UTC."""
        return self.end_ms / 1000

    @property
    def days(self) -> list["Window"]:
        """Of a week its seven; of a day itself."""
        n = 1 if self.length == "day" else 7
        return [Window(self.first + timedelta(days=i), "day", self.timezone) for i in range(n)]

    @property
    def hours(self) -> list[int]:
        """First instants of its hours, milliseconds."""
        return list(hours_between(self.start_ms, self.end_ms, self.timezone))

    def local(self, t: float) -> datetime:
        """An instant by the store's clock."""
        return datetime.fromtimestamp(t, self.timezone)


def windows_between(first: date, last: date, length: Literal["day", "week"], timezone: tzinfo) -> list[Window]:
    """Days from `first` to `last`, both with, or the weeks whose Monday is one of them; skipped dates left out."""
    days = (first + timedelta(days=i) for i in range((last - first).days + 1))
    asked = (Window(day, length, timezone) for day in days if length == "day" or day.weekday() == 0)
    return [window for window in asked if window.start_ms < window.end_ms]


def complete(boxes: Sequence[BoxRecord], end: float) -> bool:
    """Whether every box has told what it saw until `end`, seconds UTC: nothing of before waits on it any more."""
    return all(_told_until(box) >= end for box in boxes)


def may_be_told(window: Window, boxes: Sequence[BoxRecord], now: float) -> bool:
    """Whether a window is over and settled at `now` seconds UTC, or has been waited for long enough."""
    late_s = now - window.end
    return late_s >= PATIENCE_S or (late_s >= SETTLES_S and complete(boxes, window.end))


def _told_until(box: BoxRecord) -> float:
    waits = box.health.t.timestamp() - box.health.outbox_oldest_s if box.health and box.health.outbox_depth else None
    return box.last_seen if waits is None else min(waits, box.last_seen)
