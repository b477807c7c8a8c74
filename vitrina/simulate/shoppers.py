"""Shoppers with goals: when they come, what they go for, and the ways they take."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from contract.arrays import F64, I64
from contract.site import Site
from vitrina.errors import SimulationError
from vitrina.simulate.floor import Walkway
from vitrina.simulate.tills import Service, pay
from vitrina.simulate.trade import Effect, Goal, Trade
from vitrina.simulate.trip import Trip, Walk

_SPOTS = 40
"""Places in a zone where people stop."""

_REACH_M = 0.7
"""From there one reaches the shelf."""


_MOST_COMPANIONS = 5


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who was there: `walks` one per shopper, in the order of their coming, and every `service` at a till."""

    walks: list[Walk]
    services: list[Service]

    @property
    def ends(self) -> float:
        """When the last one left, seconds UTC."""
        return max((float(walk.t[-1]) for walk in self.walks), default=0.0)


class Store:
    """A site made ready for shoppers."""

    def __init__(self, site: Site, trade: Trade, rng: np.random.Generator) -> None:
        """`rng` chooses the places at the shelves.

        Raises:
            SimulationError: the site has no floor, or a zone has no room to stand in.
        """
        if site.floor is None:
            raise SimulationError(f"site {site.site!r} has no floor to walk on; the simulator needs one in metres")
        self.site, self.trade = site, trade
        shunned = tuple(np.array(site.zones[key].polygon_m, dtype=np.float64) for key in trade.shunned)
        self.walkway = Walkway(site.floor, shunned)
        self.spots = {key: self._spots(key, rng) for key in trade.goals}
        self.doors = {key: self.walkway.nearest(np.array(door.at_m)) for key, door in trade.doors.items()}

    def _spots(self, zone: str, rng: np.random.Generator) -> I64:
        """Cells at the shelves of a zone, else anywhere in it."""
        polygon = self.site.zones[zone].polygon_m
        cells = self.walkway.within(np.array(polygon)) if polygon else np.empty(0, np.int64)
        if not len(cells):
            raise SimulationError(f"zone {zone!r} has no floor to stand on; draw it in metres, between the shelves")
        at_shelf = cells[self.walkway.clear_m[cells] < _REACH_M]
        cells = at_shelf if len(at_shelf) >= 8 else cells
        return rng.permutation(cells)[:_SPOTS]

    def visit(self, arrivals: F64, rng: np.random.Generator, effects: Sequence[Effect] = ()) -> Crowd:
        """Parties that come in at `arrivals` (n,), seconds UTC, shop, pay and leave."""
        trips = [self._shop(float(t), rng, effects) for t in np.sort(arrivals)]
        buying = [trip for trip in trips if rng.random() < self.trade.buys]
        services = pay(buying, self.trade.tills, self.walkway, rng)
        walks: list[Walk] = []
        for trip in trips:
            trip.walk(self._door("leaves", rng))
            walks += trip.walks(1 + min(int(rng.poisson(self.trade.companions)), _MOST_COMPANIONS))
        return Crowd(walks, [service for service in services if service is not None])

    def _door(self, way: str, rng: np.random.Generator) -> int:
        weights = np.array([getattr(door, way) for door in self.trade.doors.values()])
        return list(self.doors.values())[int(rng.choice(len(weights), p=weights / weights.sum()))]

    def _shop(self, t: float, rng: np.random.Generator, effects: Sequence[Effect]) -> Trip:
        speed = float(rng.uniform(*self.trade.speed_m_s))
        trip = Trip(self.walkway, self._door("enters", rng), t, speed_m_s=speed, rng=rng)
        mood = dict(zip(self.trade.goals, rng.random(len(self.trade.goals)).tolist(), strict=True))
        done: set[str] = set()
        while goals := self._wanted(trip.t, mood, done, effects):
            zone = self._next(trip, list(goals), rng)
            self._stop(trip, zone, goals[zone], rng)
            done.add(zone)
        if not done:
            self._look_in(trip, rng)
        return trip

    def _look_in(self, trip: Trip, rng: np.random.Generator) -> None:
        """Who wants nothing has a look at something popular."""
        goals = self.trade.goals
        popular = np.array([goal.popularity for goal in goals.values()]) + 1e-9
        zone = list(goals)[int(rng.choice(len(goals), p=popular / popular.sum()))]
        self._stop(trip, zone, goals[zone], rng)

    def _wanted(
        self, t: float, mood: Mapping[str, float], done: set[str], effects: Sequence[Effect]
    ) -> Mapping[str, Goal]:
        """What is still wanted at `t`: whose popularity exceeds the shopper's mood for it."""
        goals: Mapping[str, Goal] = self.trade.goals
        for effect in effects:
            goals = effect(t, goals)
        return {key: goal for key, goal in goals.items() if key not in done and mood[key] < goal.popularity}

    def _next(self, trip: Trip, zones: list[str], rng: np.random.Generator) -> str:
        """The nearest, about."""
        here = self.walkway.place(trip.cell)
        far = [np.linalg.norm(self.walkway.place(int(self.spots[zone][0])) - here) for zone in zones]
        return zones[int(np.argmin(np.array(far) * rng.lognormal(0, 0.4, len(zones))))]

    def _stop(self, trip: Trip, zone: str, goal: Goal, rng: np.random.Generator) -> None:
        for _ in range(1 + int(rng.poisson(goal.stops - 1))):
            trip.walk(int(rng.choice(self.spots[zone])))
            trip.stand(trip.t + float(goal.stay_s * rng.lognormal(0, goal.spread)))


def arrivals(trade: Trade, timezone: str, start: float, end: float, rng: np.random.Generator) -> F64:
    """When parties come in [start, end), seconds UTC: Poisson, by the busyness of the local hour and weekday (n,)."""
    zone = ZoneInfo(timezone)
    parties = trade.shoppers_per_hour / (1 + trade.companions)
    found = [np.empty(0)]
    for number in range(math.floor(start / 3600), math.ceil(end / 3600)):
        hour = number * 3600.0
        local = datetime.fromtimestamp(hour, UTC).astimezone(zone)
        came = rng.poisson(parties * trade.busy(local.weekday(), local.hour))
        found.append(rng.uniform(hour, hour + 3600, came))
    t = np.sort(np.concatenate(found))
    result: F64 = t[(t >= start) & (t < end)]
    return result
