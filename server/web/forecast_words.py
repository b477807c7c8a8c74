"""The forecast in sentences: what is expected, what from, and how it did before."""

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from server.db.forecasts import Made
from server.domain.forecast_errors import Miss
from server.web.forecast_charts import rounded
from server.web.forecast_day import DayAhead
from server.web.view import View


def when(view: View, day: date) -> str:
    """Today, tomorrow, on Saturday 29 Nov."""
    today = view.words.local(view.now).date()
    ahead = (day - today).days
    if ahead in (0, 1):
        return (view.words.gettext("today"), view.words.gettext("tomorrow"))[ahead]
    return view.words.gettext("on %(day)s") % {"day": view.words.day(day)}


def answer(view: View, day: DayAhead, name: str) -> Markup:
    """About 1,020 will come tomorrow, 880 to 1,160; 400 of them between 11:00 and 14:00."""
    words = view.words
    if day.band is None or day.band.mid < 0.5:
        told = words.gettext("<b>Nobody</b> is expected %(when)s%(name)s.")
        return Markup(told) % {"when": when(view, day.date), "name": f" ({name})" if name else ""}  # noqa: S704 - our own text
    numbers = {key: words.number(rounded(getattr(day.band, key))) for key in ("low", "mid", "high")}
    about = words.gettext("About <b>%(mid)s will come</b> %(when)s, %(low)s to %(high)s")
    first = Markup(about) % (numbers | {"when": when(view, day.date)})  # noqa: S704 - our own text
    if day.busiest is None:
        return first + "."
    start, end, most = day.busiest
    part = words.gettext("; <b>%(n)s of them</b> between %(from)s and %(to)s.")
    span = {"n": words.number(rounded(most)), "from": f"{start}:00", "to": f"{end}:00"}
    return first + Markup(part) % span  # noqa: S704 - our own text


def meta(view: View, made: Made, name: str) -> str:
    """When it was made, what from, and what is special about the day."""
    words = view.words
    parts = [
        words.gettext("Worked out %(when)s") % {"when": words.moment(view.moment_of(made.made))},
        words.gettext("the interval holds 8 of 10 times"),
    ]
    if name:
        parts.insert(0, words.gettext("%(name)s: not like its weekday") % {"name": name})
    return ". ".join(words.sentence(part) for part in parts) + "."


def how_it_did(view: View, found: Sequence[Miss]) -> str:
    """In words: how far off forecasts of the next day were, and whether they beat the average."""
    words = view.words
    if not found:
        return words.gettext("No day that was forecast has passed yet; tomorrow the first can be judged.")
    near = found[0]
    off = {"off": words.percent(near.mae / max(near.mean, 1e-9)), "n": words.number(near.days)}
    sentence = words.ngettext(
        "An hour of the day ahead was off by %(off)s on average, over %(n)s day",
        "An hour of the day ahead was off by %(off)s on average, over %(n)s days",
        near.days,
    )
    whole = sum(miss.n for miss in found)
    mase, covered = (sum(getattr(miss, key) * miss.n for miss in found) / whole for key in ("mase", "covered_80"))
    better = words.gettext("the error is %(change)s smaller than that of the average of the last four same weekdays")
    worse = words.gettext("the error is %(change)s larger than that of the average of the last four same weekdays")
    compared = (better if mase < 1 else worse) % {"change": words.percent(abs(1 - mase))}
    held = words.gettext("%(share)s of the hours came out within the interval that should hold 80 %%") % {
        "share": words.percent(covered)
    }
    return ". ".join(words.sentence(part) for part in (sentence % off, compared, held)) + "."


def ahead(view: View, miss: Miss) -> str:
    """The same day, 1 day, 2 to 3 days."""
    words = view.words
    if miss.last == 0:
        return words.gettext("the same day")
    if miss.first == miss.last:
        return words.ngettext("%(n)s day ahead", "%(n)s days ahead", miss.first) % {"n": words.number(miss.first)}
    span = {"from": words.number(miss.first), "to": words.number(miss.last)}
    return words.gettext("%(from)s to %(to)s days ahead") % span
