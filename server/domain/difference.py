"""Difference maps: what changed on the floor between two periods, and where the change is more than chance.

Two questions, told apart. **Did the floor as a whole change?** Weather and holidays fill all of it; a week against a
week can hardly tell that from a campaign. **Which places changed otherwise than the floor?** That is what the map
marks. Each day's level is taken out first: the median over the cells of their rate over their own mean.

The replicates are days (or slots of a test): what people do together on one day, or one person in one minute, is no
independent evidence, but one day and the next are. Each day's grid is smoothed, and a cell is judged by how often the
same days, shuffled between the two periods, would show as large a change anywhere on the floor (max-T: Westfall & Young
1993). With nothing changed at most 5 % of maps have any cell marked, whatever the spread of the days and however
neighbouring cells hang together; this also keeps the share of false cells among those marked (FDR) under 5 %.

Days are shuffled only within a block, for example a weekday: Saturdays are compared with Saturdays.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import ceil, comb, log2, prod

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

from server.domain.intervals import Estimate
from server.domain.smoothing import Mask, smooth

LEVEL = 0.05
SHUFFLES = 999
BANDWIDTH_M = 1.0
FLOOR_SHARE = 0.25
"""Compared is log(rate + this share of the floor's mean rate), so that changes of next to nothing weigh little."""
POOLED = 0.5
"""How far a cell's variance is drawn to that of all cells; few days tell one cell's variance badly."""
CHUNK = 4096
"""Cells at a time, so that a large floor times all shuffles fits into memory."""
OBSERVED_SHARE = 0.5
"""A day counts in a cell if it was watched there for this share of the usual day."""

Floats = npt.NDArray[np.float64]
Cells = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Replicates:
    """One period, a grid per day or slot."""

    amounts: Floats
    """(days, rows, columns) person-seconds, visits or stops."""
    observed_s: Floats
    """(days,) or (days, rows, columns) seconds watched."""
    blocks: Sequence[Hashable]
    """(days,) what makes days alike, such as the weekday; one value for all where nothing does."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed. Arrays (rows, columns), rates per m² and observed hour; nan where not free or hardly watched."""

    before: Floats
    after: Floats
    change: Floats
    """After minus before, within blocks, with every day brought to the mean level of the floor."""
    low: Floats
    high: Floats
    """95 % interval of one cell's change, for itself."""
    p: Floats
    """Chance of so large a change anywhere on the floor if the days were only shuffled; nan where not judged."""
    significant: Mask
    floor: Estimate | None
    """After over before of the floor as a whole, within blocks; None with too few days."""
    days_missing: int
    """How many more days each period needs before any place can be judged; 0 when there are enough."""


@dataclass(frozen=True, slots=True)
class _Design:
    """How the days make up a change, as labelled (row 0) and shuffled: least squares with an effect per block.

    `contrasts` (shuffles, days): times the days' values it is the change; `weights` (shuffles,): one over that change's
    variance, in variances of a day; `within` (days, days): takes the blocks' means away; `freedom`: residual degrees.
    """

    contrasts: Floats
    weights: Floats
    within: Floats
    freedom: int


def difference(
    before: Replicates,
    after: Replicates,
    *,
    free: Mask,
    cell_m: float,
    rng: np.random.Generator,
    bandwidth_m: float = BANDWIDTH_M,
) -> Difference:
    """Compare two periods cell by cell.

    Args:
        before: the earlier period, or the slots without what is tested.
        after: the later one, or those with it.
        free: (rows, columns) walkable and seen.
        cell_m: side of a cell.
        rng: draws the shuffles where there are too many to go through all.
        bandwidth_m: standard deviation of the smoothing; a change smaller than it is blurred.
    """
    sigma = bandwidth_m / cell_m
    hours = _smooth_hours(before, after, free, sigma)
    amounts = smooth(np.concatenate([before.amounts, after.amounts]), free, sigma_cells=sigma)[:, free] / cell_m**2
    watched = (hours > 0) & (hours >= OBSERVED_SHARE * np.median(hours, axis=0))
    rates = np.where(watched, amounts / np.maximum(hours, 1e-12), np.nan)
    labels = np.arange(len(rates)) >= len(before.amounts)
    blocks = [*before.blocks, *after.blocks]
    shuffles = _shuffles(labels, blocks, rng)
    level = _level(rates)
    even = rates / np.exp(level - _mean(level, axis=0))[:, None]
    p = _judge(np.log(even + max(FLOOR_SHARE * float(_mean(even.ravel(), axis=0)), 1e-9)), shuffles, blocks)
    change, half = _changes(even, labels, blocks)
    judged = _on(free, p)
    return Difference(
        before=_on(free, _ratio(amounts[~labels], hours[~labels])),
        after=_on(free, _ratio(amounts[labels], hours[labels])),
        change=_on(free, change),
        low=_on(free, change - half),
        high=_on(free, change + half),
        p=judged,
        significant=judged <= LEVEL,
        floor=_floor_change(level, labels, blocks),
        days_missing=_days_missing(labels, blocks),
    )


def _level(rates: Floats) -> Floats:
    """(days,) logarithm of each day's level: of the cells' rates over their own means, the median, polished (Tukey).

    A day on which nobody came has none: it says nothing of where people go.
    """
    level = np.ones(len(rates))
    for _ in range(3):
        means = _mean(rates / level[:, None], axis=0)
        level = np.array([_middle(day[means > 0] / means[means > 0]) for day in rates])
    return np.asarray(np.log(level))


def _middle(ratios: Floats) -> float:
    """The median of what is known, their mean where most are 0; nan where all are."""
    known = ratios[~np.isnan(ratios)]
    if not known.any():
        return np.nan
    return float(np.median(known)) or float(known.mean())


def _mean(values: Floats, axis: int) -> Floats:
    """Of what is not nan; 0 of nothing."""
    return np.asarray(np.nansum(values, axis=axis) / np.maximum((~np.isnan(values)).sum(axis=axis), 1))


def _judge(values: Floats, shuffles: Mask, blocks: Sequence[Hashable]) -> Floats:
    """(cells,) p; cells that miss the same days are judged together."""
    largest, own = np.zeros(len(shuffles)), np.full(values.shape[1], np.nan)
    for days, cells, kept in _alike(values, blocks):
        if not _days_missing(shuffles[0, days], kept):
            own[cells] = _statistics(values[np.ix_(days, cells)], _design(shuffles[:, days], kept), largest)
    above = np.searchsorted(np.sort(largest), own - 1e-6)  # orders that differ by rounding only are the same
    return np.where(np.isnan(own), np.nan, 1 - above / len(largest))


def _changes(rates: Floats, labels: Mask, blocks: Sequence[Hashable]) -> tuple[Floats, Floats]:
    """(cells,) change and half its interval."""
    change, half = np.full((2, rates.shape[1]), np.nan)
    for days, cells, kept in _alike(rates, blocks):
        design = _design(labels[None, days], kept)
        if design.freedom > 0 and design.weights[0] > 0:
            change[cells], half[cells] = _change(rates[np.ix_(days, cells)], design)
    return change, half


def _floor_change(level: Floats, labels: Mask, blocks: Sequence[Hashable]) -> Estimate | None:
    change, half = _changes(level[:, None], labels, blocks)
    if np.isnan(change[0]):
        return None
    value, low, high = np.exp([change[0], change[0] - half[0], change[0] + half[0]])
    return Estimate(float(value), float(low), float(high))


def _alike(values: Floats, blocks: Sequence[Hashable]) -> Iterator[tuple[Mask, Cells, list[Hashable]]]:
    """Cells that have the same days: these days, the cells, and the days' blocks."""
    patterns, of = np.unique(~np.isnan(values), axis=1, return_inverse=True)
    for i, days in enumerate(patterns.T):
        if days.any():
            yield days, np.flatnonzero(of == i), [block for block, day in zip(blocks, days, strict=True) if day]


def _design(shuffles: Mask, blocks: Sequence[Hashable]) -> _Design:
    member = np.array([[float(block == one) for one in dict.fromkeys(blocks)] for block in blocks])
    after, size = shuffles @ member, member.sum(axis=0)
    weight = after * (size - after) / size
    each = [np.divide(weight, n, out=np.zeros_like(weight), where=n > 0) @ member.T for n in (after, size - after)]
    total = weight.sum(axis=1)
    contrasts = np.where(shuffles, each[0], -each[1]) / np.maximum(total, 1e-12)[:, None]
    within = np.eye(len(blocks)) - (member / size) @ member.T
    return _Design(contrasts, total, within, len(blocks) - member.shape[1] - 1)


def _statistics(values: Floats, design: _Design, largest: Floats) -> Floats:
    """|t| of each cell; `largest` (shuffles,) is raised to the largest anywhere, shuffle by shuffle."""
    spread = ((design.within @ values) ** 2).sum(axis=0)
    mean_square = np.einsum("sd,de,se->s", design.contrasts, values @ values.T / values.shape[1], design.contrasts)
    pooled = spread.mean() - design.weights * mean_square
    own: list[Floats] = []
    for start in range(0, values.shape[1], CHUNK):
        part = slice(start, start + CHUNK)
        change = design.contrasts @ values[:, part]
        left = spread[part] - design.weights[:, None] * change**2
        variance = POOLED * pooled[:, None] + (1 - POOLED) * left
        scale = np.sqrt(np.maximum(variance, 1e-12) / design.freedom / np.maximum(design.weights, 1e-12)[:, None])
        t = np.abs(change) / scale
        np.maximum(largest, t.max(axis=1), out=largest)
        own.append(t[0])
    return np.concatenate(own)


def _change(rates: Floats, design: _Design) -> tuple[Floats, Floats]:
    change = design.contrasts[0] @ rates
    left = ((design.within @ rates) ** 2).sum(axis=0) - design.weights[0] * change**2
    scale = np.sqrt(np.maximum(left, 0) / design.freedom / design.weights[0])
    return change, scale * float(student.ppf(0.975, design.freedom))


def _days_missing(labels: Mask, blocks: Sequence[Hashable]) -> int:
    """A two-sided test at LEVEL takes 2 / LEVEL orders of the days; one more day in each doubles them at least."""
    return max(0, ceil(log2(2 / LEVEL / _orders(labels, _days_by_block(blocks)))))


def _smooth_hours(before: Replicates, after: Replicates, free: Mask, sigma: float) -> Floats:
    """(days, free cells) hours watched in a cell's surroundings."""
    hours = [np.broadcast_to(_by_cell(of.observed_s), of.amounts.shape) / 3600 for of in (before, after)]
    return smooth(np.concatenate(hours), free, sigma_cells=sigma)[:, free]


def _by_cell(observed_s: Floats) -> Floats:
    return observed_s if observed_s.ndim == 3 else observed_s[:, None, None]


def _ratio(amounts: Floats, hours: Floats) -> Floats:
    total = hours.sum(axis=0)
    return np.where(total > 0, amounts.sum(axis=0) / np.maximum(total, 1e-12), np.nan)


def _on(free: Mask, values: Floats) -> Floats:
    grid = np.full(free.shape, np.nan)
    grid[free] = values
    return grid


def _shuffles(labels: Mask, blocks: Sequence[Hashable], rng: np.random.Generator) -> Mask:
    """(n, days) labels shuffled within blocks, the true ones first; all of them if that is not too many."""
    days = _days_by_block(blocks)
    if _orders(labels, days) <= SHUFFLES:
        return _all_orders(labels, days)
    shuffled = np.repeat(labels[None], SHUFFLES + 1, axis=0)
    for of in days:
        shuffled[1:, of] = rng.permuted(shuffled[1:, of], axis=1)
    return shuffled


def _days_by_block(blocks: Sequence[Hashable]) -> list[Cells]:
    return [np.flatnonzero([block == one for one in blocks]) for block in dict.fromkeys(blocks)]


def _orders(labels: Mask, days: Sequence[Cells]) -> int:
    return prod(comb(len(of), int(labels[of].sum())) for of in days)


def _all_orders(labels: Mask, days: Sequence[Cells]) -> Mask:
    ways = product(*(combinations(of.tolist(), int(labels[of].sum())) for of in days))
    found = np.zeros((_orders(labels, days), len(labels)), dtype=np.bool_)
    for row, way in zip(found, ways, strict=True):
        row[[day for chosen in way for day in chosen]] = True
    truth = np.flatnonzero((found == labels).all(axis=1))
    return np.concatenate([found[truth], np.delete(found, truth, axis=0)])
