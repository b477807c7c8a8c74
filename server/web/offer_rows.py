"""The table of offers: what each brings less what it costs on one zero line, its ROI, and how well that is known."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from server.domain.advice import EVIDENCE
from server.domain.intervals import Estimate
from server.offer_report import ReportedOffer
from server.web import advice_rows, advice_words, offer_words
from server.web.advice_rows import Badge
from server.web.figures import effects
from server.web.figures.effects import Axis
from server.web.language import Words
from server.web.money import Money, plain, plain_reach, rounded, tidy
from server.web.offer_words import Line
from server.web.parts import Table
from server.web.state import State
from server.web.trade_names import TradeNames
from server.web.view import View


@dataclass(frozen=True, slots=True)
class Row:
    """One offer; amounts a week, empty where nothing is known."""

    offer: str
    name: str
    about: str
    why: str
    zero: Markup
    drawing: Markup
    value: str
    interval: str
    brought: str
    brought_interval: str
    cost: str
    cost_parts: str
    roi: str
    roi_interval: str
    badge: Badge | None
    verdict: State
    lines: list[Line]
    advice: str
    """Address of the advice about it; empty where there is nothing to test."""
    advice_page: str
    """The same on a page of its own, for a phone."""
    test: str
    """Address of the newest test of that advice; empty before it."""


@dataclass(frozen=True, slots=True)
class OfferTable:
    """All rows with the head of their column."""

    head: Markup
    unit: str
    rows: list[Row]
    key: list[tuple[Markup, str]]
    """What the badges mean."""
    table: Table
    """The drawing's numbers."""


def offer_table(view: View, found: Sequence[ReportedOffer], names: TradeNames, money: Money) -> OfferTable:
    """In the order of `found`."""
    words = view.words
    axis = effects.axis_of([rounded(each.result.net) for each in found if each.result and each.result.net], most=3)
    rows = [_row(view, each, names, money, axis) for each in found]
    unit = advice_rows.unit(words, money)
    return OfferTable(
        head=effects.axis_head(axis, lambda value: plain(value, words)),
        unit=unit,
        rows=rows,
        key=[(effects.rising_bars(i + 1), advice_words.evidence_meaning(e, words)) for i, e in enumerate(EVIDENCE)],
        table=_as_table(words, rows, unit),
    )


def _row(view: View, of: ReportedOffer, names: TradeNames, money: Money, axis: Axis) -> Row:
    words, result = view.words, of.result
    today = words.local(view.now).date()
    net = rounded(result.net) if result and result.net else None
    brought = rounded(result.brought) if result and result.brought else None
    roi = result.roi if result else None
    change = of.advice.change if of.advice else None
    key = of.advice.key if of.advice and of.advice.record.trial else ""
    return Row(
        offer=of.offer.offer,
        name=of.offer.name,
        about=offer_words.about(words, of, names),
        why=offer_words.why(words, of, money, today),
        zero=effects.zero_line(axis),
        drawing=_drawing(words, of, net, axis, money),
        value=plain(net.value, words) if net else words.gettext("later"),
        interval=plain_reach(net, words) if net else "",
        brought=plain(brought.value, words) if brought else "–",
        brought_interval=plain_reach(brought, words) if brought else "",
        cost=_cost(words, of),
        cost_parts=_cost_parts(words, of),
        roi=_percent(words, roi.value) if roi else "–",
        roi_interval=_roi_reach(words, roi) if roi else "",
        badge=advice_rows.badge(result.evidence, words) if result else None,
        verdict=offer_words.verdict(words, of, today),
        lines=offer_words.evidence_lines(words, result) if result and result.evidence else [],
        advice=view.link("/advice", advice=key) if key else "",
        advice_page=view.link(f"/advice/{key}") if key else "",
        test=f"{view.link('/tests')}#change-{change.id}" if change else "",
    )


def _drawing(words: Words, of: ReportedOffer, net: Estimate | None, axis: Axis, money: Money) -> Markup:
    if net is not None:
        return effects.effect_row(axis, net, look="now" if of.loses else "plain", label=money.reach(net))
    share = of.result.gathered if of.result else None
    if share is None:
        return Markup()
    label = words.gettext("%(share)s of what is needed") % {"share": words.percent(share)}
    return effects.gathered(share, label=label)


def _cost(words: Words, of: ReportedOffer) -> str:
    """Discount and cost together."""
    if of.result is None or of.result.discount is None or of.result.cost is None:
        return "–"
    return words.number(tidy(of.result.discount + of.result.cost))


def _cost_parts(words: Words, of: ReportedOffer) -> str:
    """What of it is no discount."""
    if of.result is None or of.result.discount is None or not of.result.cost:
        return ""
    told = {"cost": words.number(of.result.cost), "discount": words.number(tidy(of.result.discount))}
    return words.gettext("discount %(discount)s, else %(cost)s") % told


def _roi_reach(words: Words, roi: Estimate) -> str:
    ends = {"from": _percent(words, roi.low), "to": _percent(words, roi.high)}
    return words.gettext("%(from)s to %(to)s") % ends


def _percent(words: Words, share: float) -> str:
    return f"{'+' if round(share, 2) > 0 else ''}{words.percent(share)}"


def _as_table(words: Words, rows: Sequence[Row], unit: str) -> Table:
    text = words.gettext
    head = [text("Offer"), unit, text("Interval"), text("ROI"), text("Evidence"), text("Verdict")]
    body = [
        [row.name, row.value, row.interval, row.roi, row.badge.word if row.badge else "–", row.verdict.word]
        for row in rows
    ]
    return Table(text("Offers"), head, body)
