"""The effect of a campaign as its report shows it: the number with its interval, how it came about, and its checks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from server.campaign_report import CampaignReport
from server.domain.holdout import ARMS
from server.domain.uplift import Effect
from server.uplift_report import OutcomeReport, UpliftReport
from server.web import effect_words
from server.web.figures import sequence, strokes
from server.web.figures.sequence import Look, Written
from server.web.language import Words
from server.web.parts import Table
from server.web.view import View

FEWEST_LOOKS = 2


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """One outcome, or one arm against another."""

    name: str
    on: str
    off: str
    difference: str
    interval: str
    relative: str
    clear: bool
    main: bool


@dataclass(frozen=True, slots=True)
class Check:
    """Whether the test is sound: a name, its finding, and whether it warns."""

    key: str
    name: str
    value: str
    warn: bool = False


@dataclass(frozen=True, slots=True)
class EffectSection:
    """Everything the section shows; `value` is empty while nothing can be said."""

    measured: str
    value: str
    interval: str
    verdict: str
    outlook: str
    chart: Markup | None
    table: Table
    progress: Markup
    checks: list[Check]
    outcomes: list[OutcomeRow]
    arms: list[OutcomeRow]


def effect_section(view: View, found: CampaignReport) -> EffectSection:
    """The section."""
    words, effect = view.words, found.effect
    main, per = effect.main.on_off, effect.per(effect.primary)
    decimals = effect_words.digits(main, per)
    told = main.always is not None
    looks, slots = _looks(effect), effect_words.slots_so_far(effect, words)
    return EffectSection(
        measured=effect_words.measured(view, found, effect.primary),
        value=effect_words.signed(main.always.value * per, words, decimals) if main.always else "",
        interval=effect_words.interval(main.always, per, words, decimals) if told else "",
        verdict=words.gettext("%(slots)s: %(advice)s.")
        % {"slots": slots, "advice": effect_words.advice(effect, words)},
        outlook=effect_words.outlook(view, effect),
        chart=_chart(view, found, looks) if len(looks) >= FEWEST_LOOKS else None,
        table=_table(view, effect, looks, decimals),
        progress=strokes.share_bar(
            effect.progress.measured / max(effect.progress.planned, 1),
            label=slots,
            width=232.0,
        ),
        checks=_checks(words, effect),
        outcomes=[_row(words, effect, each, main=each.outcome == effect.primary) for each in effect.outcomes],
        arms=[_arms(words, effect, each) for each in effect.main.effects],
    )


def _looks(effect: UpliftReport) -> list[Look]:
    """The sequence by how many slots were known at each look."""
    path, arms = effect.main.on_off.path, effect.main.on_off.arms
    of_two = np.isin(effect.trial.arm, [ARMS.index(arm) for arm in arms])
    slots = np.searchsorted(effect.trial.slot[of_two], path.slot, side="right")
    # Slots that were not watched are no evidence; they are taken to be spread evenly.
    share = sum(effect.main.on_off.slots) / max(int(slots[-1:].sum()), 1)
    per, known = effect.per(effect.primary), np.isfinite(path.low)
    bounds = (values[known] * per for values in (path.value, path.low, path.high))
    rows = zip(slots[known], *bounds, strict=True)
    return [Look(round(float(n) * share), float(v), float(low), float(high)) for n, v, low, high in rows]


def _chart(view: View, found: CampaignReport, looks: Sequence[Look]) -> Markup:
    words, effect = view.words, found.effect
    decimals = effect_words.digits(effect.main.on_off, effect.per(effect.primary))
    tips = [_tip(words, look, decimals) for look in looks]
    planned = max(effect.progress.planned, looks[-1].slots)
    end = words.gettext("%(n)s slots") % {"n": words.number(planned)}
    written = Written(
        tips=tips,
        signed=lambda value: effect_words.signed(value, words, 0 if float(value).is_integer() else decimals),
        count=words.number,
        end=end,
        expected=words.gettext("expected, if it stays"),
    )
    label = effect_words.measured(view, found, effect.primary)
    return sequence.sequence_chart(looks, planned=planned, label=f"{label}; {tips[-1]}", written=written)


def _tip(words: Words, look: Look, decimals: int) -> str:
    reach = effect_words.reach(look.low, look.high, words, decimals)
    after = words.gettext("after %(n)s slots") % {"n": words.number(look.slots)}
    return f"{effect_words.signed(look.value, words, decimals)}\n{reach}\n{after}"


def _table(view: View, effect: UpliftReport, looks: Sequence[Look], decimals: int) -> Table:
    words = view.words
    head = [words.gettext("Slots"), words.gettext("Effect"), words.gettext("Interval")]
    step = max(1, len(looks) // 20)
    rows = []
    for look in looks[::-step]:
        reach = effect_words.reach(look.low, look.high, words, decimals)
        rows.append([words.number(look.slots), effect_words.signed(look.value, words, decimals), reach])
    return Table(effect_words.name(effect.primary, words), head, rows)


def _checks(words: Words, effect: UpliftReport) -> list[Check]:
    text, trial = words.gettext, effect.trial
    on, off = effect.main.on_off.slots
    held = int((trial.arm == ARMS.index("nothing")).sum()) / len(trial) if len(trial) else None
    p = min(effect.ratio.p, effect.unseen.p)
    found = text("p %(p)s, fine") if effect.sound else text("p %(p)s, broken")
    return [
        Check("uplift", text("Slots on, off"), f"{words.number(on)}, {words.number(off)}"),
        Check("sample_ratio", text("Sample ratio"), found % {"p": words.number(p, 2)}, warn=not effect.sound),
        Check("holdout", text("Holdout"), words.percent(held)),
        _same(words, effect),
    ]


def _same(words: Words, effect: UpliftReport) -> Check:
    """Last week's slots under this week's arms."""
    text, same = words.gettext, effect.main.same
    said = text("cannot be told yet") if same is None else text("no alarm") if same else text("differs: look into it")
    return Check("same_against_same", text("Same against same"), said, warn=same is False)


def _row(words: Words, effect: UpliftReport, outcome: OutcomeReport, *, main: bool) -> OutcomeRow:
    name = effect_words.name(outcome.outcome, words)
    return _told(words, outcome.on_off, name, effect.per(outcome.outcome), main=main)


def _arms(words: Words, effect: UpliftReport, one: Effect) -> OutcomeRow:
    first, second = (effect_words.arm_name(arm, words) for arm in one.arms)
    name = words.gettext("%(first)s against %(second)s") % {"first": words.sentence(first), "second": second}
    return _told(words, one, name, effect.per(effect.primary), main=one is effect.main.on_off)


def _told(words: Words, one: Effect, name: str, per: float, *, main: bool) -> OutcomeRow:
    decimals = effect_words.digits(one, per)
    always = one.always
    on, off = (effect_words.rate(rate, per, words, decimals) for rate in one.rates)
    relative = one.relative
    return OutcomeRow(
        name=name,
        on=on,
        off=off,
        difference=effect_words.signed(always.value * per, words, decimals) if always else "–",
        interval=effect_words.interval(always, per, words, decimals) if always else words.gettext("not enough data"),
        relative=f"{effect_words.signed(relative.value * 100, words, 0)}\u202f%" if relative else "–",
        clear=bool(always and (always.low > 0 or always.high < 0)),
        main=main,
    )
