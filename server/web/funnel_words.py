"""The funnel in words: the answer, its basis, and how a ratio and its interval are written."""

from collections.abc import Mapping

from markupsafe import Markup

from server.domain.day_rates import DAYS_NEEDED, Rate
from server.funnel_report import FunnelReport
from server.web.language import Words
from server.web.view import View


def answer(view: View, found: FunnelReport, names: Mapping[str, str]) -> Markup:
    """Where most are lost, in a sentence or two."""
    store, words = found.store, view.words
    if not store.days:
        return Markup("{}").format(words.gettext("Nothing was measured whole on these days."))
    if found.till and store.conversion.beyond_whole:
        text = words.gettext(
            "<b>More receipts than people:</b> %(receipts)s receipts, and %(entrants)s came in. "
            "The entrance is counted too low, or receipts come in twice."
        )
        counts = {"receipts": words.number(store.receipts or 0), "entrants": words.number(store.entrants)}
        return Markup(text) % counts  # noqa: S704 - our own text
    parts = [_street(words, found), _till(words, found), _loss(words, found, names)]
    return Markup(" ").join(part for part in parts if part)


def _street(words: Words, found: FunnelReport) -> Markup | str:
    if not found.store.capture.known:
        return ""
    text = words.gettext("Of 100 who come by, <b>%(n)s come in</b>.")
    return Markup(text) % {"n": in_100(words, found.store.capture.value)}  # noqa: S704 - our own text


def _till(words: Words, found: FunnelReport) -> Markup | str:
    if found.store.conversion.known:
        text = words.gettext("Of 100 who come in, <b>%(n)s buy</b>.")
        return Markup(text) % {"n": in_100(words, found.store.conversion.value)}  # noqa: S704 - our own text
    n = round(found.store.entrants)
    text = words.ngettext("<b>%(n)s came in</b>;", "<b>%(n)s came in</b>;", n)
    rest = words.gettext("what they bought is not known yet.")
    return Markup("{} {}").format(Markup(text) % {"n": words.number(n)}, rest)  # noqa: S704 - our own text


def _loss(words: Words, found: FunnelReport, names: Mapping[str, str]) -> Markup | str:
    if not found.till:
        return ""
    if found.loss is None:
        return words.gettext("No category is surely worse than the others.")
    text = words.gettext(
        "Most is lost at <b>%(category)s</b>: of 100 who stopped, %(bought)s bought; usual is %(usual)s."
    )
    return Markup(text) % {  # noqa: S704 - our own text
        "category": names.get(found.loss.category, found.loss.category),
        "bought": in_100(words, found.loss.bought.value),
        "usual": in_100(words, found.loss.usual),
    }


def meta(view: View, found: FunnelReport) -> str:
    """Basis: which days, how many, what was left out."""
    words, store = view.words, found.store
    days = words.ngettext("%(n)s open day", "%(n)s open days", store.days) % {"n": store.days}
    parts = [f"{words.dates(found.first, found.last)}, {days}"]
    if store.left_out:
        n = store.left_out
        left = words.ngettext("%(n)s day left out: not measured whole", "%(n)s days left out: not measured whole", n)
        parts.append(left % {"n": n})
    if not store.capture.known:
        parts.append(words.gettext("nobody counts who passes the door"))
    parts.append(words.gettext("Intervals are 95 %, from how much days differ"))
    return ". ".join(words.sentence(part) for part in parts) + "."


def in_100(words: Words, share: float) -> str:
    """So many of 100; with a decimal where they are few."""
    return words.number(share * 100, 0 if share >= 0.05 else 1)


def percent(words: Words, share: float) -> str:
    """A share; with a decimal where it is small; – when unknown."""
    return words.percent(share if share == share else None, 0 if share >= 0.1 else 1)  # noqa: PLR0124 - nan


def interval(words: Words, rate: Rate) -> str:
    """57 to 63 %; or that it takes more days."""
    if not rate.known:
        return ""
    if not rate.sure:
        return words.gettext("interval from %(n)s days on") % {"n": DAYS_NEEDED}
    digits = 0 if rate.value >= 0.1 else 1
    bounds = {"low": words.number(rate.low * 100, digits), "high": words.percent(rate.high, digits)}
    return words.gettext("%(low)s to %(high)s") % bounds
