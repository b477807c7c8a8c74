"""Several days of the overview in words and figures."""

from collections.abc import Mapping

from markupsafe import Markup

from server.db.occupancy import Occupancy
from server.db.zones import ZoneTotals
from server.web import overview_day
from server.web import period as periods
from server.web.days import Days, StepOfDays
from server.web.figures import strokes
from server.web.parts import Figure
from server.web.view import View


def answer(view: View, days: Days, totals: Mapping[str, ZoneTotals], now: Occupancy) -> Markup:
    """What these days were like, in a sentence."""
    came = overview_day.people_came(view, days.entered) if days.lines else overview_day.visits_began(view, totals)
    inside = overview_day.now_inside(view, now) if _runs(view) else ""
    told = [came, _compared(view, days), inside]
    return Markup("{}: {}.").format(_when(view), Markup("").join(part for part in told if part))


def _runs(view: View) -> bool:
    return view.period.start <= view.now < view.period.end


def _when(view: View) -> str:
    title = periods.title(view.period, view.words)
    if not _runs(view):
        return title
    until = view.words.gettext("%(days)s until today, %(time)s")
    return until % {"days": title, "time": view.words.clock(view.counted_until)}


def _compared(view: View, days: Days) -> str:
    if not days.lines or days.change is None:
        return ""
    if round(days.change * 100) == 0:
        return view.words.gettext(", as many as on usual such days")
    more = view.words.gettext(", %(change)s more than on usual such days")
    less = view.words.gettext(", %(change)s fewer than on usual such days")
    return (more if days.change > 0 else less) % {"change": view.words.percent(abs(days.change))}


def meta(view: View, days: Days) -> str:
    """Basis, period, observed time."""
    words, n = view.words, len(days.lines)
    basis = words.ngettext("Entries over %(n)s entrance line", "Entries over %(n)s entrance lines", n) % {"n": n}
    parts = [basis if days.lines else words.gettext("No entrance line is drawn; visits are counted where zones are")]
    parts.append(periods.span(view.period, words))
    parts.append(words.gettext("observed %(time)s") % {"time": words.seconds(days.observed_s)})
    return ". ".join(words.sentence(part) for part in parts) + "."


def figures(view: View, days: Days, totals: Mapping[str, ZoneTotals], now: Occupancy) -> list[Figure]:
    """Came in, the best of the days, time spent inside, inside on average."""
    return [_came_in(view, days, totals), _busiest(view, days), _presence(view, days), _average(view, days)]


def _came_in(view: View, days: Days, totals: Mapping[str, ZoneTotals]) -> Figure:
    words = view.words
    if not days.lines:
        n = sum(zone.entries for zone in totals.values())
        return Figure("entries", words.gettext("Zone entries"), words.number(n), note=words.gettext("no entrance line"))
    unit = words.ngettext("person", "people", days.entered)
    left = words.ngettext("%(n)s went out", "%(n)s went out", days.left) % {"n": words.number(days.left)}
    note = words.gettext("no usual day yet") if days.usual is None else ""
    if days.usual is not None:
        note = words.gettext("usual on such days %(mid)s") % {"mid": words.number(days.usual)}
    tip = "\n".join([f"{words.number(days.entered)} {unit}", left, note])
    values = [float(step.entered) if step.entered is not None else None for step in days.steps if not step.running]
    spark = strokes.sparkline(values, label=words.gettext("By day"))
    return Figure("footfall", words.gettext("Came in"), words.number(days.entered), unit, note, tip=tip, spark=spark)


def _busiest(view: View, days: Days) -> Figure:
    """The step with most people."""
    words = view.words
    counted = [step for step in days.steps if _value(days, step) is not None]
    title = words.gettext("Most in one day") if days.step == "day" else words.gettext("Most in one step")
    if not counted:
        return Figure("footfall", title, "–")
    best = max(counted, key=lambda step: _value(days, step) or 0.0)
    most = _value(days, best) or 0.0
    value, unit = words.number(most, 0 if days.lines else 1), words.ngettext("person", "people", most)
    key, day = "footfall" if days.lines else "occupancy_mean", words.day(best.date)
    return Figure(key, title, value, unit, day, tip=f"{value} {unit}\n{day}")


def _value(days: Days, step: StepOfDays) -> float | None:
    return (float(step.entered) if step.entered is not None else None) if days.lines else step.inside


def _presence(view: View, days: Days) -> Figure:
    words, hours = view.words, days.presence_s / 3600
    value, unit = words.number(hours, 1 if hours < 100 else 0), words.gettext("person-hours")
    note = words.gettext("in %(time)s observed") % {"time": words.seconds(days.watched_s)}
    return Figure("presence", words.gettext("Time spent inside"), value, unit, note, tip=f"{value} {unit}\n{note}")


def _average(view: View, days: Days) -> Figure:
    words, mean = view.words, days.mean_inside
    value = "–" if mean is None else words.number(mean, 1)
    unit, note = words.ngettext("person", "people", mean or 0), words.gettext("over the observed time")
    title = words.gettext("Inside on average")
    spark = strokes.sparkline([step.inside for step in days.steps], label=words.gettext("By day"))
    return Figure("occupancy_mean", title, value, unit, note, tip=f"{value} {unit}\n{note}", spark=spark)
