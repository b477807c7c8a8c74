"""Waiting and paying: first come, first served, so that waits are real."""

import heapq
from dataclasses import dataclass, field

import numpy as np

from vitrina.simulate.floor import Walkway
from vitrina.simulate.trade import Till
from vitrina.simulate.trip import Trip


@dataclass(frozen=True, slots=True)
class Service:
    """One party at a till: seconds UTC at which it joined the queue, was served, and was done."""

    till: str
    joined: float
    served: float
    done: float


@dataclass(slots=True)
class _Desk:
    key: str
    till: Till
    servers: list[int]
    queue: list[int]
    free_at: list[tuple[float, int]]
    coming: int = 0
    services: list[Service] = field(default_factory=list)

    def ahead(self, t: float) -> list[float]:
        """When those get served who wait at `t`."""
        return [service.served for service in self.services if service.served > t]

    def load(self, t: float) -> float:
        """Parties there or on their way, per server."""
        there = sum(service.done > t for service in self.services)
        return (there + self.coming) / len(self.servers)


def pay(trips: list[Trip], tills: dict[str, Till], walkway: Walkway, rng: np.random.Generator) -> list[Service | None]:
    """Send `trips` through the tills, in the order in which they get there; None where there is no till.

    Everyone chooses the shortest queue from afar, walks there, and moves up as others are served.
    """
    desks = [_desk(key, till, walkway) for key, till in tills.items()]
    services: list[Service | None] = [None] * len(trips)
    if not desks:
        return services
    events: list[tuple[float, int, _Desk | None]] = [(trip.t, i, None) for i, trip in enumerate(trips)]
    heapq.heapify(events)
    while events:
        t, i, desk = heapq.heappop(events)
        if desk is None:
            desk = _choose(desks, trips[i], rng)
            trips[i].walk(desk.queue[min(len(desk.ahead(t)), len(desk.queue) - 1)])
            desk.coming += 1
            heapq.heappush(events, (trips[i].t, i, desk))
        else:
            services[i] = _serve(desk, trips[i], rng)
    return services


def _desk(key: str, till: Till, walkway: Walkway) -> _Desk:
    servers = [walkway.nearest(np.array(at)) for at in till.servers_m]
    queue = [walkway.nearest(np.array(at)) for at in till.queue_m]
    return _Desk(key, till, servers, queue, [(-np.inf, server) for server in servers])


def _choose(desks: list[_Desk], trip: Trip, rng: np.random.Generator) -> _Desk:
    """The one with the fewest people and a short way, with a little whim."""
    costs = [desk.load(trip.t) * desk.till.service_s + trip.time_to(desk.queue[0]) for desk in desks]
    return desks[int(np.argmin(np.array(costs) + rng.exponential(20, len(desks))))]


def _serve(desk: _Desk, trip: Trip, rng: np.random.Generator) -> Service:
    joined = trip.t
    free_at, server = heapq.heappop(desk.free_at)
    served = max(free_at, joined)
    ahead = sorted(desk.ahead(joined))
    last = len(desk.queue) - 1
    trip.walk(desk.queue[min(len(ahead), last)])
    for moved, moves_up_at in enumerate(ahead, 1):
        trip.stand(moves_up_at)
        trip.walk(desk.queue[min(len(ahead) - moved, last)])
    trip.stand(served)
    trip.walk(server)
    done = max(served, trip.t) + float(desk.till.service_s * rng.lognormal(0, desk.till.spread))
    trip.stand(done)
    heapq.heappush(desk.free_at, (done, server))
    service = Service(desk.key, joined, served, done)
    desk.services.append(service)
    desk.coming -= 1
    return service
