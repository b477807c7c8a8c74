"""The programme, or something else? What changed from a day on: cards beside no cards, this store beside others."""

from dataclasses import dataclass
from datetime import date

from server import programme_question
from server.domain.elsewhere import Elsewhere
from server.domain.intervals import Estimate
from server.domain.programme_effect import ProgrammeEffect
from server.programme_question import Asked, Chain, Figure
from server.web import advice_rows, advice_words
from server.web.advice_rows import Badge
from server.web.language import Words
from server.web.trade_names import TradeNames, quoted, trade_names
from server.web.view import View


@dataclass(frozen=True, slots=True)
class CardRow:
    """How one kind of receipts changed."""

    name: str
    change: str
    reach: str
    strong: bool


@dataclass(frozen=True, slots=True)
class StoreRow:
    """How a figure changed here, and what of it happened elsewhere as well."""

    name: str
    here: str
    elsewhere: str
    beyond: str
    reach: str
    badge: Badge | None


@dataclass(frozen=True, slots=True)
class QuestionSection:
    """Everything the section shows, and the day that is asked about."""

    since: date
    earliest: date
    latest: date
    offers: list[tuple[str, str, bool]]
    """Offers that may be asked about: id, name, chosen."""
    days: str
    of_cards: bool
    """The programme is asked about, and not an offer's goods."""
    cards: list[CardRow]
    cards_note: str
    stores: list[StoreRow]
    stores_note: str
    checked: str


def question_section(view: View) -> QuestionSection:
    """As the address asks: `since` a day, or `offer` for the day it began."""
    conn, site, words = view.conn, view.site, view.words
    today = words.local(view.now).date()
    of = programme_question.asked(conn, site.site, since=_day(view), offer=view.param("offer"), today=today)
    cards = programme_question.cards_beside(conn, site.site, of) if of.offer is None else None
    chain = programme_question.stores_beside(conn, site, of)
    return QuestionSection(
        since=of.since,
        earliest=programme_question.earliest(today),
        latest=programme_question.latest(today),
        offers=[
            (each.offer, each.name, of.offer is not None and each.offer == of.offer.offer)
            for each in programme_question.answerable(conn, site.site, today=today)
        ],
        days=words.dates(of.since, of.last),
        of_cards=of.offer is None,
        cards=_card_rows(words, cards) if cards else [],
        cards_note=_cards_note(words, cards),
        stores=[_store_row(words, figure, each) for figure, each in chain.rows.items()] if chain else [],
        stores_note=_stores_note(words, chain, of, trade_names(conn, site.document)),
        checked=_checked(words, chain),
    )


def _day(view: View) -> date | None:
    try:
        return date.fromisoformat(view.param("since") or "")
    except ValueError:
        return None


def _card_rows(words: Words, of: ProgrammeEffect) -> list[CardRow]:
    text = words.gettext
    return [
        _card_row(words, text("Receipts with a card"), of.with_card, strong=False),
        _card_row(words, text("Receipts without a card"), of.without, strong=False),
        _card_row(words, text("With a card beyond the others"), of.difference, strong=True),
    ]


def _card_row(words: Words, name: str, of: Estimate, *, strong: bool) -> CardRow:
    return CardRow(name, _signed(words, of.value), _reach(words, of), strong)


def _cards_note(words: Words, of: ProgrammeEffect | None) -> str:
    if of is None:
        return words.gettext("Needs receipts of a fortnight and of one before it that say whether a card was shown.")
    low, high = of.difference.low, of.difference.high
    if low <= 0 <= high:
        return words.gettext("Both changed alike: traffic, weather and season explain it, the programme need not.")
    if low > 0:
        return words.gettext("Card holders bought more often than what moved everyone explains.")
    return words.gettext("Card holders bought less often than what moved everyone explains.")


def _store_row(words: Words, figure: Figure, of: Elsewhere) -> StoreRow:
    text = words.gettext
    name = {
        "card_receipts": text("Receipts with a card"),
        "receipts": text("All receipts"),
        "gross": text("Takings"),
        "margin": text("Margin"),
    }[figure]
    return StoreRow(
        name=name,
        here=_signed(words, of.here),
        elsewhere=_signed(words, of.elsewhere),
        beyond=_signed(words, of.beyond.value),
        reach=_reach(words, of.beyond),
        badge=advice_rows.badge(of.evidence, words),
    )


def _stores_note(words: Words, chain: Chain | None, of: Asked, names: TradeNames) -> str:
    if chain is None:
        return words.gettext(
            "No other store of the chain has told what it sold on these days: nothing to compare with."
        )
    if not chain.rows:
        return words.gettext("Too few days: four weeks before and one after are needed, told by all the stores.")
    stores = ", ".join(names.store(each) for each in chain.stores)
    first = next(iter(chain.rows.values()))
    verdict = _verdict(words, first, of)
    told = words.gettext("Compared with %(stores)s.") % {"stores": stores}
    return f"{verdict} {told}"


def _checked(words: Words, chain: Chain | None) -> str:
    """Of the first figure, which the verdict is about."""
    first = next(iter(chain.rows.values()), None) if chain else None
    return advice_words.checked(first.checks, words) if first else ""


def _verdict(words: Words, first: Elsewhere, of: Asked) -> str:
    text = words.gettext
    if first.evidence != "estimated":
        return text(
            "It cannot be told from what moved the other stores: a check does not hold; it goes together at most."
        )
    if first.beyond.low > 0 or first.beyond.high < 0:
        what = quoted(words, of.offer.name) if of.offer else text("the programme")
        told = text("What moved the other stores does not explain it: %(what)s may, or what else began here then.")
        return told % {"what": what}
    if of.offer is not None:
        return text("It went here as in the other stores: what moved them explains it, the offer need not.")
    return text("It went here as in the other stores: what moved them explains it, the programme need not.")


def _reach(words: Words, of: Estimate) -> str:
    return words.gettext("%(from)s to %(to)s") % {"from": _signed(words, of.low), "to": _signed(words, of.high)}


def _signed(words: Words, share: float) -> str:
    return f"{'+' if share > 0 else '−' if share < 0 else ''}{words.percent(abs(share), 1)}"
