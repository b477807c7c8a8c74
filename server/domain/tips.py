"""What to offer with what at the till this hour: what goes together, what it earns, and how offers were taken so far.

Of so many receipts with `given` some lack `then`. Who is asked takes it with a chance that is first thought to be as
high as the two are bought together anyway, and is learned from what the tills tap (beta-binomial: Gelman et al.,
Bayesian Data Analysis, 2.4). What a tip is worth in an hour is

    receipts x share with given x (1 - confidence) x chance x margin of then.

Tips are for a till bank and an hour. No basket and no person is looked at.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from server.domain.affinity import Rule

PRIOR_OFFERS = 20.0
"""So many offers weigh as much as what the baskets foretell."""
MOST_LIKELY = 0.3
"""However often two are bought together: an offer at the till is taken more seldom."""
LEAST_LIFT = 1.2
"""What goes together less surely than that is no reason to speak to anybody."""
LIKED_MOST = 2.0
"""So much more, or less, those in the shop may like something than everyone does."""


@dataclass(frozen=True, slots=True)
class Taps:
    """What tills told of two categories: how often it was offered, and taken."""

    offered: int = 0
    accepted: int = 0


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour to come at one store."""

    receipts: float
    """Expected."""
    shares: Mapping[str, float]
    """Share of the receipts of such an hour that hold a category."""
    margins: Mapping[str, float]
    """Margin of a receipt's part of a category, in the currency's unit."""


@dataclass(frozen=True, slots=True)
class Tip:
    """One proposal; `worth` in the currency's unit in this hour if everyone concerned is asked."""

    rule: Rule
    chance: float
    asked: float
    """Receipts with `given` and without `then` in this hour, about."""
    worth: float


def best_tips(rules: Iterable[Rule], hour: Hour, taps: Mapping[tuple[str, str], Taps], *, most: int = 3) -> list[Tip]:
    """The tips of most worth, best first; none names a category that another offers or asks for."""
    clear = (rule for rule in rules if rule.lift.low >= LEAST_LIFT)
    found = [tip for rule in clear if (tip := _tip(rule, hour, taps.get((rule.given, rule.then), Taps()))).worth > 0]
    found.sort(key=lambda tip: (-tip.worth, tip.rule.given, tip.rule.then))
    chosen: list[Tip] = []
    for tip in found:
        if len(chosen) < most and not any(_alike(tip.rule, other.rule) for other in chosen):
            chosen.append(tip)
    return chosen


def chance(rule: Rule, taps: Taps) -> float:
    """That who is asked takes it."""
    thought = min(rule.confidence, MOST_LIKELY)
    return (taps.accepted + PRIOR_OFFERS * thought) / (taps.offered + PRIOR_OFFERS)


def liking(
    shares: Mapping[str, Mapping[str, float]], present: Mapping[str, int], *, everyone: str = "all"
) -> dict[str, float]:
    """How much more than everyone those who are in the shop like each category.

    Args:
        shares: by segment and category, the share of card receipts with it; `everyone` is the segment of all.
        present: how many at least of each segment are there now; segments without shares tell nothing.
        everyone: the segment the others are held against.
    """
    usual = shares.get(everyone, {})
    known = {segment: n for segment, n in present.items() if n > 0 and segment in shares and segment != everyone}
    heads = sum(known.values())
    if not heads:
        return {}
    return {
        category: _bounded(
            sum(n * shares[segment].get(category, share) for segment, n in known.items()) / heads / share
        )
        for category, share in usual.items()
        if share > 0
    }


def busy_hours(receipts: Sequence[float]) -> list[int]:
    """The hours of the day, by their place, with clearly more receipts than the average open hour."""
    open_hours = [n for n in receipts if n > 0]
    usual = sum(open_hours) / len(open_hours) if open_hours else 0.0
    return [i for i, n in enumerate(receipts) if n > 1.2 * usual]


def _tip(rule: Rule, hour: Hour, taps: Taps) -> Tip:
    asked = hour.receipts * hour.shares.get(rule.given, 0.0) * (1 - rule.confidence)
    likely = chance(rule, taps)
    return Tip(rule, likely, asked, asked * likely * hour.margins.get(rule.then, 0.0))


def _alike(one: Rule, other: Rule) -> bool:
    return one.then == other.then or {one.given, one.then} == {other.given, other.then}


def _bounded(factor: float) -> float:
    return min(max(factor, 1 / LIKED_MOST), LIKED_MOST)
