"""Offers in words: what to do with each, why, how it is known, and what could fool that."""

from datetime import date

from server.domain.offer_results import OfferResult
from server.offer_report import ReportedOffer
from server.web import advice_reasons, advice_words
from server.web import state as states
from server.web.language import Words
from server.web.money import Money, tidy
from server.web.trade_names import TradeNames

Line = tuple[str, str]
"""What it is about, and what is said of it."""


def verdict(words: Words, of: ReportedOffer, today: date) -> states.State:
    """What to do with it, as shape and word."""
    text = words.gettext
    over = of.offer.end < today
    known: dict[str, tuple[states.Kind, str]] = {
        "pays": ("confirmed", text("It paid") if over else text("It pays")),
        "loses": ("bad", text("Did not pay: not again") if over else text("Does not pay: drop it")),
        "others": ("warn", text("Give it to others only")),
        "unclear": ("fine", text("No gain, no loss to be seen")),
        "waits": ("fine", text("Not enough data")),
    }
    return states.State(*known[of.verdict])


def about(words: Words, of: ReportedOffer, names: TradeNames) -> str:
    """9–20 Nov, coffee."""
    goods = ", ".join(names.category(key) for key in of.offer.categories) or words.gettext("all goods")
    return f"{words.dates(of.offer.start, of.offer.end)} · {goods}"


def why(words: Words, of: ReportedOffer, money: Money, today: date) -> str:
    """One or two sentences."""
    result = of.result
    if result is None or result.verdict == "waits":
        return _waits(words, of, today)
    sentences = []
    if result.sold_anyway is not None and result.discount:
        text = words.gettext("%(share)s of what is sold under it would be sold at the full price.")
        sentences.append(text % {"share": words.percent(result.sold_anyway.value)})
    if result.echo is not None and result.echo.high < 0:
        text = words.gettext("In the fortnight after it margin is off by %(echo)s a week.")
        sentences.append(text % {"echo": money.amount(tidy(result.echo.value))})
    return " ".join(sentences)


def evidence_lines(words: Words, result: OfferResult) -> list[Line]:
    """How it is known, what was checked, what could be wrong."""
    text = words.gettext
    told = [
        (text("Method"), _method(words, result)),
        (text("Checked"), advice_words.checked(result.checks, words)),
        (text("Could be wrong"), advice_words.joined(advice_words.confounders(result.confounders, words), words)),
    ]
    return [(name, said) for name, said in told if said]


def _method(words: Words, result: OfferResult) -> str:
    if result.method == "groups":
        return words.gettext("An experiment: those who got it against a group held out.")
    if result.evidence == "associated":
        return words.gettext("Its days against those without it; a check did not hold, so it goes together, no more.")
    return words.gettext("Its days against those without it, as an interrupted time series.")


def _waits(words: Words, of: ReportedOffer, today: date) -> str:
    if of.offer.start > today:
        return words.gettext("Begins on %(day)s.") % {"day": words.dates(of.offer.start, of.offer.start)}
    if of.result is None:
        return words.gettext("Will be looked at in the next round.")
    if of.offer.end < today and of.result.needs_days is not None:
        return words.gettext("It is over, and too few of its days are known to judge it.")
    if of.result.needs_days is None:
        return words.gettext("The margin of its goods is not known.")
    return advice_reasons.needs(words, of.result.needs_days)
