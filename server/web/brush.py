"""The hour brush: how many come in by hour of the day; choosing hours makes the page count only these."""

from collections import defaultdict
from dataclasses import dataclass

from markupsafe import Markup

from server.db import footfall, occupancy
from server.db.sites import entrance_lines
from server.web import times
from server.web.figures.brush_chart import Handles, brush_chart
from server.web.language import Words
from server.web.view import View

FEWEST_HOURS = 8


@dataclass(frozen=True, slots=True)
class Brush:
    """The chart, the hour at which it begins, and what it is of."""

    title: str
    chart: Markup
    first: int


def brush(view: View) -> Brush:
    """The brush of the page's period: the mean of its days."""
    words, lines = view.words, entrance_lines(view.site.document)
    counts = _entries(view, lines) if lines else _inside(view)
    hours = _shown(counts)
    title = words.gettext("Entrants by hour") if lines else words.gettext("Inside on average, by hour")
    if len(view.period.days) > 1:
        title = ", ".join([title, words.gettext("mean of the days")])
    bars = [(str(hour), counts.get(hour), _tip(words, hour, counts.get(hour), bool(lines))) for hour in hours]
    chosen = view.times.hours_of_day if view.times else times.ALL_DAY
    names = Handles(words.gettext("From, hour of the day"), words.gettext("To, hour of the day"))
    chart = brush_chart(bars, _framed(hours, chosen), label=title, first=hours.start, handles=names)
    return Brush(title, chart, hours.start)


def _entries(view: View, lines: list[str]) -> dict[int, float]:
    """People who came in per day, by local hour, over the days on which that hour was watched."""
    found = footfall.entries_by_hour(view.conn, site=view.site.site, lines=lines, **view.span)
    return _means(view, [(hour.hour_start, float(hour.entered)) for hour in found])


def _inside(view: View) -> dict[int, float]:
    steps = occupancy.occupancy(view.conn, site=view.site.site, step_s=3600, **view.span)
    return _means(view, [(step.t, step.mean) for step in steps if step.mean is not None])


def _means(view: View, values: list[tuple[float, float]]) -> dict[int, float]:
    by_hour: defaultdict[int, list[float]] = defaultdict(list)
    for t, value in values:
        by_hour[view.words.local(view.moment_of(t)).hour].append(value)
    return {hour: sum(found) / len(found) for hour, found in by_hour.items()}


def _shown(counts: dict[int, float]) -> range:
    """From the first hour with data to the last, at least FEWEST_HOURS."""
    first, last = min(counts, default=0), max(counts, default=23) + 1
    last = min(max(last, first + FEWEST_HOURS), 24)
    return range(max(0, min(first, last - FEWEST_HOURS)), last)


def _framed(hours: range, chosen: frozenset[int]) -> range:
    """From the first chosen hour to the last, within what is shown, as positions in the chart."""
    inside = [hour - hours.start for hour in hours if hour in chosen]
    return range(min(inside), max(inside) + 1) if inside else range(0)


def _tip(words: Words, hour: int, value: float | None, came_in: bool) -> str:
    span = f"{hour}:00–{hour + 1}:00"
    if value is None:
        return "\n".join([words.gettext("not observed"), span])
    text, n = words.gettext("%(n)s inside on average") % {"n": words.number(value, 1)}, round(value)
    if came_in:
        text = words.ngettext("%(n)s person came in", "%(n)s people came in", n) % {"n": words.number(n)}
    return "\n".join([text, span])
