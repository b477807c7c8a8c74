"""Campaigns that get into each other's way where and when both may be on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from server.domain.campaigns import Campaign, Daypart

Kind = Literal["rivals", "voice", "hidden", "same-zone"]
"""`rivals`: never next to each other, so each keeps the other waiting; `voice`: together they were promised more than
all the time; `hidden`: the other goes first whenever it likes, and leaves nothing; `same-zone`: both are for one zone,
and what each brings cannot be told apart."""

DAY_MIN = 1440


@dataclass(frozen=True, slots=True)
class Conflict:
    """`campaign` is in the way of `other` on `screens`; of what goes both ways each is told."""

    kind: Kind
    campaign: str
    other: str
    screens: frozenset[str]
    voice: float = 0.0
    """What was promised on the worst of them, of 1."""


def conflicts(campaigns: Sequence[Campaign], screens: Iterable[str]) -> list[Conflict]:
    """All of them, among campaigns that may be on; `screens` are all of the site's."""
    everywhere = frozenset(screens)
    found: list[Conflict] = []
    for one, other in combinations(campaigns, 2):
        shared = (one.screens or everywhere) & (other.screens or everywhere)
        if shared and meet(one, other):
            kinds = [*_both_ways(one, other)]
            found += [Conflict(kind, a.id, b.id, shared) for kind in kinds for a, b in ((one, other), (other, one))]
            found += [Conflict("hidden", a.id, b.id, shared) for a, b in ((one, other), (other, one)) if _hides(a, b)]
    return found + _voices(campaigns, everywhere)


def meet(one: Campaign, other: Campaign) -> bool:
    """Whether there is a day of both, and an hour of the week of both."""
    days = any(a.start < b.end and b.start < a.end for a in one.flights for b in other.flights)
    if not days or not one.dayparts or not other.dayparts:
        return days
    return any(a < d and c < b for a, b in _spans(one.dayparts) for c, d in _spans(other.dayparts))


def _both_ways(one: Campaign, other: Campaign) -> Iterable[Kind]:
    if one.category in other.rivals or other.category in one.rivals:
        yield "rivals"
    if one.promotes is not None and one.promotes == other.promotes:
        yield "same-zone"


def _hides(one: Campaign, other: Campaign) -> bool:
    """Whether `one` may always be on where `other` might, and goes first."""
    limited = one.share_of_voice or one.plays_per_hour or one.plays_most or one.rules or one.dayparts
    always = all(any(a.start <= b.start and b.end <= a.end for a in one.flights) for b in other.flights)
    return one.priority > other.priority and not limited and always


def _voices(campaigns: Sequence[Campaign], everywhere: frozenset[str]) -> list[Conflict]:
    """Shares that cannot be kept together: each campaign with the one before it that it has no room beside."""
    found = []
    voiced = [campaign for campaign in campaigns if campaign.share_of_voice is not None]
    for campaign in voiced:
        beside = [other for other in voiced if other is not campaign and meet(campaign, other)]
        by_screen = {
            screen: [other for other in beside if screen in (other.screens or everywhere)]
            for screen in campaign.screens or everywhere
        }
        sums = {s: (campaign.share_of_voice or 0) + sum(o.share_of_voice or 0 for o in by_screen[s]) for s in by_screen}
        over = frozenset(screen for screen, share in sums.items() if share > 1 + 1e-9)
        others = {other.id for screen in over for other in by_screen[screen]}
        worst = max((sums[screen] for screen in over), default=0.0)
        found += [Conflict("voice", other, campaign.id, over, worst) for other in sorted(others)]
    return found


def _spans(parts: Iterable[Daypart]) -> list[tuple[int, int]]:
    """Minutes [start, end) of the week; what goes over midnight goes on into the next day, on Sunday into Monday."""
    spans = []
    for part in parts:
        length = (part.end_min - part.start_min) % DAY_MIN or DAY_MIN
        for day in part.weekdays:
            start = day * DAY_MIN + part.start_min
            spans.append((start, min(start + length, 7 * DAY_MIN)))
            if start + length > 7 * DAY_MIN:
                spans.append((0, start + length - 7 * DAY_MIN))
    return spans
