"""What to place where: proposals with their evidence, first things first.

What categories would gain elsewhere (`gains`) is put together into one plan that shelves, needs and neighbours allow
(`relocation`). Beside it stand pairs bought together and placed apart (`affinity`), and what stands out among zones
(`hints`). How past proposals did corrects what new ones promise (`promises`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from server.domain.advice import Advice
from server.domain.affinity import Rule, rules
from server.domain.assignment import Step, alone
from server.domain.baskets import Baskets
from server.domain.exposure import exposure
from server.domain.gains import CHANCE, Gain, Waiting, chosen, from_exposure, from_moves
from server.domain.hints import Hint, hidden, unsold
from server.domain.promises import Kept, corrected, correction, factor_of
from server.domain.relocation import Plan, Told, relocations, worth_of
from server.domain.shelves import Goods, Place, features, floor_of
from server.domain.store_days import StoreDays

WORTH_LIFT = 1.1
"""A pair bought together more seldom, be it surely, moves no shelf."""
MOST_OF_A_KIND = 3
"""Of pairs, hints, and what waits for data: the foremost."""


def advise(
    days: StoreDays,
    baskets: Baskets,
    places: Sequence[Place],
    adjacency: Collection[tuple[str, str]],
    *,
    goods: Sequence[Goods] = (),
    screens: Mapping[str, str] | None = None,
    peers: Sequence[StoreDays] = (),
    results: Mapping[str, Kept] | None = None,
    rng: np.random.Generator,
) -> list[Advice]:
    """What to do, first things first; nothing where there is nothing to say.

    Args:
        days: of the store, a year at best.
        baskets: of the newest weeks.
        places: what zones can hold.
        adjacency: pairs of zones beside each other.
        goods: what categories ask for.
        screens: the zone each screen is seen from.
        peers: other stores over the same days.
        results: what tests here measured, by the key of their advice.
        rng: draws the sample of baskets where there are many.
    """
    if not (len(days) and days.zones and days.categories):
        return []
    results = results or {}
    sure = _sure(days, rules(baskets, rng=rng))
    factor = correction(list(results.values()))
    by_moves, waiting = from_moves(days, peers=peers)
    gains = _first(by_moves, from_exposure(days))
    told = _corrected(_confirmed(days, chosen(gains), results), factor)
    floor = floor_of(days, places, adjacency, goods, [(rule.given, rule.then) for rule in sure])
    plan = Plan(days, floor, exposure(days), told, _corrected(by_moves, factor), worth_of(days, floor, gains, told))
    on_show = features(days, places)
    moved = list(relocations(plan, on_show=on_show))
    proposals = [
        *moved,
        *_pairs(plan, sure, baskets, but={advice.subject for advice in moved}),
        *(_look_into(plan, hint) for hint in unsold(days)[:MOST_OF_A_KIND]),
        *_shown(plan, hidden(days), on_show, screens or {}),
        *(_wait(days, wait) for wait in waiting[-MOST_OF_A_KIND:]),
    ]
    once = {advice.key: advice for advice in reversed(proposals) if not _failed(advice, results)}
    return sorted((_judged(advice, results) for advice in once.values()), key=_order)


def _failed(advice: Advice, results: Mapping[str, Kept]) -> bool:
    """A test here did not confirm it: it is not proposed again."""
    return advice.key in results and results[advice.key].measured.low <= 0


def _sure(days: StoreDays, found: Sequence[Rule]) -> list[Rule]:
    """Rules that matter, of which at most CHANCE are none; each pair once, the most receipts beyond chance first."""
    sure = [rule for rule in found if rule.q <= CHANCE and rule.lift.low >= WORTH_LIFT]
    known = [rule for rule in sure if {rule.given, rule.then} <= set(days.categories)]
    pairs = {frozenset((rule.given, rule.then)): rule for rule in reversed(known)}
    return sorted(pairs.values(), key=lambda rule: (-rule.excess, rule.given, rule.then))


def _first(better: Sequence[Gain], others: Sequence[Gain]) -> list[Gain]:
    """The better ones, and others where those say nothing."""
    known = {(gain.category, gain.zone) for gain in better}
    return [*better, *(gain for gain in others if (gain.category, gain.zone) not in known)]


def _confirmed(days: StoreDays, gains: Sequence[Gain], results: Mapping[str, Kept]) -> list[Gain]:
    """All but those that a test here did not confirm."""
    failed = {tuple(key.split(":")[1::3]) for key, kept in results.items() if kept.measured.low <= 0}
    return [gain for gain in gains if (days.categories[gain.category], days.zones[gain.zone]) not in failed]


def _corrected(gains: Sequence[Gain], factor: float) -> Told:
    """By category and zone, as past promises let expect them."""
    return {(one.category, one.zone): replace(one, effect=corrected(one.effect, factor)) for one in gains}


def _judged(advice: Advice, results: Mapping[str, Kept]) -> Advice:
    """What was tested here is told as it was measured; of others, how past promises were kept."""
    if advice.key in results:
        return replace(advice, evidence="tested", effect=results[advice.key].measured, needs_days=None, gathered=None)
    factor = factor_of(list(results.values()))
    if factor is None or advice.effect is None:
        return advice
    return replace(advice, reasons={**advice.reasons, "past_factor": factor, "past_tests": len(results)})


def _order(advice: Advice) -> tuple[int, float, str]:
    """What brings most at least; then what may bring something; then what has no figure; last what waits."""
    if advice.evidence is None:
        return 4, -(advice.gathered or 0.0), advice.key
    if advice.effect is not None:
        return (0, -advice.effect.low, advice.key) if advice.effect.low > 0 else (1, -advice.effect.value, advice.key)
    return (2 if advice.evidence == "associated" else 3), -float(advice.reasons.get("weight", 0.0)), advice.key


def _pairs(plan: Plan, sure: Sequence[Rule], baskets: Baskets, *, but: Collection[str]) -> list[Advice]:
    """What is bought together and stands apart, beside each other; `but` go elsewhere already."""
    free = [rule for rule in sure if not {rule.given, rule.then} & set(but)]
    steps = [(rule, step) for rule in free if (step := _beside(plan, rule)) is not None]
    return [_pair(plan, rule, step, baskets) for rule, step in steps[:MOST_OF_A_KIND]]


def _pair(plan: Plan, rule: Rule, step: Step, baskets: Baskets) -> Advice:
    names, weeks = plan.days.categories, max(len(np.unique(baskets.week)), 1)
    anchor = rule.then if names[step.category] == rule.given else rule.given
    both = [names.index(rule.given), names.index(rule.then)]
    offered = bool(plan.days.offered[-7 * weeks :, both].any())
    told: dict[str, float | str] = {
        "lift": rule.lift.value,
        "lift_low": rule.lift.low,
        "lift_high": rule.lift.high,
        "together": rule.together,
        "confidence": rule.together / _receipts_with(baskets, anchor),
        "weight": rule.excess / weeks,
    }
    room: dict[str, float | str] = {"makes_room": names[step.other]} if step.other is not None else {}
    return plan.advice(
        "pair",
        step,
        other=anchor,
        evidence="associated",
        reasons=plan.figures(step) | told | room,
        confounders=("weekday", "neighbour", *(["offer"] if offered else [])),
    )


def _beside(plan: Plan, rule: Rule) -> Step | None:
    """The step that brings two together at the least loss; None where they are, or cannot be."""
    floor = plan.floor
    one, other = plan.days.categories.index(rule.given), plan.days.categories.index(rule.then)
    if min(floor.now[one], floor.now[other]) < 0 or floor.beside[floor.now[one], floor.now[other]]:
        return None
    ways = [
        (step, zone == floor.now[anchor])
        for mover, anchor in ((one, other), (other, one))
        for zone in np.flatnonzero(floor.beside[floor.now[anchor]]).tolist()
        if (step := alone(floor, plan.worth, mover, zone)) is not None and step.other != anchor
    ]
    best = max(ways, key=lambda way: (way[0].other is None, way[1], way[0].gain), default=None)
    return best[0] if best is not None else None


def _receipts_with(baskets: Baskets, category: str) -> int:
    return sum(int(n) for n, of in zip(baskets.n, baskets.sets, strict=True) if category in of)


def _look_into(plan: Plan, hint: Hint) -> Advice:
    zone = plan.days.zones[hint.zone]
    category = plan.days.categories[hint.category]
    return Advice("look_into", category, origin=zone, evidence="described", reasons=_figures(hint))


def _shown(plan: Plan, hints: Sequence[Hint], on_show: set[int], screens: Mapping[str, str]) -> Iterator[Advice]:
    """What few see and those few buy: on show where there is room, else on the screen most people pass."""
    passed = {screen: _visits(plan, zone) for screen, zone in screens.items() if zone in plan.days.zones}
    for hint in hints[:MOST_OF_A_KIND]:
        ways = [alone(plan.floor, plan.worth, hint.category, zone) for zone in sorted(on_show - {hint.zone})]
        possible = [step for step in ways if step is not None and (hint.category, step.target) not in plan.told]
        if possible:
            step = max(possible, key=lambda step: step.gain)
            yield plan.advice("feature", step, evidence="described", reasons=plan.figures(step) | _figures(hint))
        elif passed:
            screen = min(passed, key=lambda screen: (-passed[screen], screen))
            name, origin = plan.days.categories[hint.category], plan.days.zones[hint.zone]
            reasons = _figures(hint) | {"visits_target": passed[screen]}
            yield Advice("advertise", name, screen, origin, screens[screen], "described", reasons=reasons)


def _visits(plan: Plan, zone: str) -> float:
    return float(np.nan_to_num(plan.seen.visits.value[plan.days.zones.index(zone)]))


def _figures(hint: Hint) -> dict[str, float | str]:
    told = {
        "bought": hint.bought,
        "usual": hint.usual,
        "engaged": hint.stays,
        "reach": hint.reach,
        "weight": hint.stays,
    }
    return dict(told)


def _wait(days: StoreDays, wait: Waiting) -> Advice:
    """Whether to take a new move back cannot be told yet."""
    move = wait.move
    return Advice(
        "move",
        days.categories[move.category],
        origin=days.zones[move.target],
        target=days.zones[move.origin],
        needs_days=wait.needs_days,
        gathered=wait.gathered,
    )
