"""The list of advice: what to change and why, on one common zero line, how well it is known, and what to press."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from server.advice.standing import Standing
from server.domain.advice import EVIDENCE, Evidence
from server.domain.intervals import Estimate
from server.web import advice_reasons, advice_words
from server.web.figures import effects
from server.web.figures.effects import Axis
from server.web.language import Words
from server.web.money import Money, plain, plain_reach, rounded
from server.web.state import State
from server.web.trade_names import TradeNames
from server.web.view import View


@dataclass(frozen=True, slots=True)
class Badge:
    """Four rising bars and a word."""

    bars: Markup
    word: str


@dataclass(frozen=True, slots=True)
class Row:
    """One advice."""

    key: str
    title: str
    why: str
    href: str
    """Shows it beside the list."""
    page: str
    """Its own page, for a phone."""
    chosen: bool
    zero: Markup
    drawing: Markup
    value: str
    interval: str
    badge: Badge | None
    """None: nothing is known yet."""
    state: State | None
    """None: it can be tested."""


@dataclass(frozen=True, slots=True)
class AdviceList:
    """All rows with the head of their column."""

    head: Markup
    unit: str
    rows: list[Row]
    key: list[tuple[Markup, str]]
    """What the badges mean."""


def advice_list(view: View, found: Sequence[Standing], names: TradeNames, money: Money, chosen: str) -> AdviceList:
    """The list in the order of `found`; `chosen` is the key of the one beside it."""
    words = view.words
    axis = effects.axis_of([rounded(one.effect) for one in found if one.effect])
    return AdviceList(
        head=effects.axis_head(axis, lambda value: plain(value, words)),
        unit=unit(words, money),
        rows=[_row(view, one, names, money, axis, chosen=one.key == chosen) for one in found],
        key=[(effects.rising_bars(i + 1), advice_words.evidence_meaning(e, words)) for i, e in enumerate(EVIDENCE)],
    )


def unit(words: Words, money: Money) -> str:
    """€ a week."""
    return words.gettext("%(unit)s a week") % {"unit": money.symbol or words.gettext("margin")}


def badge(kind: Evidence | None, words: Words) -> Badge | None:
    """The evidence badge."""
    if kind is None:
        return None
    return Badge(effects.rising_bars(EVIDENCE.index(kind) + 1), advice_words.evidence(kind, words))


def _row(view: View, one: Standing, names: TradeNames, money: Money, axis: Axis, *, chosen: bool) -> Row:
    words, advice = view.words, one.record.advice
    shown = rounded(one.effect) if one.effect else None
    return Row(
        key=one.key,
        title=advice_words.title(words, advice, names),
        why=advice_reasons.short(words, one, names, money),
        href=view.link("/advice", advice=one.key),
        page=view.link(f"/advice/{one.key}"),
        chosen=chosen,
        zero=effects.zero_line(axis),
        drawing=_drawing(words, one, shown, axis, money, chosen=chosen),
        value=_value(words, one, shown),
        interval=plain_reach(shown, words) if shown else "",
        badge=badge(one.evidence, words),
        state=None if one.state in {"open", "waits"} else advice_words.standing(one.state, words),
    )


def _drawing(words: Words, one: Standing, shown: Estimate | None, axis: Axis, money: Money, *, chosen: bool) -> Markup:
    if shown is not None:
        look: effects.Look = "wrong" if one.state == "wrong" else "now" if chosen else "plain"
        return effects.effect_row(axis, shown, look=look, label=money.reach(shown))
    share = one.record.advice.gathered
    if one.state == "waits" and share is not None:
        label = words.gettext("%(share)s of what is needed") % {"share": words.percent(share)}
        return effects.gathered(share, label=label)
    return Markup("")


def _value(words: Words, one: Standing, shown: Estimate | None) -> str:
    if shown is not None:
        return plain(shown.value, words)
    return words.gettext("later") if one.state == "waits" else words.gettext("no estimate")
