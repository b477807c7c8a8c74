"""The hour brush: the bars of one day; choosing hours makes them the period."""

from dataclasses import dataclass

from markupsafe import Markup

from server.web import period as periods
from server.web.day import Day, read_day
from server.web.figures.bars import Bar, brush_chart
from server.web.hours_chart import shown_hours, tip, value_of
from server.web.view import View


@dataclass(frozen=True, slots=True)
class Brush:
    """The chart and, for the pointer, what each hour's edge is called in the URL."""

    title: str
    chart: Markup
    edges: str


def brush(view: View) -> Brush:
    """The brush of the period's last day."""
    words = view.words
    day = read_day(view, view.period.last_day, usual=False)
    hours = shown_hours(day)
    bars = [Bar(str(hour), value_of(day, hour), "", tip(words, day, hour)) for hour in hours]
    what = words.gettext("entrants") if day.lines else words.gettext("inside on average")
    title = words.gettext("Hours of %(day)s, %(what)s") % {"day": words.day(day.date), "what": what}
    chart = brush_chart(bars, _selected(view, day, hours), label=title, end_label=str(hours.stop))
    start, _ = periods.day_span(day.date, words.timezone)
    edges = [view.period.written(start + i * periods.HOUR) for i in range(hours.start, hours.stop + 1)]
    return Brush(title, chart, " ".join(edges))


def _selected(view: View, day: Day, hours: range) -> range:
    """The hours of this day that the period covers, as positions in the chart; nothing when it covers more days."""
    if view.period.first_day != view.period.last_day:
        return range(0)
    start, _ = periods.day_span(day.date, view.words.timezone)
    first = int((view.period.start - start) / periods.HOUR)
    last = -int(-(view.seen_until - start) / periods.HOUR // 1)
    clipped = [min(max(hour, hours.start), hours.stop) - hours.start for hour in (first, last)]
    return range(clipped[0], clipped[1])
