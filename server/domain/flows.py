"""Where people go next: shares of the ways on, what a visit reaches, and the routes most walked.

Counted are steps from zone to zone, with ENTRY before the first and EXIT after the last. A track that breaks between
two zones is told as a step to LOST, and the rest of it as one from LOST.

LOST is censoring: where somebody went after the track broke is not known, and taken to be what the others did from
there. So the shares of a zone's ways on are of the steps that were seen, and what comes from LOST only adds steps
farther on. Nothing of a person is kept that would tell more than one step, so what lies beyond one step is computed as
an absorbing Markov chain (Kemeny & Snell 1960): **where somebody goes next is taken to depend on where they are, not on
how they came there.** A shop in which people turn back to where they came from breaks that rule.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
import numpy.typing as npt

from server.domain.intervals import Estimate, Share, wilson

ENTRY, EXIT, LOST = "ENTRY", "EXIT", "LOST"
DRAWS = 400
LEAST_SHARE = 0.001
"""Routes rarer than this are not looked for, which bounds the search."""

Floats = npt.NDArray[np.float64]
Counts = Mapping[tuple[str, str], int]
"""(source, target) to how often; source is a zone, ENTRY or LOST, target a zone, EXIT or LOST."""


@dataclass(frozen=True, slots=True)
class Transition:
    """How often the way led from `source` to `target`."""

    source: str
    target: str
    n: int
    share: Share
    """Of the source's steps that were seen; to LOST: of all its steps."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What part of the visits comes to a zone."""

    zone: str
    share: Estimate
    """Of the visits that come in, how many ever come here."""
    visits: Estimate
    """How often a visit comes here on average."""


@dataclass(frozen=True, slots=True)
class Route:
    """A sequence of zones from ENTRY to EXIT; empty where someone leaves without a zone."""

    zones: tuple[str, ...]
    share: float
    """Of the visits, by the chain."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Steps that were seen. Rows of both matrices: ENTRY, then `zones`; columns: `zones`, then EXIT."""

    zones: tuple[str, ...]
    counts: Floats
    """(k+1, k+1)."""
    steps: Floats
    """(k+1, k+1) probabilities; each row adds up to 1."""


def transitions(counts: Counts) -> list[Transition]:
    """Each step with its share, the most frequent first."""
    seen, every = _by_source(counts, lost=False), _by_source(counts, lost=True)
    found = [
        Transition(source, target, n, share)
        for (source, target), n in counts.items()
        if (share := wilson(n, (every if target == LOST else seen)[source])) is not None
    ]
    return sorted(found, key=lambda step: (-step.n, step.source, step.target))


def first_zones(counts: Counts, after: str = ENTRY) -> list[Transition]:
    """Where people go first after they come in, or next after the zone `after`; EXIT is one of the ways."""
    return [step for step in transitions(counts) if step.source == after and step.target != LOST]


def _by_source(counts: Counts, *, lost: bool) -> dict[str, int]:
    totals: dict[str, int] = {}
    for (source, target), n in counts.items():
        totals[source] = totals.get(source, 0) + (n if lost or target != LOST else 0)
    return totals


def chain(counts: Counts) -> Chain:
    """The Markov chain of the steps that were seen.

    Zones from which no way out was ever seen would keep people for ever; each gets half an exit.
    """
    zones = tuple(sorted({name for pair in counts for name in pair} - {ENTRY, EXIT, LOST}))
    row = {name: i for i, name in enumerate((ENTRY, *zones))}
    column = {name: i for i, name in enumerate((*zones, EXIT))}
    seen = np.zeros((len(row), len(column)))
    for (source, target), n in counts.items():
        if source in row and target in column:
            seen[row[source], column[target]] += n
    open_ended = seen.copy()
    open_ended[~_leads_out(seen), -1] += 0.5
    if seen[0].any():
        open_ended[0] = seen[0]
    return Chain(zones, seen, open_ended / open_ended.sum(axis=1, keepdims=True))


def _leads_out(seen: Floats) -> npt.NDArray[np.bool_]:
    """Of each row, whether EXIT can be reached from it."""
    out = seen[:, -1] > 0
    for _ in range(len(seen)):
        out = out | (seen[:, :-1] @ out[1:].astype(np.float64) > 0)
    return out


def reach(flow: Chain, rng: np.random.Generator, *, draws: int = DRAWS) -> list[Reach]:
    """Of each zone, the share of visits that come to it and how often, the most reached first; none without entries.

    With N = (I - Q)^-1 a visit comes to zone j N[entry, j] times, and at all with N[entry, j] / N[j, j]. Intervals:
    each row drawn anew from its Dirichlet posterior, with one step in all as its prior (Perks 1947).
    """
    if not flow.counts[0].any():
        return []
    share, visits = _reached(flow.steps[None])
    gammas = rng.standard_gamma(flow.counts + 1 / len(flow.counts), size=(draws, *flow.counts.shape))
    gammas[..., -1] += 1e-9  # a way out, however unlikely, or the inverse does not exist
    drawn = _reached(gammas / gammas.sum(axis=2, keepdims=True))
    shares, times = (_estimates(value[0], spread) for value, spread in zip((share, visits), drawn, strict=True))
    found = [Reach(*values) for values in zip(flow.zones, shares, times, strict=True)]
    return sorted(found, key=lambda of: (-of.share.value, of.zone))


def _reached(steps: Floats) -> tuple[Floats, Floats]:
    """(n, k) shares and visits of n chains (n, k+1, k+1)."""
    inner = np.linalg.inv(np.eye(steps.shape[1] - 1) - steps[:, 1:, :-1])
    visits = np.maximum((steps[:, :1, :-1] @ inner)[:, 0], 0)  # rounding may leave a little under nothing
    shares = np.minimum(visits / np.diagonal(inner, axis1=1, axis2=2), 1)  # and a little over all
    return shares, visits


def _estimates(values: Floats, draws: Floats) -> list[Estimate]:
    low, high = np.quantile(draws, (0.025, 0.975), axis=0)
    return [
        Estimate(float(v), float(a), float(b))
        for v, a, b in zip(values, np.minimum(low, values), np.maximum(high, values), strict=True)
    ]


def routes(flow: Chain, *, most: int = 10, longest: int = 12, times: int = 2) -> list[Route]:
    """The likeliest routes from ENTRY to EXIT, likeliest first.

    Best first: a route can only grow less likely, so those that arrive first are the likeliest.

    Args:
        flow: the chain.
        most: how many to find.
        longest: zones in a route at most.
        times: how often a route may come to the same zone.
    """
    found: list[Route] = []
    heap: list[tuple[float, tuple[int, ...]]] = [(-1.0, (0,))] if flow.counts[0].any() else []
    out = len(flow.zones)
    while heap and len(found) < most:
        likely, path = heappop(heap)
        if path[-1] == out + 1:
            found.append(Route(_named(flow.zones, path[1:-1]), -likely))
            continue
        for column in np.flatnonzero(-likely * flow.steps[path[-1]] >= LEAST_SHARE).tolist():
            # Column i is where row i + 1 goes on from.
            if column == out or (len(path) <= longest and path.count(column + 1) < times):
                heappush(heap, (likely * float(flow.steps[path[-1], column]), (*path, column + 1)))
    return found


def _named(zones: Sequence[str], rows: Sequence[int]) -> tuple[str, ...]:
    return tuple(zones[row - 1] for row in rows)
