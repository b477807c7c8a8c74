"""Why an advice is given, in sentences; and of one that was tried, what came of it."""

from server.advice.standing import Standing
from server.change_document import ChangeResult
from server.db.changes import ChangeRecord
from server.domain.advice import Advice
from server.web.language import Words
from server.web.money import Money, rounded, tidy
from server.web.trade_names import TradeNames, inside

SHORT = 110
"""Letters of two sentences that stand in the list; the panel has all."""


def short(words: Words, one: Standing, names: TradeNames, money: Money) -> str:
    """One or two sentences for the list."""
    advice, change = one.record.advice, one.change
    if change is not None and change.result is not None:
        return outcome(words, change, change.result, money)
    if one.state == "waits":
        return waits(words, advice)
    told = because(words, advice, names, money)
    return " ".join(told[: 2 if sum(map(len, told[:2])) < SHORT else 1])


def waits(words: Words, advice: Advice) -> str:
    """Not enough data: needs about 12 more days."""
    return words.gettext("Not enough data yet.") if advice.needs_days is None else needs(words, advice.needs_days)


def needs(words: Words, days: int) -> str:
    """Needs about so many more days."""
    return words.ngettext(
        "Not enough data: needs about %(n)s more day.",
        "Not enough data: needs about %(n)s more days.",
        days,
    ) % {"n": words.number(days)}


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


def because(words: Words, advice: Advice, names: TradeNames, money: Money) -> list[str]:
    """The figures behind it, as sentences; what matters most first."""
    told = {
        "move": _place,
        "swap": _place,
        "feature": _place,
        "pair": _together,
        "advertise": _seldom_seen,
        "look_into": _looked_at,
    }.get(advice.kind)
    sentences = told(words, advice, names) if told else _offer(words, advice, money)
    return [sentence for sentence in [*sentences, *_room(words, advice, names), *_past(words, advice)] if sentence]


def _place(words: Words, advice: Advice, names: TradeNames) -> list[str]:
    return [_passed(words, advice, names), _change(words, advice), *_seldom_seen(words, advice, names)]


def _passed(words: Words, advice: Advice, names: TradeNames) -> str:
    """412 a day pass aisle 3, and 377 pass aisle 2."""
    there, here = (_figure(advice, f"visits_{end}") for end in ("target", "origin"))
    if there is None or here is None or not advice.target or not advice.origin:
        return ""
    return words.gettext("%(there)s a day pass %(target)s, and %(here)s pass %(origin)s.") % {
        "target": inside(words, names.zone(advice.target)),
        "there": words.number(there),
        "origin": inside(words, names.zone(advice.origin)),
        "here": words.number(here),
    }


def _change(words: Words, advice: Advice) -> str:
    """How much more it sells there, and where that is known from."""
    change, before, after = (_figure(advice, name) for name in ("change", "days_before", "days_after"))
    if change is None or before is None:
        return ""
    told = {"change": _percent(words, change), "before": words.number(before), "after": words.number(after or 0)}
    if after is None:
        return words.gettext("On days with more people about it sells more: there about %(change)s.") % told
    text = words.gettext("It stood there: %(change)s of sales, by %(before)s days before its move and %(after)s after.")
    return text % told


def _together(words: Words, advice: Advice, names: TradeNames) -> list[str]:
    lift, together, share = (_figure(advice, name) for name in ("lift", "together", "confidence"))
    if lift is None or together is None:
        return []
    sentences = [
        words.gettext("Bought together %(lift)s times as often as by chance, %(n)s times.")
        % {"lift": words.number(lift, 1), "n": words.number(together)}
    ]
    if share is not None and advice.other:
        text = words.gettext("Of 100 who buy %(other)s, %(n)s buy %(subject)s too.")
        named = {
            "other": inside(words, names.category(advice.other)),
            "subject": inside(words, names.category(advice.subject)),
        }
        sentences.append(text % (named | {"n": words.number(share * 100)}))
    return sentences


def _looked_at(words: Words, advice: Advice, names: TradeNames) -> list[str]:
    engaged, bought, usual = (_figure(advice, name) for name in ("engaged", "bought", "usual"))
    if engaged is None or bought is None or usual is None:
        return []
    text = words.gettext("%(n)s a day stay in %(zone)s; of 100 of them %(bought)s buy, elsewhere %(usual)s.")
    zone = inside(words, names.zone(advice.origin)) if advice.origin else "–"
    told = {"bought": words.number(bought * 100), "usual": words.number(usual * 100)}
    return [text % (told | {"n": words.number(engaged), "zone": zone})]


def _seldom_seen(words: Words, advice: Advice, names: TradeNames) -> list[str]:
    """Few come by, and those buy."""
    reach, bought, usual = (_figure(advice, name) for name in ("reach", "bought", "usual"))
    if reach is None or bought is None or usual is None:
        return []
    told = {"bought": words.number(bought * 100), "usual": words.number(usual * 100)}
    sentences = [
        words.gettext("Of 100 who stay there %(bought)s buy, elsewhere %(usual)s.") % told,
        words.gettext("But only %(n)s of 100 who come in pass by.") % {"n": words.number(reach * 100)},
    ]
    passed = _figure(advice, "visits_target")
    if advice.kind == "advertise" and passed is not None:
        sentences.append(words.gettext("The screen is passed %(n)s times a day.") % {"n": words.number(passed)})
    return sentences


def _offer(words: Words, advice: Advice, money: Money) -> list[str]:
    """What an offer gives away, what it brings, and who would have bought anyway."""
    discount, extra, anyway, echo = (
        _figure(advice, name) for name in ("discount_week", "extra_week", "sold_anyway", "echo_week")
    )
    sentences = []
    if anyway is not None:
        text = words.gettext("%(share)s of what is sold under it would be sold at the full price.")
        sentences.append(text % {"share": words.percent(anyway)})
    if discount is not None and extra is not None:
        text = words.gettext("A week it takes %(discount)s off prices and brings %(extra)s of margin.")
        sentences.append(text % {"discount": money.amount(tidy(discount)), "extra": money.amount(tidy(extra))})
    if echo is not None:
        text = words.gettext("In the fortnight after it margin is off by %(echo)s a week.")
        sentences.append(text % {"echo": money.amount(tidy(echo))})
    return sentences


def _room(words: Words, advice: Advice, names: TradeNames) -> list[str]:
    other, zone = advice.reasons.get("makes_room"), advice.reasons.get("room_zone")
    if not isinstance(other, str):
        return []
    if not isinstance(zone, str):
        return [words.gettext("%(other)s makes room for it.") % {"other": names.category(other)}]
    told = {"other": names.category(other), "zone": inside(words, names.zone(zone))}
    return [words.gettext("%(other)s makes room and goes to %(zone)s.") % told]


def _past(words: Words, advice: Advice) -> list[str]:
    factor, tests = _figure(advice, "past_factor"), _figure(advice, "past_tests")
    if factor is None or tests is None or factor >= 1:
        return []
    text = words.ngettext(
        "Made smaller, as %(n)s earlier test here showed: they brought %(factor)s times what was promised.",
        "Made smaller, as %(n)s earlier tests here showed: they brought %(factor)s times what was promised.",
        tests,
    )
    return [text % {"n": words.number(tests), "factor": words.number(factor, 1)}]


def _figure(advice: Advice, name: str) -> float | None:
    value = advice.reasons.get(name)
    return None if isinstance(value, str) else value


def _percent(words: Words, change: float) -> str:
    told = words.percent(change)
    return f"+{told}" if change > 0 else told
