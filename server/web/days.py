"""Several days of a site, by the day, the week or the month: who came in, and what is usual for each day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from server.db import footfall, occupancy
from server.db.footfall import StepCount
from server.db.local_time import Step, day_of, step_start
from server.db.sites import entrance_lines
from server.db.usual import WEEKS_BACK, same_weekdays, usual_day
from server.domain.usual import Band, band_of
from server.web import period as periods
from server.web.view import Span, View

MOST_DAYS, MOST_WEEKS_DAYS = 62, 200
"""A period of more days is shown by the week, and beyond that by the month."""


@dataclass(frozen=True, slots=True)
class StepOfDays:
    """One day, week or month of a period; `date` is its first day."""

    date: date
    entered: int | None
    """None where nothing was observed, or it is still to come."""
    left: int
    inside: float | None
    """Average occupancy over the observed time."""
    observed_s: float
    running: bool
    ahead: bool
    usual: Band | None
    """Of the whole day; None while there is no usual day, and of weeks and months."""
    usual_so_far: float | None
    """The usual median up to now of the day that is running, else of the whole day."""


@dataclass(frozen=True, slots=True)
class Days:
    """A period by its steps."""

    step: Step
    lines: list[str]
    steps: list[StepOfDays]
    presence_s: float
    watched_s: float

    @property
    def entered(self) -> int:
        """Who came in over the entrance lines."""
        return sum(step.entered or 0 for step in self.steps)

    @property
    def left(self) -> int:
        """Who went out over them."""
        return sum(step.left for step in self.steps)

    @property
    def observed_s(self) -> float:
        """Seconds that the lines, or the cameras where there are none, were watched."""
        return sum(step.observed_s for step in self.steps)

    @property
    def mean_inside(self) -> float | None:
        """Average occupancy over the observed time."""
        return self.presence_s / self.watched_s if self.watched_s else None

    @property
    def usual(self) -> float | None:
        """What usually comes in on such days, of the days that were observed; None while one of them has no usual."""
        counted = [step for step in self.steps if step.entered is not None]
        known = [step.usual_so_far for step in counted if step.usual_so_far is not None]
        return sum(known) if counted and len(known) == len(counted) else None

    @property
    def change(self) -> float | None:
        """Entries against what is usual, as a share; None without a usual."""
        return self.entered / self.usual - 1 if self.usual else None


def step_of(view: View) -> Step:
    """By what a period of several days is shown."""
    n = len(view.period.days)
    return "day" if n <= MOST_DAYS else "week" if n <= MOST_WEEKS_DAYS else "month"


def read_days(view: View) -> Days:
    """The period's days from the database."""
    step, lines = step_of(view), entrance_lines(view.site.document)
    span: Span = {"start": view.period.start.timestamp(), "end": view.counted_until.timestamp()}
    inside = occupancy.occupancy(view.conn, site=view.site.site, step_s=86_400, **span)
    by_day = {view.words.local(view.moment_of(found.t)).date(): found for found in inside}
    read = _Read(view, step, lines, _counts(view, lines, step))
    days = [_step(read, first, by_day.get(first)) for first in _firsts(view, step)]
    watched = sum(found.observed_s for found in inside)
    presence = sum((found.mean or 0.0) * found.observed_s for found in inside)
    return Days(step, lines, days, presence, watched)


@dataclass(frozen=True, slots=True)
class _Read:
    """What the steps are made of: counts by first day."""

    view: View
    step: Step
    lines: list[str]
    counts: Mapping[date, StepCount]


def _firsts(view: View, step: Step) -> list[date]:
    """First days of the period's steps."""
    zone = view.words.timezone
    starts = [step_start(round(periods.midnight(day, zone).timestamp()) * 1000, step, zone) for day in view.period.days]
    return list(dict.fromkeys(day_of(start, zone) for start in starts))


def _counts(view: View, lines: list[str], step: Step) -> dict[date, StepCount]:
    """By first day; single days also of the weeks before, for what is usual."""
    back = timedelta(weeks=WEEKS_BACK) if step == "day" else timedelta()
    start, _ = periods.day_span(view.period.first_day - back, view.words.timezone)
    end = view.counted_until.timestamp()
    found = footfall.entries_by_step(
        view.conn, site=view.site.site, lines=lines, start=start.timestamp(), end=end, step=step
    )
    return {view.words.local(view.moment_of(count.start)).date(): count for count in found}


def _step(read: _Read, first: date, inside: occupancy.Step | None) -> StepOfDays:
    view, counts, by_day = read.view, read.counts, read.step == "day"
    today = view.words.local(view.now).date()
    past = [float(counts[day].entered) for day in same_weekdays(first) if day in counts] if by_day else []
    usual, count, running = band_of(past), counts.get(first), by_day and first == today
    return StepOfDays(
        date=first,
        entered=count.entered if count else None,
        left=count.left if count else 0,
        inside=inside.mean if inside else None,
        observed_s=count.observed_s if count else inside.observed_s if inside else 0.0,
        running=running,
        ahead=first > today,
        usual=usual,
        usual_so_far=_so_far(read, today) if running else usual.mid if usual else None,
    )


def _so_far(read: _Read, today: date) -> float | None:
    """The usual median of today up to now."""
    view, site = read.view, read.view.site.site
    start, _ = periods.day_span(today, view.words.timezone)
    usual = usual_day(view.conn, site=site, lines=read.lines, day=today, timezone=view.words.timezone)
    band = usual.until((view.counted_until - start) / periods.HOUR)
    return band.mid if band else None
