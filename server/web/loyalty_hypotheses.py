"""What the floor and the till let suppose of goods: each with its figures, how well it is known, and a test of it."""

from dataclasses import dataclass

from server.advice.standing import Standing, standings
from server.domain.trial import Trial
from server.web import advice_reasons, advice_rows, advice_words
from server.web.advice_rows import Badge
from server.web.language import Words
from server.web.money import Money, upwards
from server.web.state import State
from server.web.trade_names import TradeNames, trade_names
from server.web.view import View

KINDS = ("look_into", "advertise", "pair", "retarget_offer")
"""What is looked at and not bought; seldom seen and bought; bought together; bought at the full price, too."""
MOST = 6


@dataclass(frozen=True, slots=True)
class HypothesisRow:
    """One hypothesis."""

    title: str
    figures: str
    badge: Badge | None
    test: str
    href: str
    """To its advice, where the test is planned or stands."""
    page: str
    """The same on a page of its own, for a phone."""
    state: State | None
    """None: it can be planned."""


def hypotheses(view: View, money: Money) -> list[HypothesisRow]:
    """The first of each kind before the second of any, so that no kind fills the list."""
    names = trade_names(view.conn, view.site.document)
    found = [one for one in standings(view.conn, view.site.site) if one.record.advice.kind in KINDS]
    known = [one for one in found if one.state not in {"waits", "set_aside"}]
    return [_row(view, one, names, money) for one in _in_turn(known)[:MOST]]


def _in_turn(found: list[Standing]) -> list[Standing]:
    places = [
        sum(each.record.advice.kind == one.record.advice.kind for each in found[:i]) for i, one in enumerate(found)
    ]
    return [one for _, one in sorted(zip(places, found, strict=True), key=lambda pair: pair[0])]


def _row(view: View, one: Standing, names: TradeNames, money: Money) -> HypothesisRow:
    words, advice = view.words, one.record.advice
    return HypothesisRow(
        title=_title(words, one, names),
        figures=" ".join(advice_reasons.because(words, advice, names, money)),
        badge=advice_rows.badge(one.evidence, words),
        test=_test(words, one.record.trial, money),
        href=view.link("/advice", advice=one.key),
        page=view.link(f"/advice/{one.key}"),
        state=None if one.state == "open" else advice_words.standing(one.state, words),
    )


def _title(words: Words, one: Standing, names: TradeNames) -> str:
    """Wine is looked at and not bought."""
    advice, text = one.record.advice, words.gettext
    subject, other = names.category(advice.subject), names.category(advice.other or "")
    template = {
        "look_into": text("%(subject)s: looked at, and not bought"),
        "advertise": text("%(subject)s: bought by who sees it, and seldom seen"),
        "pair": text("%(subject)s and %(other)s: bought together, and apart on the floor"),
        "retarget_offer": text("%(offer)s: most who use it would pay the full price"),
    }[advice.kind]
    return template % {"subject": subject, "other": other, "offer": names.offer(advice.subject)}


def _test(words: Words, trial: Trial | None, money: Money) -> str:
    """What it would take."""
    if trial is None:
        return words.gettext("No test yet: too few days of margins are known.")
    told = {"before": words.number(trial.before), "days": words.number(trial.days)}
    text = (
        words.gettext("Change it here only, and hold %(days)s days after beside the other stores.")
        if trial.design == "against_stores"
        else words.gettext("Change it, and hold %(days)s days after beside %(before)s before.")
    )
    if not trial.sees:
        return text % told
    seen = words.gettext("Sees %(amount)s of margin a week or more.") % {"amount": money.amount(upwards(trial.sees))}
    return f"{text % told} {seen}"
