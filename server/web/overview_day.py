"""One day of the overview in words and figures: the answer, its basis, and what stands beside the chart."""

from collections.abc import Mapping

from markupsafe import Markup

from server.db.occupancy import Occupancy
from server.db.zones import ZoneTotals
from server.web import hours_chart
from server.web.day import Day, day_word
from server.web.figures import strokes
from server.web.parts import Figure
from server.web.view import View


def answer(view: View, day: Day, now: Occupancy, totals: Mapping[str, ZoneTotals]) -> Markup:
    """What the day was like, in a sentence."""
    when = _until(view, day)
    came = people_came(view, day.entered) if day.lines else visits_began(view, totals)
    parts = [came, _compared(view, day), now_inside(view, now) if day.today else ""]
    return Markup("{}: {}.").format(when, Markup("").join(part for part in parts if part))


def _until(view: View, day: Day) -> str:
    if not day.today:
        return view.words.sentence(day_word(view, day.date))
    return view.words.gettext("Today until %(time)s") % {"time": view.words.clock(view.counted_until)}


def people_came(view: View, entered: int) -> Markup:
    """1,284 came in."""
    text = view.words.ngettext("<b>%(n)s came in</b>", "<b>%(n)s came in</b>", entered)
    return Markup(text) % {"n": view.words.number(entered)}  # noqa: S704 - our own text


def visits_began(view: View, totals: Mapping[str, ZoneTotals]) -> Markup:
    """What is told where no entrance line is drawn."""
    n = sum(zone.entries for zone in totals.values())
    text = view.words.ngettext("<b>%(n)s visit</b> to the zones began", "<b>%(n)s visits</b> to the zones began", n)
    return Markup(text) % {"n": view.words.number(n)}  # noqa: S704 - our own text


def _compared(view: View, day: Day) -> str:
    if not day.lines or day.change is None:
        return ""
    percent = view.words.percent(abs(day.change))
    if round(day.change * 100) == 0:
        return view.words.gettext(", as on a usual %(day)s") % {"day": view.words.weekday(day.date)}
    more = view.words.gettext(", %(change)s more than on a usual %(day)s")
    less = view.words.gettext(", %(change)s fewer than on a usual %(day)s")
    return (more if day.change > 0 else less) % {"change": percent, "day": view.words.weekday(day.date)}


def now_inside(view: View, now: Occupancy) -> Markup | str:
    """; 31 in the store now."""
    if now.total is None:
        return ""
    n = {"n": view.words.number(now.total)}
    if now.stale and now.t is not None:
        text = view.words.gettext("; %(n)s were in the store at %(time)s, since then no news")
        return text % (n | {"time": view.words.clock(view.moment_of(now.t))})
    text = view.words.ngettext("; <b>%(n)s in the store</b> now", "; <b>%(n)s in the store</b> now", now.total)
    return Markup(text) % n  # noqa: S704 - our own text


def meta(view: View, day: Day) -> str:
    """Basis, observed time, freshness."""
    words, n = view.words, len(day.lines)
    basis = words.ngettext("Entries over %(n)s entrance line", "Entries over %(n)s entrance lines", n) % {"n": n}
    parts = [basis if day.lines else words.gettext("No entrance line is drawn; visits are counted where zones are")]
    parts.append(words.gettext("observed %(time)s") % {"time": words.seconds(day.observed_s)})
    if day.lines and not day.usual.missing:
        weeks = len(day.usual.days)
        parts.append(
            words.ngettext("usual: the last %(n)s such day", "usual: the last %(n)s such days", weeks) % {"n": weeks}
        )
    last = view.freshness().last
    if last is not None and day.today:
        parts.append(words.gettext("last message %(ago)s") % {"ago": words.ago(view.at - last)})
    return ". ".join(words.sentence(part) for part in parts) + "."


def came_in(view: View, day: Day, totals: Mapping[str, ZoneTotals]) -> Figure:
    """Footfall, or zone entries where there is no line."""
    words = view.words
    if not day.lines:
        n = sum(zone.entries for zone in totals.values())
        return Figure("entries", words.gettext("Zone entries"), words.number(n), note=words.gettext("no entrance line"))
    unit = words.ngettext("person", "people", day.entered)
    left = words.ngettext("%(n)s went out", "%(n)s went out", day.left) % {"n": words.number(day.left)}
    return Figure(
        "footfall",
        words.gettext("Came in"),
        words.number(day.entered),
        unit,
        _usual_note(view, day),
        tip="\n".join([f"{words.number(day.entered)} {unit}", left, _usual_note(view, day)]),
        spark=_spark(view, day),
    )


def _usual_note(view: View, day: Day) -> str:
    band, words = day.usual.until(day.until), view.words
    if band is None:
        n = day.usual.missing
        return words.ngettext("no usual day yet: %(n)s more week", "no usual day yet: %(n)s more weeks", n) % {"n": n}
    figures = {"mid": words.number(band.mid), "low": words.number(band.low), "high": words.number(band.high)}
    return words.gettext("usual by now %(mid)s (%(low)s to %(high)s)") % figures


def _spark(view: View, day: Day) -> Markup:
    hours = hours_chart.shown_hours(day)
    whole = [hour for hour in hours if hour + 1 <= day.until]
    values = [float(day.counts[hour].entered) if hour in day.counts else None for hour in whole]
    return strokes.sparkline(values, label=view.words.gettext("By hour"))


def inside(view: View, now: Occupancy, day: Day) -> Figure:
    """Who is in the store now."""
    words = view.words
    peak = max(day.steps.items(), key=lambda item: item[1].highest, default=None)
    note = ""
    if peak:
        note = words.gettext("at most %(n)s, between %(from)s and %(to)s") % {
            "n": words.number(peak[1].highest),
            "from": f"{peak[0]}:00",
            "to": f"{peak[0] + 1}:00",
        }
    if now.stale and now.t is not None:
        note = words.gettext("at %(time)s; since then no news") % {"time": words.clock(view.moment_of(now.t))}
    value = words.number(now.total) if now.total is not None else "–"
    tip = words.gettext("Sum over the cameras; where views overlap, a person counts in each.")
    unit = words.ngettext("person", "people", now.total or 0)
    return Figure(
        "occupancy", words.gettext("In the store now"), value, unit, note, tip=f"{value} {unit}\n{tip}", stale=now.stale
    )


def presence(view: View, day: Day) -> Figure:
    """Person-hours of the day."""
    words = view.words
    hours = day.presence_s / 3600
    value = words.number(hours, 1 if hours < 100 else 0)
    unit = words.gettext("person-hours")
    note = words.gettext("in %(time)s observed") % {
        "time": words.seconds(sum(s.observed_s for s in day.steps.values()))
    }
    return Figure("presence", words.gettext("Time spent inside"), value, unit, note, tip=f"{value} {unit}\n{note}")


def average(view: View, day: Day) -> Figure:
    """Average occupancy."""
    words, mean = view.words, day.mean_inside
    value = "–" if mean is None else words.number(mean, 1)
    unit = words.ngettext("person", "people", mean or 0)
    hours = hours_chart.shown_hours(day)
    means = [day.steps[hour].mean if hour in day.steps else None for hour in hours if hour < day.until]
    spark = strokes.sparkline(means, label=words.gettext("By hour"))
    note = words.gettext("over the observed time")
    return Figure(
        "occupancy_mean",
        words.gettext("Inside on average"),
        value,
        unit,
        note,
        tip=f"{value} {unit}\n{note}",
        spark=spark,
    )
