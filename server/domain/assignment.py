"""Which category stands where: an assignment problem with the reasons kept.

Of all plans that change little, the one of the largest gain: a generalised assignment (Ross & Soland 1975) as a mixed
integer program, solved by HiGHS through scipy. Shelf metres are not exceeded, goods stand where what they need is, what
does not move stays, and what is bought together stays within reach.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from server.domain.store_days import Bools, Floats, Ints, Strings

_SLACK_M = 1e-6


@dataclass(frozen=True, slots=True)
class Floor:
    """What stands where, and what must hold. Of c categories and z zones; indices, -1 for nowhere."""

    now: Ints
    """(c,) the zone of each category; one that stands nowhere is not placed."""
    metres: Floats
    """(c,) of shelf that each takes."""
    capacity: Floats
    """(z,) metres of shelf; what stands in a zone now always has room in it."""
    needs: Strings
    """(c,) what its place must have; empty for nothing."""
    has: tuple[frozenset[str], ...]
    """(z,) what each zone has."""
    movable: Bools
    """(c,)"""
    adjacent: Bools
    """(z, z) zones next to each other."""
    together: tuple[tuple[int, int], ...] = ()
    """Pairs of categories bought together; those side by side now stay so."""

    def __post_init__(self) -> None:
        categories, zones = len(self.now), len(self.capacity)
        by_category = len(self.metres), len(self.movable), len(self.needs)
        by_zone = len(self.has), *self.adjacent.shape
        if set(by_category) != {categories} or set(by_zone) != {zones}:
            raise ValueError(f"{categories} categories and {zones} zones, but parts for {by_category} and {by_zone}")

    @property
    def room(self) -> Floats:
        """(z,) metres that may be filled: what is filled now even where the capacity says less."""
        return np.maximum(self.capacity, self._filled(self.now))

    @property
    def beside(self) -> Bools:
        """(z, z) zones whose goods stand together: the same or adjacent."""
        return self.adjacent | self.adjacent.T | np.eye(len(self.capacity), dtype=np.bool_)

    @property
    def kept(self) -> list[tuple[int, int]]:
        """The pairs that stand together now."""
        placed = [(a, b) for a, b in self.together if self.now[a] >= 0 and self.now[b] >= 0]
        return [(a, b) for a, b in placed if self.beside[self.now[a], self.now[b]]]

    def suits(self, category: int, zone: int) -> bool:
        """Whether the zone has what the category needs."""
        return not self.needs[category] or self.needs[category] in self.has[zone]

    def faults(self, place: Ints) -> set[str]:
        """Codes of what a plan (c,) would break: not_movable, a need, capacity, pair. Empty: it can be done."""
        moved = np.flatnonzero(place != self.now).tolist()
        broken = {"not_movable" for c in moved if not self.movable[c]}
        broken |= {self.needs[c] for c in moved if not self.suits(c, int(place[c]))}
        if (self._filled(place) > self.room + _SLACK_M).any():
            broken.add("capacity")
        if any(not self.beside[place[a], place[b]] for a, b in self.kept):
            broken.add("pair")
        return broken

    def _filled(self, place: Ints) -> Floats:
        placed = place >= 0
        filled = np.bincount(place[placed], weights=self.metres[placed], minlength=len(self.capacity))
        return filled.astype(np.float64)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: a category goes to a zone; where `other` is given, that one takes its place."""

    category: int
    target: int
    origin: int
    other: int | None
    gain: float
    """Of this step alone."""


def solve(floor: Floor, gain: Floats, *, most: int) -> Ints:
    """(c,) the plan of the largest gain.

    Args:
        floor: what must hold.
        gain: (c, z) of each category in each zone against where it stands; 0 there, -inf where it must not go.
        most: categories that may be moved at once.
    """
    options = _options(floor, gain)
    if not options:
        return floor.now.copy()
    worth = np.array([0.0 if floor.now[c] == z else gain[c, z] for c, z in options])
    found = milp(
        -worth,
        integrality=np.ones(len(options), dtype=np.int64),
        bounds=Bounds(0, 1),
        constraints=_constraints(floor, options, most),
        options={"mip_rel_gap": 0.0},
    )
    place = floor.now.copy()
    if found.x is None:
        return place
    for (c, z), chosen in zip(options, found.x, strict=True):
        if chosen > 0.5:
            place[c] = z
    return place


def steps(floor: Floor, gain: Floats, place: Ints) -> list[Step]:
    """A plan as what is to be done, the largest gain first; two that change places are one step."""
    moved = np.flatnonzero(place != floor.now).tolist()
    done: set[int] = set()
    found = []
    for c in sorted(moved, key=lambda c: (-gain[c, place[c]], c)):
        if c not in done:
            other = _partner(floor, place, c, [d for d in moved if d not in done])
            done |= {c} if other is None else {c, other}
            found.append(_step(floor, gain, c, int(place[c]), other))
    return sorted(found, key=lambda step: (-step.gain, step.category))


def alone(floor: Floor, gain: Floats, category: int, zone: int) -> Step | None:
    """The best single step that brings a category to a zone: a move where there is room, else a swap; None if none."""
    ways = [None, *np.flatnonzero(floor.now == zone).tolist()]
    possible = [_step(floor, gain, category, zone, other) for other in ways if not _after(floor, category, zone, other)]
    possible = [step for step in possible if np.isfinite(step.gain)]
    return max(possible, key=lambda step: (step.other is None, step.gain), default=None)


def held(floor: Floor, gain: Floats, place: Ints, category: int) -> tuple[str, ...]:
    """Codes of what kept a category from zones that would have been better than the planned one."""
    better = np.flatnonzero(gain[category] > gain[category, place[category]]).tolist()
    faults: set[str] = set()
    for zone in better:
        if zone != floor.now[category]:
            there = place.copy()
            there[category] = zone
            faults |= floor.faults(there)
    return tuple(sorted(faults))


def _options(floor: Floor, gain: Floats) -> list[tuple[int, int]]:
    """Which category may stand in which zone; where it stands is always one."""
    categories, zones = np.nonzero(np.isfinite(gain) & floor.movable[:, None])
    may = {(c, z) for c, z in zip(categories.tolist(), zones.tolist(), strict=True) if floor.suits(c, z)}
    may |= {(c, int(z)) for c, z in enumerate(floor.now)}
    return sorted((c, z) for c, z in may if floor.now[c] >= 0)


def _constraints(floor: Floor, options: list[tuple[int, int]], most: int) -> list[LinearConstraint]:
    """Each stands in one zone; shelves hold; few move; pairs stay together."""
    c, z = np.array(options, dtype=np.int64).reshape(-1, 2).T
    stays = (floor.now[c] == z).astype(np.float64)
    once = _rows(c, np.ones(len(c)), len(floor.now))
    shelf = _rows(z, floor.metres[c], len(floor.capacity))
    placed = (floor.now >= 0).astype(np.float64)
    return [
        LinearConstraint(once, placed, placed),
        LinearConstraint(shelf, -np.inf, floor.room + _SLACK_M),
        LinearConstraint(stays[None, :], placed.sum() - most, np.inf),
        *_side_by_side(floor, c, z),
    ]


def _side_by_side(floor: Floor, c: Ints, z: Ints) -> list[LinearConstraint]:
    """Where the first of a pair stands, the second stands beside it."""
    rows = [
        ((c == b) & floor.beside[zone, z]).astype(np.float64) - ((c == a) & (z == zone))
        for (a, b), zone in product(floor.kept, range(len(floor.capacity)))
        if ((c == a) & (z == zone)).any()
    ]
    return [LinearConstraint(csr_array(np.array(rows)), 0, np.inf)] if rows else []


def _rows(row: Ints, value: Floats, n: int) -> csr_array:
    return csr_array((value, (row, np.arange(len(row)))), shape=(n, len(row)))


def _after(floor: Floor, category: int, zone: int, other: int | None) -> set[str]:
    """What would be broken by a single step."""
    place = floor.now.copy()
    place[category] = zone
    if other is not None:
        place[other] = floor.now[category]
    return floor.faults(place)


def _step(floor: Floor, gain: Floats, category: int, zone: int, other: int | None) -> Step:
    origin = int(floor.now[category])
    both = gain[category, zone] + (0.0 if other is None else gain[other, origin])
    return Step(category, zone, origin, other, float(both))


def _partner(floor: Floor, place: Ints, category: int, among: list[int]) -> int | None:
    """Who goes where the category comes from, and comes from where it goes."""
    for other in among:
        if floor.now[other] == place[category] and place[other] == floor.now[category]:
            return other
    return None
