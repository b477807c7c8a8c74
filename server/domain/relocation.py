"""From what categories would gain elsewhere to what a store should do: one plan that can be carried out in steps."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from server.domain.advice import EVIDENCE, Advice, Evidence, Kind
from server.domain.assignment import Floor, Step, alone, held, solve, steps
from server.domain.exposure import Exposure, per_metre
from server.domain.gains import Gain, weekly_margin, worst_case
from server.domain.intervals import Estimate
from server.domain.store_days import Floats, StoreDays

MOST_MOVED = 4
"""Categories that a store would move at once."""
TROUBLE = 0.01
"""Margin a week that a move must bring to be worth anything: none is made for nothing."""

Told = Mapping[tuple[int, int], Gain]
"""What surely brings something, by category and zone."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A store and what is known of moving its goods."""

    days: StoreDays
    floor: Floor
    seen: Exposure
    told: Told
    measured: Told
    """What earlier moves say, sure or not."""
    worth: Floats
    """(c, z) margin a week against now; at worst where nothing is known."""

    def advice(self, kind: Kind, step: Step, **more: Any) -> Advice:  # noqa: ANN401 - fields of Advice, checked there
        """A step in names."""
        names, zones = self.days.categories, self.days.zones
        said: dict[str, Any] = {
            "other": names[step.other] if step.other is not None else None,
            "origin": zones[step.origin],
            "target": zones[step.target],
        }
        return Advice(kind, names[step.category], **(said | more))

    def figures(self, step: Step) -> dict[str, float | str]:
        """What is at both ends of a step."""
        told: dict[str, float | str] = {"margin_week": float(weekly_margin(self.days)[step.category])}
        for end, zone in (("origin", step.origin), ("target", step.target)):
            told[f"visits_{end}"] = float(self.seen.visits.value[zone])
            told[f"stopping_{end}"] = float(self.seen.stopping.value[zone])
            told[f"per_metre_{end}"] = float(per_metre(self.seen.visits.value, self.floor.capacity)[zone])
        return {name: value for name, value in told.items() if isinstance(value, str) or np.isfinite(value)}


def worth_of(days: StoreDays, floor: Floor, gains: Sequence[Gain], told: Told) -> Floats:
    """(c, z) what the plan is made by: what is told, else nothing gained, and what might be lost at worst."""
    worth = worst_case(days)
    for gain in gains:
        worth[gain.category, gain.zone] = min(gain.effect.value, 0.0)
    for (category, zone), gain in told.items():
        worth[category, zone] = gain.effect.value
    stands = np.flatnonzero(floor.now >= 0)
    worth -= TROUBLE
    worth[stands, floor.now[stands]] = 0.0
    return worth


def relocations(plan: Plan, *, on_show: set[int]) -> Iterator[Advice]:
    """The steps of the best plan; those that only make room are told with the step they make it for.

    Args:
        plan: the store.
        on_show: zones where goods are featured.
    """
    place = solve(plan.floor, plan.worth, most=MOST_MOVED)
    todo = steps(plan.floor, plan.worth, place)
    for planned in todo:
        if not _gains(plan, planned) or (way := _way(plan, planned, todo)) is None:
            continue
        step, room = way
        gains = _parts(plan, step)
        lost = sum(other.gain for other in room if not _gains(plan, other)) + _lost(plan, step)
        kind: Kind = "swap" if step.other is not None else "feature" if step.target in on_show else "move"
        yield plan.advice(
            kind,
            step,
            evidence=_weakest(gains, lost=lost),
            effect=_sum_of([gain.effect for gain in gains], lost=lost),
            reasons=plan.figures(step) | _told(gains) | _room(plan, room, lost),
            confounders=tuple(dict.fromkeys(code for gain in gains for code in gain.confounders)),
            checks={name: all(gain.checks.get(name, True) for gain in gains) for name in _checks(gains)},
            held=held(plan.floor, plan.worth, place, step.category),
        )


def _gains(plan: Plan, step: Step) -> list[Gain]:
    """What surely speaks for the step."""
    return [plan.told[end] for end in _ends(step) if end in plan.told]


def _parts(plan: Plan, step: Step) -> list[Gain]:
    """What is known of the step, for it or against it."""
    known = {**plan.measured, **plan.told}
    return [known[end] for end in _ends(step) if end in known]


def _ends(step: Step) -> list[tuple[int, int]]:
    """Who goes where, the category itself first."""
    ends = [(step.category, step.target)]
    return ends if step.other is None else [*ends, (step.other, step.origin)]


def _way(plan: Plan, step: Step, todo: Sequence[Step]) -> tuple[Step, list[Step]] | None:
    """How a step is done: as planned, with the one that makes room for it, or else as a swap; None: not worth it."""
    single = alone(plan.floor, plan.worth, step.category, step.target)
    if step.other is not None or (single is not None and single.other is None):
        return step, []
    first = [other for other in todo if other.origin == step.target]
    further = [other for other in todo if other.origin in {one.target for one in first} and other is not step]
    if len(first) == 1 and not further:
        return step, first
    return (single, []) if single is not None and single.gain > 0 else None


def _lost(plan: Plan, step: Step) -> float:
    """What the one that is moved aside might lose at worst, where nothing is known of it."""
    if step.other is None or {(step.other, step.origin)} & {*plan.told, *plan.measured}:
        return 0.0
    return float(plan.worth[step.other, step.origin])


def _weakest(gains: Sequence[Gain], *, lost: float) -> Evidence:
    """A step is known as well as the least known of its parts."""
    least = min(EVIDENCE.index(gain.evidence) for gain in gains)
    return EVIDENCE[min(least, EVIDENCE.index("associated"))] if lost < -TROUBLE else EVIDENCE[least]


def _sum_of(effects: Sequence[Estimate], *, lost: float) -> Estimate:
    """Independent effects together; what might be lost may be lost wholly, or not at all."""
    value = sum(effect.value for effect in effects)
    below = float(np.sqrt(sum((effect.value - effect.low) ** 2 for effect in effects)))
    above = float(np.sqrt(sum((effect.high - effect.value) ** 2 for effect in effects)))
    return Estimate(value + lost / 2, value - below + lost, value + above)


def _checks(gains: Sequence[Gain]) -> list[str]:
    return list(dict.fromkeys(name for gain in gains for name in gain.checks))


def _told(gains: Sequence[Gain]) -> dict[str, float | str]:
    before, after = gains[0].days
    told: dict[str, float | str] = {"change": gains[0].change, "days_before": before}
    return told | {"days_after": after} if after else told


def _room(plan: Plan, room: Sequence[Step], lost: float) -> dict[str, float | str]:
    """Who makes room, and where to."""
    told: dict[str, float | str] = {"at_worst": lost} if lost < -TROUBLE else {}
    if room:
        told |= {"makes_room": plan.days.categories[room[0].category], "room_zone": plan.days.zones[room[0].target]}
    return told
