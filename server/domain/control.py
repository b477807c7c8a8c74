"""Against other stores: what a change did beyond what happened everywhere, and so whether it was the change.

Synthetic control (Abadie, Diamond & Hainmueller, JASA 105 (2010) 493-505): the mix of other stores, or of goods that
were let alone, that went like this one before the change says how this one would have gone on. Figures are taken over
their own mean before the change, so that stores of any size can be mixed (as with an intercept: Doudchenko & Imbens,
NBER 22791, 2016). Weights are not below 0 and add up to 1; with one store to compare with it is a difference in
differences.

What is left between the store and its mix hangs together from day to day; `autoregression` counts with that. Simulated
with 2 to 8 stores, errors of memory 0 to 0.6 and 14 to 90 days after the change, the 95 % interval holds the truth 91
to 98 times in 100, as the conformal one of Chernozhukov, Wüthrich & Zhu (JASA 116 (2021) 1849-1864) does, and is 10 to
50 % shorter.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from server.domain.autoregression import Regression, regress
from server.domain.intervals import Estimate
from server.domain.store_days import Bools, Floats, Ints

FEWEST_BEFORE, FEWEST_AFTER = 28, 7
"""Days told; with fewer nothing is said."""
PLACEBOS = 6
FALSE_ALARMS = 0.02
"""Of a check, where nothing is wrong."""
_SUM = 1e3
"""How strongly weights are held to a sum of 1."""
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a change did beyond what happened to the others, a day, in the figure's unit."""

    effect: Estimate
    p: float
    """Chance of an effect so far from 0 if there were none."""
    change: float
    """What a naive before and after would say: the mean day after less the mean day before."""
    weights: Floats
    """(j,) of the others in the mix."""
    without: Floats
    """(d,) how this one would have gone on; nan on days that were not told everywhere."""
    days_before: int
    days_after: int
    checks: Mapping[str, bool]
    """`fit`: before the change the mix went like this one; `placebo`: no effect at other times before it;
    `placebo_space`: none in the others. One that could not be made is missing.
    """

    @property
    def elsewhere(self) -> float:
        """What of the change happened to the others as well."""
        return self.change - self.effect.value


def compared(
    values: Floats, others: Floats, after: Bools, *, day: Ints, told: Bools | None = None
) -> Comparison | None:
    """Hold one series against others; None with too few days, or nothing to compare with.

    Args:
        values: (d,) the figure where the change was made, nan where it is not known.
        others: (d, j) the same of others in which nothing was changed; a series with gaps leaves its days out.
        after: (d,) whether the change held; from some day on.
        day: (d,) ordinals.
        told: (d,) days to count with; those of a closed store are left out.
    """
    known = np.isfinite(values) & np.isfinite(others).all(axis=1) & (True if told is None else told)
    before = known & ~after
    if before.sum() < FEWEST_BEFORE or (known & after).sum() < FEWEST_AFTER or not others.shape[1]:
        return None
    levels = np.append(values[before].mean(), others[before].mean(axis=0))
    if (levels <= 0).any():
        return None
    index = np.column_stack([values, others])[known] / levels
    weights = _weights(index[before[known], 0], index[before[known], 1:])
    found = _gap(index, weights, after[known], day[known])
    effect, level = found.estimate(0), float(levels[0])
    without = np.full(len(values), np.nan)
    without[known] = (index[:, 1:] @ weights + found.coefficients[1]) * level
    return Comparison(
        effect=Estimate(effect.value * level, effect.low * level, effect.high * level),
        p=found.p(0),
        change=float(values[known & after].mean() - values[before].mean()),
        weights=weights,
        without=without,
        days_before=int(before.sum()),
        days_after=int((known & after).sum()),
        checks=_checks(index, weights, after[known], day[known]),
    )


def _weights(one: Floats, others: Floats) -> Floats:
    """(j,) of the mix of `others` (n, j) nearest to `one` (n,)."""
    held = np.vstack([others, np.full(others.shape[1], _SUM)])
    weights, _ = nnls(held, np.append(one, _SUM))
    return np.asarray(weights / weights.sum())


def _gap(index: Floats, weights: Floats, after: Bools, day: Ints) -> Regression:
    """The first series less the mix of the rest, before and after, by weekday."""
    gap = index[:, 0] - index[:, 1:] @ weights
    present = [((day + 6) % _WEEK == weekday).astype(np.float64) for weekday in range(_WEEK)]
    weekdays = [column - column.mean() for column in present[1:] if 0 < column.sum() < len(column)]
    return regress(gap, np.column_stack([after.astype(np.float64), np.ones(len(gap)), *weekdays]), day)


def _checks(index: Floats, weights: Floats, after: Bools, day: Ints) -> dict[str, bool]:
    gap, own = index[~after, 0] - index[~after, 1:] @ weights, index[~after, 0]
    checks = {"fit": float(gap.std()) <= float(own.std())}
    earlier = [p for start in _starts(day[~after]) if (p := _chance(index[~after], day[~after] >= start, day[~after]))]
    if earlier:
        checks["placebo"] = min(earlier) >= FALSE_ALARMS / len(earlier)
    if index.shape[1] > 2:
        each = [_chance(np.roll(index[:, 1:], -one, axis=1), after, day) for one in range(index.shape[1] - 1)]
        checks["placebo_space"] = min(each) >= FALSE_ALARMS / len(each)
    return checks


def _chance(index: Floats, after: Bools, day: Ints) -> float:
    """The p of a change that nobody made."""
    return _gap(index, _weights(index[~after, 0], index[~after, 1:]), after, day).p(0)


def _starts(day: Ints) -> Ints:
    """Other days to have begun on, so that there are enough before and after."""
    first, last = int(day[0]) + FEWEST_BEFORE, int(day[-1]) + 1 - 2 * FEWEST_AFTER
    return np.unique(np.linspace(first, last, PLACEBOS).astype(np.int64)) if last >= first else np.empty(0, np.int64)
