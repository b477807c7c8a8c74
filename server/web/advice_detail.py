"""One advice beside the list: the change on the plan, what is expected and why, and the test it would take."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from server.advice.plan import Clash, as_change, clashes, next_monday
from server.advice.standing import Standing
from server.change_document import ChangeDocument
from server.domain.intervals import Estimate
from server.domain.trial import Trial
from server.web import advice_map, advice_reasons, advice_rows, advice_words, change_words
from server.web.advice_map import Move
from server.web.advice_rows import Badge
from server.web.language import Words
from server.web.money import Money, rounded, upwards
from server.web.state import State
from server.web.trade_names import TradeNames
from server.web.view import View

Line = tuple[str, str | Markup]
"""What it is about, and what is said of it."""


@dataclass(frozen=True, slots=True)
class Test:
    """The test an advice would take, or is taking."""

    lines: list[Line]
    strip: Markup
    clashes: list[str]
    lengths: list[tuple[int, str, bool]]
    """Days after the change, what they see, chosen."""
    day: date
    earliest: date
    change: int | None
    """The number of the change, once it is planned."""
    may_cancel: bool


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything the panel shows."""

    key: str
    title: str
    badge: Badge | None
    state: State | None
    drawing: Markup
    lines: list[Line]
    test: Test | None
    lack: str
    """Why there is no test to plan; empty where there is one."""
    set_aside: str
    """Who said not now; empty where nobody has."""
    may: bool
    """The reader may plan."""


def detail(view: View, one: Standing, names: TradeNames, money: Money) -> Detail:
    """The panel of one advice."""
    words, advice = view.words, one.record.advice
    title = advice_words.title(words, advice, names)
    test = _test(view, one, names, money)
    return Detail(
        key=one.key,
        title=title,
        badge=advice_rows.badge(one.evidence, words),
        state=None if one.state == "open" else advice_words.standing(one.state, words),
        drawing=advice_map.move_map(view, _move(words, one, names), label=title),
        lines=_lines(words, one, names, money),
        test=test,
        lack="" if test else _lack(words, one),
        set_aside=one.record.set_aside_by or "",
        may=view.user.may("merchandiser"),
    )


def _lines(words: Words, one: Standing, names: TradeNames, money: Money) -> list[Line]:
    text, advice, change = words.gettext, one.record.advice, one.change
    result = change.result if change else None
    lines: list[Line] = []
    if change and result:
        if change.promised:
            lines.append((text("Expected"), _effect(change.promised.effect, money, words)))
        lines += change_words.measured(words, result, money, names)
    elif advice.effect:
        lines.append((text("Expected"), _effect(advice.effect, money, words)))
    else:
        lines.append((text("Expected"), text("No figure can be given for this yet.")))
    told = [
        (text("Because"), " ".join(advice_reasons.because(words, advice, names, money))),
        (text("Could be wrong"), advice_words.joined(advice_words.confounders(advice.confounders, words), words)),
        (text("Checked"), advice_words.checked(advice.checks, words)),
        (text("Held fixed"), advice_words.joined(advice_words.held(advice.held, words), words)),
    ]
    return lines + [(name, said) for name, said in told if said]


def _effect(effect: Estimate, money: Money, words: Words) -> Markup:
    """+€310 a week, +120 to +500."""
    shown = rounded(effect)
    template = Markup(words.gettext("<b>%(value)s a week</b>, %(interval)s"))  # noqa: S704 - our own text
    return template % {"value": money.signed(shown.value), "interval": money.reach(shown)}


def _move(words: Words, one: Standing, names: TradeNames) -> Move:
    advice = one.record.advice
    now = words.gettext("%(what)s now") % {"what": names.category(advice.subject)} if advice.origin else ""
    passed = advice.reasons.get("visits_target")
    here = names.zone(advice.target) if advice.target else ""
    if isinstance(passed, float | int):
        here = words.gettext("here: %(n)s pass a day") % {"n": words.number(passed)}
    return Move(advice.origin, advice.target, now, here, both_ways=advice.kind == "swap")


def _lack(words: Words, one: Standing) -> str:
    if one.state == "waits":
        return advice_reasons.waits(words, one.record.advice)
    return words.gettext("A test cannot be planned: too few days of margins are known for what it is judged on.")


def _test(view: View, one: Standing, names: TradeNames, money: Money) -> Test | None:
    change, trial = one.change, one.record.trial
    if change is not None and one.state != "unclear":  # what said nothing may be tried again
        return _planned(view, change.document, names, money, number=change.id, status=change.status)
    if trial is None or one.record.advice.evidence is None:
        return None
    today = view.words.local(view.now).date()
    day = _asked_day(view, today) or next_monday(today)
    asked = view.param("days") or ""
    document = as_change(one.record.advice, trial, day=day, days=int(asked) if asked.isdecimal() else None)
    return Test(
        lines=change_words.about(view.words, document, names, money),
        strip=change_words.strip(view.words, document, today),
        clashes=told_clashes(view, clashes(view.conn, view.site.site, document)),
        lengths=_lengths(view.words, trial, document, money),
        day=day,
        earliest=today,
        change=None,
        may_cancel=False,
    )


def _planned(
    view: View, document: ChangeDocument, names: TradeNames, money: Money, *, number: int, status: str
) -> Test:
    today = view.words.local(view.now).date()
    open_ = status in {"planned", "running"}
    others = clashes(view.conn, view.site.site, document, but=number) if open_ else []
    return Test(
        lines=change_words.about(view.words, document, names, money),
        strip=change_words.strip(view.words, document, today),
        clashes=told_clashes(view, others),
        lengths=[],
        day=document.day,
        earliest=today,
        change=number,
        may_cancel=open_,
    )


def _asked_day(view: View, today: date) -> date | None:
    try:
        day = date.fromisoformat(view.param("day") or "")
    except ValueError:
        return None
    return day if today <= day <= today + timedelta(days=366) else None


def _lengths(words: Words, trial: Trial, document: ChangeDocument, money: Money) -> list[tuple[int, str, bool]]:
    return [
        (
            length.days,
            words.gettext("%(n)s days, sees %(amount)s")
            % {"n": words.number(length.days), "amount": money.amount(upwards(length.sees))},
            length.days == len(document.after),
        )
        for length in trial.lengths
    ]


def told_clashes(view: View, found: Sequence[Clash]) -> list[str]:
    """Each in a sentence."""
    text = view.words.gettext
    kinds = {
        "change": text("%(days)s: the change “%(name)s” touches the same."),
        "campaign": text("%(days)s: the campaign “%(name)s” advertises the same."),
        "offer": text("%(days)s: the offer “%(name)s” holds for the same."),
    }
    return [
        kinds[clash.what] % {"name": clash.name, "days": view.words.dates(clash.first, clash.last)} for clash in found
    ]
