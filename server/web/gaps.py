"""Hours of a period in which nothing was received although that hour usually is: blank, not empty."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise

from server.db import occupancy
from server.db.local_time import hour_start, hours_between, next_hour
from server.web.language import Words
from server.web.view import Span, View

DAYS_BEFORE = 7
"""Days before the period that also tell which hours are usual."""


@dataclass(frozen=True, slots=True)
class Gap:
    """[start, end) without any window."""

    start: datetime
    end: datetime


def gaps(
    watched: Collection[datetime], *, start: datetime, end: datetime, known_from: datetime, timezone: tzinfo
) -> list[Gap]:
    """Runs of whole hours within [start, end) that were not watched, of hours that on most days are; longest first.

    Args:
        watched: first instants of the hours with data, from `known_from` on.
        start: of the period.
        end: of the period.
        known_from: where the hours begin that are known.
        timezone: by which hours of the day are meant.
    """
    days = max((end - known_from) / timedelta(days=1), 1.0)
    seen = Counter(hour.astimezone(timezone).hour for hour in watched)
    usual = {hour for hour, n in seen.items() if n >= days / 2}
    missing: list[Gap] = []
    for at, after in pairwise(_hours(start, end, timezone)):
        if at in watched or at.astimezone(timezone).hour not in usual:
            continue
        joins = bool(missing) and missing[-1].end == at
        missing.append(Gap(missing.pop().start if joins else at, after))
    return sorted(missing, key=lambda gap: gap.start - gap.end)


def _hours(start: datetime, end: datetime, timezone: tzinfo) -> list[datetime]:
    """Where whole local hours within [start, end) begin, and where the last one ends."""
    first, last = (round(moment.timestamp()) * 1000 for moment in (start, end))
    begin = hour_start(first, timezone)
    begin = begin if begin == first else next_hour(first, timezone)
    return [datetime.fromtimestamp(ms / 1000, UTC) for ms in hours_between(begin, last + 1, timezone)]


def gaps_of(view: View) -> list[Gap]:
    """The period's gaps; the hour under way is none."""
    known_from = view.period.start - timedelta(days=DAYS_BEFORE)
    span: Span = {"start": known_from.timestamp(), "end": view.counted_until.timestamp()}
    steps = occupancy.occupancy(view.conn, site=view.site.site, step_s=3600, **span)
    first = min((step.t for step in steps), default=None)
    if first is None:
        return []
    watched = {view.moment_of(step.t) for step in steps if step.observed_s > 0}
    return gaps(
        watched,
        start=max(view.period.start, view.moment_of(first)),
        end=view.counted_until,
        known_from=max(known_from, view.moment_of(first)),
        timezone=view.words.timezone,
    )


def words_of(found: list[Gap], words: Words) -> str:
    """Nothing was received Wed 18 Nov 19:00–22:00; empty without a gap."""
    if not found:
        return ""
    longest, more = found[0], len(found) - 1
    start, end = words.local(longest.start), words.local(longest.end)
    same_day = start.date() == (end - timedelta(microseconds=1)).date()
    until = ("24:00" if end.hour == 0 else words.clock(longest.end)) if same_day else words.moment(longest.end)
    dash = "–" if same_day else " – "
    lead = words.gettext("Nothing was received %(span)s; that time is blank here, not empty.")
    text = lead % {"span": f"{words.moment(longest.start)}{dash}{until}"}
    if not more:
        return text
    tail = words.ngettext("So is %(n)s more time.", "So are %(n)s more times.", more)
    return f"{text} " + tail % {"n": words.number(more)}
