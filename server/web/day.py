"""One local day of a site: who came in by the hour, or who was inside where no line is drawn."""

from dataclasses import dataclass
from datetime import date

from server.db import footfall, occupancy
from server.db.footfall import HourCount
from server.db.occupancy import Step
from server.db.sites import entrance_lines
from server.db.usual import usual_day
from server.domain.usual import Usual
from server.web import period as periods
from server.web.view import Span, View


@dataclass(frozen=True, slots=True)
class Day:
    """A day so far. Hours are counted from local midnight."""

    date: date
    today: bool
    until: float
    """Hours counted so far, 24 for a past day (23 or 25 when the clocks change)."""
    lines: list[str]
    """The lines that count as entrances; without any, `counts` is empty and `steps` is all there is."""
    counts: dict[int, HourCount]
    steps: dict[int, Step]
    usual: Usual

    @property
    def entered(self) -> int:
        """Who came in over the entrance lines."""
        return sum(count.entered for count in self.counts.values())

    @property
    def left(self) -> int:
        """Who went out over them."""
        return sum(count.left for count in self.counts.values())

    @property
    def observed_s(self) -> float:
        """Seconds watched."""
        if self.lines:
            return sum(count.observed_s for count in self.counts.values())
        return sum(step.observed_s for step in self.steps.values())

    @property
    def presence_s(self) -> float:
        """Person-seconds inside: the hours' mean occupancy times their observed time."""
        return sum((step.mean or 0.0) * step.observed_s for step in self.steps.values())

    @property
    def mean_inside(self) -> float | None:
        """Average occupancy over the observed time."""
        watched = sum(step.observed_s for step in self.steps.values())
        return self.presence_s / watched if watched else None

    @property
    def change(self) -> float | None:
        """Entries so far against the usual median by this hour, as a share; None without a usual day."""
        band = self.usual.until(self.until)
        return self.entered / band.mid - 1 if band and band.mid > 0 else None


def read_day(view: View, day: date, *, usual: bool = True) -> Day:
    """The day from the database, with what is usual for it if asked."""
    start, end = periods.day_span(day, view.words.timezone)
    until = max(start, min(end, view.counted_until if end > view.now else view.now))
    lines = entrance_lines(view.site.document)
    span: Span = {"start": start.timestamp(), "end": until.timestamp()}
    counts = footfall.entries_by_hour(view.conn, site=view.site.site, lines=lines, **span)
    steps = occupancy.occupancy(view.conn, site=view.site.site, step_s=3600, **span)
    return Day(
        date=day,
        today=end > view.now,
        until=(until - start).total_seconds() / 3600,
        lines=lines,
        counts={_hour(count.hour_start, start.timestamp()): count for count in counts},
        steps={_hour(step.t, start.timestamp()): step for step in steps},
        usual=usual_day(view.conn, site=view.site.site, lines=lines, day=day, timezone=view.words.timezone)
        if usual
        else Usual([]),
    )


def _hour(t: float, start: float) -> int:
    return max(0, int((t - start) // 3600))


def day_word(view: View, day: date) -> str:
    """today, yesterday, or the day itself."""
    today = view.words.local(view.now).date()
    named = {0: view.words.gettext("today"), 1: view.words.gettext("yesterday")}
    return named.get((today - day).days) or view.words.day(day)
