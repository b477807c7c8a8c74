"""What screens played in the past: campaigns in turn, each by the arm of its slot, and the default between."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from contract.site import Site
from server.domain.campaigns import Campaign
from server.domain.eligibility import flight_end, in_hours
from server.domain.holdout import SLOT_S, arm, slot_of
from vitrina.simulate.onlookers import Showing

_MATCHES_EVERY = 3
"""A campaign that waits for a segment finds it in one turn of so many."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One play of a screen: [start, start + seconds), seconds UTC."""

    screen: str
    campaign: str | None
    creative: str | None
    start: float
    seconds: float


def programme(
    site: Site, screen: str, campaigns: Sequence[Campaign], *, seed: str, start: float, end: float, default: str
) -> Iterator[Turn]:
    """The plays of a screen from `start` to `end`, seconds UTC; `seed` is that of the holdout."""
    t, n = start, 0
    while t < end:
        on_air = [campaign for campaign in campaigns if _runs(campaign, screen, t, site)]
        chosen = on_air[n % len(on_air)] if on_air else None
        if chosen is not None and not (_finds(n, chosen) and is_on(chosen, site, screen, seed=seed, t=t)):
            chosen = None
        creative = chosen.creatives[0] if chosen else None
        until = min(t + (creative.seconds if creative else 10.0), end, (slot_of(t) + 1) * SLOT_S)
        yield Turn(screen, chosen.id if chosen else None, creative.id if creative else default, t, until - t)
        t, n = until, n + 1


def showings(turns: Iterable[Turn], *, start: float, end: float) -> list[Showing]:
    """For how long each creative was on within [start, end), by screen; the default without a name."""
    seconds: dict[tuple[str, str | None], float] = {}
    for turn in turns:
        within = min(turn.start + turn.seconds, end) - max(turn.start, start)
        if within > 0:
            key = turn.screen, turn.creative if turn.campaign else None
            seconds[key] = seconds.get(key, 0.0) + within
    return [Showing(screen, creative, s) for (screen, creative), s in seconds.items()]


def is_on(campaign: Campaign, site: Site, screen: str, *, seed: str, t: float) -> bool:
    """Whether the campaign's arm lets it be seen in the slot of `t`."""
    drawn = arm(seed, site=site.site, screen=screen, campaign=campaign.id, slot=slot_of(t), shares=campaign.shares)
    return campaign.shares.acts_as(drawn) != "nothing"


def _finds(n: int, campaign: Campaign) -> bool:
    """Whether the turn `n` finds whom the campaign waits for."""
    return n % _MATCHES_EVERY == 0 or not campaign.by_attribute


def _runs(campaign: Campaign, screen: str, t: float, site: Site) -> bool:
    if campaign.screens and screen not in campaign.screens:
        return False
    local = datetime.fromtimestamp(t, ZoneInfo(site.timezone))
    open_ = in_hours(campaign.dayparts, local.weekday(), local.hour * 60 + local.minute)
    return open_ and flight_end(campaign, t) is not None
