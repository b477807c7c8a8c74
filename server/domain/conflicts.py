"""Where campaigns stand in each other's way: on the same screens at the same time, by rivalry, share or priority."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from server.domain.campaigns import Campaign
from server.domain.decide import rivals
from server.domain.eligibility import flight_end, in_hours

WEEK_MIN = 7 * 1440
STEP_MIN = 15
"""Hours are compared at every quarter of the week."""

Kind = Literal["rivals", "same_category", "same_zone", "shares", "overshadowed", "overshadows"]


@dataclass(frozen=True, slots=True)
class Conflict:
    """One campaign and others.

    `rivals`: only one of them has a screen at a time. `same_category`: they compete for the same people. `same_zone`:
    what each brings there cannot be told apart. `shares`: more than the whole time is promised. `overshadowed`: the
    others, of higher priority, leave no room; `overshadows`: this one leaves the others none.
    """

    kind: Kind
    campaigns: tuple[str, ...]
    """The others."""
    screens: tuple[str, ...]
    """Where."""
    figures: Mapping[str, float] = field(default_factory=dict)


def conflicts(campaign: Campaign, others: Sequence[Campaign], *, screens: Collection[str]) -> list[Conflict]:
    """Conflicts of `campaign` with `others` that are approved or wait for it.

    Args:
        campaign: the one that is looked at.
        others: of the same site; itself among them is passed over.
        screens: all of the site's.
    """
    beside = {
        other.id: (other, where)
        for other in others
        if other.id != campaign.id and (where := _meet(campaign, other, screens))
    }
    found = [conflict for other, where in beside.values() for conflict in _pair(campaign, other, where)]
    return [*found, *_shares(campaign, [other for other, _ in beside.values()], screens)]


def _meet(one: Campaign, other: Campaign, screens: Collection[str]) -> tuple[str, ...]:
    """The screens on which both may be at the same time."""
    flights = any(a.start < b.end and b.start < a.end for a in one.flights for b in other.flights)
    if not flights or not any(_hours(one, minute) and _hours(other, minute) for minute in range(0, WEEK_MIN, STEP_MIN)):
        return ()
    return tuple(sorted(set(_places(one, screens)) & set(_places(other, screens))))


def _hours(campaign: Campaign, minute: int) -> bool:
    return in_hours(campaign.dayparts, *divmod(minute, 1440))


def _places(campaign: Campaign, screens: Collection[str]) -> Collection[str]:
    return campaign.screens or screens


def _pair(campaign: Campaign, other: Campaign, where: tuple[str, ...]) -> Iterator[Conflict]:
    if rivals(campaign, other):
        yield Conflict("rivals", (other.id,), where)
    elif campaign.category is not None and campaign.category == other.category:
        yield Conflict("same_category", (other.id,), where)
    if campaign.promotes is not None and campaign.promotes == other.promotes:
        yield Conflict("same_zone", (other.id,), where)
    priorities = {"priority": campaign.priority, "other": other.priority}
    if other.priority > campaign.priority and _insatiable(other):
        yield Conflict("overshadowed", (other.id,), where, priorities)
    if campaign.priority > other.priority and _insatiable(campaign):
        yield Conflict("overshadows", (other.id,), where, priorities)


def _insatiable(campaign: Campaign) -> bool:
    """Whether it would always be on if it may: nothing paces it, and nobody needs to be there."""
    paced = campaign.plays_most is not None and campaign.pacing == "even"
    return not (paced or campaign.rules or campaign.share_of_voice or campaign.plays_per_hour)


def _shares(campaign: Campaign, beside: Sequence[Campaign], screens: Collection[str]) -> Iterator[Conflict]:
    """Screens on which more is promised than there is, at the worst quarter of the week; told once for all of them."""
    if campaign.share_of_voice is None:
        return
    sharing = [each for each in beside if each.share_of_voice]
    worst: dict[tuple[str, ...], tuple[tuple[str, ...], float]] = {}
    promised: dict[str, tuple[tuple[str, ...], float]] = {}
    for screen in sorted(_places(campaign, screens)):
        there = [each for each in sharing if not each.screens or screen in each.screens]
        key = tuple(each.id for each in there)
        worst[key] = promised[screen] = worst.get(key) or _promised(campaign, there)
    over = {screen: (together, share) for screen, (together, share) in promised.items() if share > 1 + 1e-9}
    if over:
        together, share = max(over.values(), key=lambda each: each[1])
        yield Conflict("shares", together, tuple(over), {"together": share})


def _promised(campaign: Campaign, rest: Sequence[Campaign]) -> tuple[tuple[str, ...], float]:
    """Who is promised time beside the campaign at the worst quarter of the week, and how much of it together."""
    worst: tuple[tuple[str, ...], float] = ((), 0.0)
    for minute in range(0, WEEK_MIN, STEP_MIN):
        if _hours(campaign, minute):
            now = [each for each in rest if _hours(each, minute)]
            for share, together in _at_once(campaign, now):
                if share > worst[1]:
                    worst = (together, share)
    return worst


def _at_once(campaign: Campaign, now: Sequence[Campaign]) -> Iterator[tuple[float, tuple[str, ...]]]:
    """What is promised together whenever one of the flights begins."""
    starts = {flight.start for each in (campaign, *now) for flight in each.flights}
    for t in starts:
        if flight_end(campaign, t) is not None:
            there = [each for each in now if flight_end(each, t) is not None]
            share = (campaign.share_of_voice or 0.0) + sum(each.share_of_voice or 0.0 for each in there)
            yield share, tuple(each.id for each in there)
