"""What every place of a floor is asked: is something twice or half as frequent here as it should be?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from server.domain.ground import Counts, Floats, Ground, Mask
from server.domain.patches import Kind
from server.domain.ratios import Ratios, ratios
from server.domain.units import Units

HALF, TWICE = 0.5, 2.0
EXIT_M = 2.0
"""Losing a track so near to an exit is leaving."""
EDGE_M = 1.0
"""And so near to what no camera sees, it is walking out of sight."""
BESIDE_M = 1.5
"""So near to a fixture one can stop for what is on it."""


@dataclass(frozen=True, slots=True)
class Question:
    """Events over exposure, held against a usual rate."""

    kind: Kind
    where: Mask
    """(rows, columns) cells that it is asked of."""
    events: Floats
    exposure: Floats
    """Both (days, rows, columns), 0 outside `where`."""
    floor_rate: Floats | None = None
    """(days,) the usual rate; None to take the rate of the rest of the floor, all days together."""

    def ratios(self, of: Units, *, usual_dispersion: float | None = None) -> Ratios:
        """Of each unit; the tiles' and the zones' spread are two matters, unless it is given."""
        events, exposure = of.sums(self.events), of.sums(self.exposure)
        expected = exposure * self.usual(events, exposure)
        tiles, zones = slice(None, of.tiles), slice(of.tiles, None)
        parts = [ratios(events[:, s], expected[:, s], usual_dispersion=usual_dispersion) for s in (tiles, zones)]
        return Ratios.joined(parts)

    def usual(self, events: Floats, exposure: Floats) -> Floats:
        """The rate to hold units against, given their sums (days, k); 0 for one that is most of the floor itself."""
        if self.floor_rate is not None:
            return self.floor_rate[:, None]
        own, others = exposure.sum(axis=0), self.exposure.sum() - exposure.sum(axis=0)
        # Half an event, so that where nothing ever happens elsewhere one event is not infinitely many.
        rate = (self.events.sum() - events.sum(axis=0) + 0.5) / np.maximum(others, 1e-9)
        return np.asarray(np.where(others > own, rate, 0.0)[None])

    def p(self, found: Ratios) -> Floats:
        """Small where the answer is yes."""
        return found.p_over(TWICE) if self.kind == "weakly_tracked" else found.p_under(HALF)

    def holds(self, found: Ratios) -> Mask:
        """The interval lies wholly beyond the limit."""
        return np.asarray(found.low > TWICE if self.kind == "weakly_tracked" else found.high < HALF)

    def contrary(self, found: Ratios) -> Mask:
        """The interval lies wholly on the other side."""
        return np.asarray(found.high < TWICE if self.kind == "weakly_tracked" else found.low > HALF)


def weakly_tracked(ground: Ground, counts: Counts) -> Question:
    """Are tracks lost twice as often per person-second as elsewhere, far from any way out?"""
    out_of_sight = ground.distance_m(ground.walkable & ~ground.seen)
    where = ground.seen & (ground.exit_m > EXIT_M) & (out_of_sight > EDGE_M)
    return Question("weakly_tracked", where, counts.lost * where, counts.person_s * where)


def cold(ground: Ground, counts: Counts) -> Question:
    """Is it visited half as much per m² and hour as the floor's mean of the same day?"""
    where = ground.seen
    visits, exposure = counts.visits * where, counts.hours() * where * ground.cell_m**2
    watched = exposure.sum(axis=(1, 2))
    mean = np.divide(visits.sum(axis=(1, 2)), watched, out=np.zeros_like(watched), where=watched > 0)
    return Question("cold", where, visits, exposure, mean)


def passed_by(ground: Ground, counts: Counts) -> Question:
    """Do half as many of the visits stop as elsewhere beside fixtures? Outside of zones nobody is meant to."""
    where = ground.seen & (ground.distance_m(union(ground.fixtures, ground.seen.shape)) <= BESIDE_M)
    if ground.zones:
        where &= union(ground.zones, ground.seen.shape)
    return Question("passed_by", where, counts.stops * where, counts.visits * where)


def union(masks: Mapping[str, Mask], shape: tuple[int, ...]) -> Mask:
    """Where any of them is; nowhere if there are none."""
    result = np.zeros(shape, dtype=np.bool_)
    for mask in masks.values():
        result |= mask
    return result
