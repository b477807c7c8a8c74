"""The steps of the funnel as bars, and its four figures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from server.domain.day_rates import Rate
from server.domain.funnel import CategoryFunnel
from server.funnel_report import FunnelReport
from server.web import funnel_words
from server.web.figures.rates import step_bar
from server.web.money import Money
from server.web.parts import Figure, Table
from server.web.view import View


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `share` is of the step before."""

    key: str
    name: str
    n: str
    share: str
    interval: str
    bar: Markup
    fault: bool


@dataclass(frozen=True, slots=True)
class _Counted:
    key: str
    name: str
    n: float | None
    rate: Rate | None


def steps(view: View, found: FunnelReport) -> list[Step]:
    """From the street to the till: the steps of which something is known, the first as wide as all."""
    text, store = view.words.gettext, found.store
    return _drawn(
        view,
        _Counted("capture", text("Came by the door"), store.passed, None),
        _Counted("footfall", text("Came in"), store.entrants, store.capture),
        _Counted("conversion", text("Bought"), store.receipts, store.conversion),
    )


def category_steps(view: View, category: CategoryFunnel) -> list[Step]:
    """From the zone to the receipt with the category."""
    text = view.words.gettext
    return _drawn(
        view,
        _Counted("visits", text("Visits to its zone"), category.visits, None),
        _Counted("engagement", text("Engaged"), category.engaged, category.engagement),
        _Counted("zone_conversion", text("Bought it"), category.receipts, category.bought),
    )


def _drawn(view: View, *counted: _Counted) -> list[Step]:
    known = [(step, step.n) for step in counted if step.n is not None]
    top = max([n for _, n in known] + [1.0])
    return [_step(view, step, n, known[i - 1][1] if i else None, top) for i, (step, n) in enumerate(known)]


def _step(view: View, step: _Counted, n: float, before: float | None, top: float) -> Step:
    words = view.words
    rate = step.rate if before is not None and step.rate and step.rate.known else None
    low, high = (rate.low * before / top, rate.high * before / top) if rate and rate.sure and before else (None, None)
    share = words.percent(rate.value, 1) if rate else ""
    label = f"{step.name}: {words.number(n)}" + (f", {share}" if share else "")
    return Step(
        key=step.key,
        name=step.name,
        n=words.number(n),
        share=share,
        interval=funnel_words.interval(words, rate) if rate else "",
        bar=step_bar(n / top, low=low, high=high, label=label),
        fault=bool(rate and rate.beyond_whole),
    )


def steps_table(view: View, title: str, drawn: Sequence[Step]) -> Table:
    """The same as numbers."""
    text = view.words.gettext
    rows = [[step.name, step.n, step.share or "–", step.interval or "–"] for step in drawn]
    return Table(title, [text("Step"), text("Counted"), text("Share"), text("Interval")], rows)


def figures(view: View, found: FunnelReport, money: Money) -> list[Figure]:
    """Conversion, basket, takings per visitor, takings per square metre."""
    text, store = view.words.gettext, found.store
    bought, exact = view.words.percent(store.conversion.value, 1) if store.conversion.known else "–", money.price
    return [
        Figure("conversion", text("Conversion"), bought, note=_share_note(view, store.conversion)),
        Figure("basket", text("Basket"), _value(store.basket, exact), note=_note(view, store.basket, money)),
        Figure("sales_per_visitor", text("Takings per visitor"), _value(store.per_entrant, exact),
               note=_note(view, store.per_entrant, money)),
        Figure("sales_per_area", text("Takings per m² and day"), _value(store.per_m2, exact),
               note=_note(view, store.per_m2, money)),
    ]  # fmt: skip


def _value(rate: Rate, written: Callable[[float], str]) -> str:
    return written(rate.value) if rate.known else "–"


def _share_note(view: View, rate: Rate) -> str:
    if not rate.known:
        return view.words.gettext("no receipts yet")
    n = view.words.gettext("n %(n)s") % {"n": view.words.number(rate.below)}
    return f"{funnel_words.interval(view.words, rate)}, {n}"


def _note(view: View, rate: Rate, money: Money) -> str:
    if not rate.known or not rate.sure:
        return funnel_words.interval(view.words, rate)
    bounds = {"low": money.price(rate.low), "high": money.price(rate.high)}
    return view.words.gettext("%(low)s to %(high)s") % bounds
