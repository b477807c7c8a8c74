"""A store's week in words, for a screen, for paper and for an e-mail: one document without scripts or pictures."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from markupsafe import Markup

from server.db.local_time import day_of
from server.db.news import News
from server.domain.day_rates import Rate
from server.domain.intervals import Estimate
from server.domain.store_days import Floats
from server.programme_report import Period
from server.web import advice_reasons, advice_words, news_words, render, takings_section
from server.web.language import Words
from server.web.money import Money
from server.web.trade_names import TradeNames
from server.week_facts import WEEK, WeekFacts

TEMPLATE = "weekly.html"


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A figure of the week, and of the one before."""

    name: str
    now: str
    before: str
    change: str


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day of the week; `bar` is its share of the busiest, 0 to 100."""

    day: str
    entrants: str
    before: str
    receipts: str
    bar: int


@dataclass(frozen=True, slots=True)
class Item:
    """Something to read: a line, and what stands behind it."""

    what: str
    more: str


@dataclass(frozen=True, slots=True)
class WeeklyReport:
    """Everything the document shows."""

    title: str
    dates: str
    simulated: bool
    answer: Markup
    figures: list[FigureRow]
    days: list[DayRow]
    moved: list[Item]
    news: list[Item]
    advice: list[Item]
    concluded: list[Item]
    programme: list[FigureRow]
    ahead: list[tuple[str, str, str]]
    """(day, about how many, from – to)."""
    address: str
    """Of the dashboard; empty where the server does not know how it is reached."""


def subject(facts: WeekFacts, words: Words) -> str:
    """What an e-mail with it is called."""
    dates = words.dates(facts.monday, facts.monday + timedelta(days=6))
    return words.gettext("%(store)s: the week of %(dates)s") % {"store": facts.site.name, "dates": dates}


def html(facts: WeekFacts, words: Words, names: TradeNames, *, address: str) -> str:
    """The document."""
    made = weekly_report(facts, words, names, address=address)
    return render.environment(words.code).get_template(TEMPLATE).render(words=words, report=made)


def weekly_report(facts: WeekFacts, words: Words, names: TradeNames, *, address: str) -> WeeklyReport:
    """The week in a reader's words."""
    money = Money(words, facts.now.currency)
    return WeeklyReport(
        title=facts.site.name,
        dates=words.dates(facts.monday, facts.monday + timedelta(days=6)),
        simulated=facts.site.simulated,
        answer=_answer(facts, words, money),
        figures=_figures(facts, words, money),
        days=_days(facts, words),
        moved=_moved(facts, words, money),
        news=[_news(each, facts, names, words) for each in facts.news],
        advice=[
            Item(advice_words.title(words, one.record.advice, names), _because(one.effect, money, words))
            for one in facts.advice
        ],
        concluded=[
            Item(change.name, advice_reasons.outcome(words, change, change.result, money))
            for change in facts.concluded
            if change.result is not None
        ],
        programme=_programme(facts.programme, words, money),
        ahead=_ahead(facts, words),
        address=address,
    )


def _answer(facts: WeekFacts, words: Words, money: Money) -> Markup:
    """How many came, and what moved the takings."""
    came, before = _sum(facts.now.days.entrants), _sum(facts.before.days.entrants)
    said = []
    if came:
        text = words.gettext("<b>%(n)s</b> came in, %(change)s against the week before.")
        told = {"n": words.number(came), "change": _change(words, came, before) or "–"}
        said.append(Markup(text) % told)  # noqa: S704 - our own text
    if facts.moved is not None:
        against = words.dates(facts.monday - WEEK, facts.monday - timedelta(days=1))
        said.append(takings_section.sentence(words, facts.moved, money, against))
    return Markup(" ").join(said) or Markup(words.gettext("<b>Nothing</b> was measured in this week."))  # noqa: S704 - our own text


def _figures(facts: WeekFacts, words: Words, money: Money) -> list[FigureRow]:
    text = words.gettext
    now, before = facts.now.store, facts.before.store
    counts = [
        (text("People who came in"), _sum(facts.now.days.entrants), _sum(facts.before.days.entrants), words.number),
        (text("Receipts"), _sum(facts.now.days.receipts), _sum(facts.before.days.receipts), words.number),
        (text("Takings"), _sum(facts.now.days.gross), _sum(facts.before.days.gross), money.amount),
    ]

    def share(value: float) -> str:
        return words.percent(value, 1)

    rates: list[tuple[str, Rate, Rate, Callable[[float], str]]] = [
        (text("Conversion"), now.conversion, before.conversion, share),
        (text("Basket"), now.basket, before.basket, money.price),
        (text("Takings per visitor"), now.per_entrant, before.per_entrant, money.price),
    ]
    return [
        FigureRow(name, write(of), write(past) if past else "–", _change(words, of, past))
        for name, of, past, write in counts
        if of
    ] + [
        FigureRow(name, write(of.value), write(past.value) if past.known else "–", _rate_change(words, of, past))
        for name, of, past, write in rates
        if of.known
    ]


def _days(facts: WeekFacts, words: Words) -> list[DayRow]:
    now, before = facts.now, facts.before
    most = np.nanmax(now.days.entrants, initial=0.0) if np.isfinite(now.days.entrants).any() else 0.0
    return [
        DayRow(
            day=words.day(date.fromordinal(int(day))),
            entrants=_count(words, now.days.entrants[i]),
            before=_count(words, before.days.entrants[i]),
            receipts=_count(words, now.days.receipts[i]),
            bar=round(100 * float(np.nan_to_num(now.days.entrants[i])) / most) if most else 0,
        )
        for i, day in enumerate(now.days.day)
    ]


def _moved(facts: WeekFacts, words: Words, money: Money) -> list[Item]:
    if facts.moved is None:
        return []
    return [
        Item(
            f"{takings_section.factor_name(words, part.factor)}: {money.signed(part.effect)}",
            money.reach(part.interval) if part.interval else "",
        )
        for part in facts.moved.parts
    ]


def _news(news: News, facts: WeekFacts, names: TradeNames, words: Words) -> Item:
    site = facts.site.document
    what = news_words.sentence(news, site, dict(names.categories), words)
    return Item(f"{what} ({news_words.range_of(news, words)})", news_words.causes(news, words))


def _because(effect: Estimate | None, money: Money, words: Words) -> str:
    if effect is None:
        return words.gettext("worth a try, without a figure yet")
    return words.gettext("%(effect)s of margin a week, %(reach)s") % {
        "effect": money.signed(effect.value),
        "reach": money.reach(effect),
    }


def _programme(period: Period | None, words: Words, money: Money) -> list[FigureRow]:
    if period is None:
        return []
    text, found = words.gettext, period.figures
    told = [
        (text("Receipts with a card"), words.percent(found.penetration.value) if found.penetration else ""),
        (text("Takings of a receipt"), money.price(found.basket) if found.basket else ""),
        (text("Active members"), words.percent(found.active.value) if found.active else ""),
        (text("Came back"), words.percent(found.retention.value) if found.retention else ""),
    ]
    return [FigureRow(name, value, "", "") for name, value in told if value]


def _ahead(facts: WeekFacts, words: Words) -> list[tuple[str, str, str]]:
    """The seven days after the week, as far as they are foretold."""
    if facts.ahead is None:
        return []
    wanted = {facts.monday + WEEK + timedelta(days=i) for i in range(7)}
    days = (
        (day_of(t_ms, words.timezone), cells) for t_ms, cells in zip(facts.ahead.day_ms, facts.ahead.days, strict=True)
    )
    return [
        (words.day(day), words.number(cells[0]), f"{words.number(cells[1])} – {words.number(cells[2])}")
        for day, cells in days
        if day in wanted and np.isfinite(cells[0])
    ]


def _sum(of_days: Floats) -> float:
    """Of the days on which it was measured."""
    return float(np.nansum(of_days))


def _count(words: Words, n: float) -> str:
    return words.number(n) if np.isfinite(n) else "–"


def _change(words: Words, now: float, before: float) -> str:
    if not before:
        return ""
    share = now / before - 1
    return f"{'+' if share > 0 else '−' if share < 0 else ''}{words.percent(abs(share), 1)}"


def _rate_change(words: Words, now: Rate, before: Rate) -> str:
    return _change(words, now.value, before.value) if now.known and before.known else ""
