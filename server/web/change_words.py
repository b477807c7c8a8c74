"""A change and its test in words and as a strip: what is compared, judged and seen, and what came of it."""

from datetime import date

from markupsafe import Markup

from server.advice.standing import State as Standing
from server.change_document import ChangeDocument, ChangeResult, Fact, Verdict
from server.db.changes import ChangeRecord
from server.domain.intervals import Estimate
from server.web import advice_words
from server.web import state as states
from server.web.figures import effects
from server.web.figures.effects import Side
from server.web.language import Words
from server.web.money import Money, rounded, upwards
from server.web.trade_names import TradeNames, inside

Line = tuple[str, str | Markup]


_STANDING: dict[Verdict, Standing] = {
    "worked": "in_force",
    "no_effect": "no_effect",
    "wrong": "wrong",
    "unclear": "unclear",
}


def standing(words: Words, change: ChangeRecord) -> states.State:
    """Where a change stands."""
    if change.result is not None:
        return advice_words.standing(_STANDING[change.result.verdict], words)
    if change.status == "running":
        return advice_words.standing("running", words)
    if change.status == "planned":
        return advice_words.standing("planned", words)
    return states.State("fine", words.gettext("Called off") if change.status == "cancelled" else words.gettext("Over"))


def about(words: Words, document: ChangeDocument, names: TradeNames, money: Money) -> list[Line]:
    """Compare, judged on, sees."""
    text = words.gettext
    lines: list[Line] = [
        (text("Compare"), _compared(words, document, names)),
        (text("Judged on"), judged(words, document, names)),
    ]
    if document.sees:
        from_ = text("%(amount)s a week or more, 8 times in 10") % {"amount": money.amount(upwards(document.sees))}
        lines.append((text("Sees"), from_))
    return lines


def _compared(words: Words, document: ChangeDocument, names: TradeNames) -> str:
    own = names.store(names.site.site)
    if document.design == "against_stores":
        others = ", ".join(names.store(store) for store in document.stores)
        return words.gettext("%(own)s before and after, against %(others)s") % {"own": own, "others": others}
    return words.gettext("%(own)s before and after") % {"own": own}


def judged(words: Words, document: ChangeDocument, names: TradeNames) -> str:
    """Margin a week of coffee, and stops in aisle 3."""
    goods = ", ".join(inside(words, names.category(category)) for category in document.categories)
    margin = words.gettext("Margin a week of %(goods)s") % {"goods": goods}
    if not document.zones:
        return margin
    zones = ", ".join(inside(words, names.zone(zone)) for zone in document.zones)
    return words.gettext("%(margin)s, and stops in %(zones)s") % {"margin": margin, "zones": zones}


def strip(words: Words, document: ChangeDocument, today: date) -> Markup:
    """The two sides with their dates, and today's place while it is within."""
    before, after = document.before, document.after
    gap = (after.first - before.last).days - 1
    first, changed, last = (words.dates(day, day) for day in (before.first, document.day, after.last))
    sides = (
        Side(len(before), words.gettext("before, %(n)s days") % {"n": words.number(len(before))}, first),
        Side(gap, "", changed),
        Side(len(after), words.gettext("after, %(n)s days") % {"n": words.number(len(after))}, last),
    )
    passed = (today - before.first).days if before.first <= today <= after.last else None
    label = f"{sides[0].text}, {first}; {changed}; {sides[2].text}, {last}"
    return effects.two_sides(*sides, end=last, label=label, passed=passed)


def measured(words: Words, result: ChangeResult, money: Money, names: TradeNames) -> list[Line]:
    """What came of it: the effect, and what it rests on."""
    text = words.gettext
    if result.effect is None:
        nothing = text("Nothing: too few days could be used.")
        return [(text("Measured"), nothing), *findings(words, result, names)]
    shown = rounded(result.effect)
    template = Markup(text("<b>%(value)s a week</b>, %(interval)s"))  # noqa: S704 - our own text
    effect = template % {"value": money.signed(shown.value), "interval": money.reach(shown)}
    return [(text("Measured"), effect), *findings(words, result, names)]


def findings(words: Words, result: ChangeResult, names: TradeNames) -> list[Line]:
    """Stops, days, checks, and what the planogram says."""
    text = words.gettext
    facts = [fact(words, each, names) for each in result.facts]
    told = [
        (text("Stops"), _stops(words, result.stops) if result.stops else ""),
        (text("Days used"), words.number(result.days)),
        (text("Checked"), advice_words.checked(result.checks, words)),
        (text("Planogram"), " ".join(facts)),
    ]
    return [(name, said) for name, said in told if said]


def _stops(words: Words, stops: Estimate) -> str:
    bounds = {"value": stops.value, "low": stops.low, "high": stops.high}
    digits = 0 if max(map(abs, bounds.values())) >= 10 else 1
    told = {name: _signed(words, bound, digits) for name, bound in bounds.items()}
    return words.gettext("%(value)s a day, %(low)s to %(high)s") % told


def fact(words: Words, told: Fact, names: TradeNames) -> str:
    """What the planogram says of one category."""
    text, what = words.gettext, {"what": names.category(told.category), "day": words.day(told.day) if told.day else ""}
    return {
        "moved": text("%(what)s was moved as planned, on %(day)s."),
        "moved_on_other_day": text("%(what)s was moved on %(day)s, not on the day planned."),
        "not_moved": text("%(what)s still stands where it stood: the change was not made."),
        "not_told": text("The planogram does not say where %(what)s stands."),
    }[told.code] % what


def _signed(words: Words, value: float, digits: int) -> str:
    written = words.number(value, digits)
    return f"+{written}" if round(value, digits) > 0 else written
