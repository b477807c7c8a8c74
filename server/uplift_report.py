"""What a campaign brought: effect and interval of each outcome, whether the test is sound, and whether to stop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from server.campaign_slots import OUTCOMES, Outcomes, Trial
from server.domain import uplift
from server.domain.campaigns import Campaign, GoalKind
from server.domain.holdout import SLOT_S, Arm
from server.domain.uplift import Effect, SampleRatio, Verdict

PAIRS: tuple[tuple[Arm, Arm], ...] = (("targeted", "nothing"), ("everyone", "nothing"), ("targeted", "everyone"))
WORTH_SHARE = 0.1
"""The least effect worth having: this share of what happens without the campaign."""
_MEANT: Mapping[GoalKind, tuple[str, ...]] = {
    "plays": ("attention",),
    "impressions": ("attention",),
    "visits": ("visits", "stops"),
    "sales": ("redeemed", "visits"),
    "uplift": ("stops", "attention"),
}
"""By which outcomes a goal is judged: the first that is known."""


@dataclass(frozen=True, slots=True)
class OutcomeReport:
    """One outcome. Rates and differences are per person who passed the screen, or per slot where nobody can be told."""

    outcome: str
    effects: tuple[Effect, ...]
    """In the order of PAIRS, without arms that have no share of the slots."""
    same: bool | None
    """Last week's outcome under this week's arms shows no difference; None while there is too little to tell."""

    @property
    def on_off(self) -> Effect:
        """The campaign against nothing: as it is aimed, or for everyone where it never is aimed."""
        return self.effects[0]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a test has come, in slots of the two arms held against each other."""

    measured: int
    planned: int
    more: int | None
    """Until an effect of `worth` would show 8 times in 10; None while that cannot be told."""
    shown_at: float | None
    """When that would be, seconds UTC; None when not within the flights."""


@dataclass(frozen=True, slots=True)
class UpliftReport:
    """The whole."""

    trial: Trial
    outcomes: tuple[OutcomeReport, ...]
    primary: str
    passing: bool
    """Rates are per person who passed."""
    worth: float | None
    """The least effect worth having on the primary outcome; None while nothing is known of it."""
    ratio: SampleRatio
    unseen: SampleRatio
    """Of the slots without an outcome."""
    verdict: Verdict
    progress: Progress

    @property
    def main(self) -> OutcomeReport:
        """What the campaign is judged by."""
        return next(each for each in self.outcomes if each.outcome == self.primary)

    def per(self, outcome: str) -> float:
        """By what rates are multiplied to be told: counts are per 100 people who passed, attention per person."""
        return 100.0 if self.passing and outcome != "attention" else 1.0

    @property
    def sound(self) -> bool:
        """Slots came as they were drawn, with and without an outcome."""
        return not (self.ratio.broken or self.unseen.broken)


def uplift_report(campaign: Campaign, found: Outcomes) -> UpliftReport:
    """Judge a campaign by its slots."""
    primary = _primary(campaign, found)
    trial, pairs = found.trial, _pairs(found.trial)
    reports = [_outcome(found, name, pairs) for name in OUTCOMES if name == primary or found.known(name)]
    main = next(each for each in reports if each.outcome == primary).on_off
    worth = _worth(main)
    told = found.of(primary).exposure > 0
    ratio, unseen = (uplift.sample_ratio(trial.arm[rows], trial.shares) for rows in (told, ~told))
    return UpliftReport(
        trial=trial,
        outcomes=tuple(reports),
        primary=primary,
        passing=found.passing,
        worth=worth,
        ratio=ratio,
        unseen=unseen,
        verdict=uplift.verdict(main, ratio, unseen, worth=worth or 0.0),
        progress=_progress(trial, main, worth),
    )


def _primary(campaign: Campaign, found: Outcomes) -> str:
    meant = _MEANT[campaign.goal.kind]
    return next((name for name in meant if found.known(name)), meant[-1])


def _pairs(trial: Trial) -> list[tuple[Arm, Arm]]:
    return [pair for pair in PAIRS if all(trial.shares.of(arm) > 0 for arm in pair)]


def _outcome(found: Outcomes, name: str, pairs: Sequence[tuple[Arm, Arm]]) -> OutcomeReport:
    slots = found.of(name)
    effects = tuple(uplift.effect(slots, *pair) for pair in pairs)
    return OutcomeReport(name, effects, uplift.alike(found.week_before(name)))


def _worth(main: Effect) -> float | None:
    """A share of the rate without the campaign, or with it where without it there is nothing, as with scans."""
    rates = [rate for rate in (main.rates[1], main.rates[0]) if rate > 0]
    return rates[0] * WORTH_SHARE if rates else None


def _progress(trial: Trial, main: Effect, worth: float | None) -> Progress:
    measured = sum(main.slots)
    share = sum(trial.shares.of(arm) for arm in main.arms) * len(trial.screens)
    a_slot = measured / len(np.unique(trial.slot)) if measured else share
    planned = measured + round(len(trial.ahead) * a_slot)
    more = uplift.more_slots(main, worth=worth) if worth else None
    return Progress(measured, planned, more, _when(trial, more, a_slot))


def _when(trial: Trial, more: int | None, a_slot: float) -> float | None:
    """The end of the slot in which `more` will have come, at `a_slot` measured per slot of time."""
    if more is None or a_slot <= 0:
        return None
    place = int(max(more, 0) / a_slot)
    return float((trial.ahead[place] + 1) * SLOT_S) if place < len(trial.ahead) else None
