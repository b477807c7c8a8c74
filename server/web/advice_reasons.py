"""Why an advice is given, in sentences; and of one that was tried, what came of it."""

from server.advice.standing import Standing
from server.change_document import ChangeResult
from server.db.changes import ChangeRecord
from server.domain.advice import Advice
from server.web.language import Words
from server.web.money import Money, rounded
from server.web.trade_names import TradeNames


def short(words: Words, one: Standing, names: TradeNames, money: Money) -> str:
    """One or two sentences for the list."""
    advice, change = one.record.advice, one.change
    if change is not None and change.result is not None:
        return outcome(words, change, change.result, money)
    if one.state == "waits":
        return waits(words, advice)
    return because(words, advice, names, money)


def waits(words: Words, advice: Advice) -> str:
    """Not enough data: needs about 12 more days."""
    if advice.needs_days is None:
        return words.gettext("Not enough data yet.")
    return words.ngettext(
        "Not enough data: needs about %(n)s more day.",
        "Not enough data: needs about %(n)s more days.",
        advice.needs_days,
    ) % {"n": words.number(advice.needs_days)}


def outcome(words: Words, change: ChangeRecord, result: ChangeResult, money: Money) -> str:
    """Expected +80. Test of 2 to 15 Nov: it fell."""
    text = words.gettext
    told = {
        "worked": text("margin rose."),
        "no_effect": text("no effect that could be told from chance."),
        "wrong": text("margin fell."),
        "unclear": text("nothing can be concluded from it."),
    }[result.verdict]
    days = words.dates(change.document.after.first, change.document.after.last)
    test = text("Test of %(days)s: %(told)s") % {"days": days, "told": told}
    if change.promised is None:
        return test
    expected = text("Expected %(effect)s.") % {"effect": money.signed(rounded(change.promised.effect).value)}
    return f"{expected} {test}"


def because(words: Words, advice: Advice, names: TradeNames, money: Money) -> str:
    """The figures behind it, as sentences."""
    return ""
