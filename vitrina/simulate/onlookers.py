"""What an invented store's cameras would say of the people before its screens, and of their segments."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from contract.messages import AudienceCell, ScreenAudience, ScreenStats, Window
from contract.segments import SMALLEST_CELL, band, tells_nobody
from contract.site import Site
from vitrina.simulate.trade import Trade

_LATELY_S = 600.0
_TURNED_S = 2.6
"""Mean seconds for which someone who turns to a screen stays so."""


@dataclass(frozen=True, slots=True)
class Showing:
    """A creative was on a screen for so long; None: the default."""

    screen: str
    creative: str | None
    seconds: float


def screen_audience(
    site: Site, trade: Trade, near: Mapping[str, int], came_per_s: Mapping[str, float], rng: np.random.Generator
) -> dict[str, ScreenAudience]:
    """Who is before each screen whose zone is among `near` (people by zone): by segment, in bands."""
    told = {}
    for key, screen in site.screens.items():
        if screen.zone is None or screen.zone not in near:
            continue
        lately = int(rng.poisson(came_per_s.get(screen.zone, 0.0) * _LATELY_S))
        told[key] = ScreenAudience(
            near=near[screen.zone],
            now={segment: band(int(rng.binomial(near[screen.zone], s))) for segment, s in trade.segments.items()},
            lately_n=lately,
            lately={segment: band(int(rng.binomial(lately, share))) for segment, share in trade.segments.items()},
        )
    return told


def screen_stats(
    site: Site, trade: Trade, window: Window, showings: Iterable[Showing], rng: np.random.Generator
) -> list[ScreenStats]:
    """What screens were worth in a window: those in their zones meet the creatives as long as each is on."""
    length_s = (window.t_end - window.t_start).total_seconds()
    told = []
    for showing in showings:
        zone = window.zones.get(site.screens[showing.screen].zone or "")
        if zone is None or not zone.presence_s:
            continue
        expected = zone.presence_s / length_s + zone.entries * showing.seconds / length_s
        ots = int(rng.poisson(expected))
        viewers = int(rng.binomial(ots, trade.turns))
        attention_s = round(float(rng.gamma(2.0, _TURNED_S / 2, viewers).sum()), 3)
        told.append(
            ScreenStats(
                screen=showing.screen,
                creative=showing.creative,
                shown_s=round(showing.seconds, 3),
                ots=ots,
                viewers=viewers,
                attention_s=attention_s,
            )
        )
    return told


def audience_cells(site: Site, trade: Trade, windows: Sequence[Window], rng: np.random.Generator) -> list[AudienceCell]:
    """Visits by zone and segment over the windows of one camera; a multiple of the smallest cell, as a gate tells."""
    zones = sorted({zone for window in windows for zone in window.zones})
    return [cell for zone in zones for cell in _cells(site, trade, zone, windows, rng)]


def _cells(
    site: Site, trade: Trade, zone: str, windows: Sequence[Window], rng: np.random.Generator
) -> Iterator[AudienceCell]:
    start, end = min(window.t_start for window in windows), max(window.t_end for window in windows)
    stats = [window.zones[zone] for window in windows if zone in window.zones]
    of, dwell_s = sum(each.visits for each in stats), sum(each.dwell_sum_s for each in stats)
    for segment, share in trade.segments.items():
        n = int(rng.binomial(of, share)) // SMALLEST_CELL * SMALLEST_CELL
        if tells_nobody(n, of):
            yield AudienceCell(
                zone=zone,
                segment=segment,
                digest=site.segments[segment].digest,
                t_start=start,
                t_end=end,
                n=n,
                of=of,
                dwell_sum_s=float(round(dwell_s * n / of)),
            )
