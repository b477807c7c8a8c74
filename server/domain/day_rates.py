"""One sum over another, day by day, and how sure their ratio is when days differ by more than chance.

Days are the sample: counts of people vary more between days than Poisson's or the binomial law says, and what happens
within a day is not independent. The ratio is that of the sums, its variance the jackknife's over days (Tukey 1958; for
ratios Cochran, Sampling Techniques, 1977, section 6.17), its interval drawn on the logarithm with Student's t. Days are
taken as independent of each other. Simulated with counts that vary twice as much as chance and rates that vary by a
tenth between days, the 95 % intervals hold the truth 93 to 97 times in 100 from 7 days on.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

from server.domain.intervals import count_interval

DAYS_NEEDED = 3
"""With fewer days nothing is known of how days differ: a value, and no interval."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rate:
    """The sum `above` over the sum `below`, with its 95 % interval; nan where it is not known."""

    value: float
    low: float
    high: float
    above: float
    below: float
    days: int
    """Of which both are known."""

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return bool(np.isfinite(self.value))

    @property
    def sure(self) -> bool:
        """Whether there is an interval."""
        return bool(np.isfinite(self.low) and np.isfinite(self.high))

    @property
    def beyond_whole(self) -> bool:
        """More than the whole. Of a part that cannot be: something is counted too often or too seldom."""
        return self.value > 1

    def times(self, factor: float) -> "Rate":
        """In another unit."""
        return Rate(self.value * factor, self.low * factor, self.high * factor, self.above, self.below, self.days)


def day_rate(above: Floats, below: Floats) -> Rate:
    """The ratio of two sums over days.

    Args:
        above: (d,) of each day, at least 0 in sum; nan where it was not measured.
        below: (d,) of each day, over what. Days on which either is nan are left out of both.

    Returns:
        Nothing is known (nan) where `below` comes to nothing; the interval takes DAYS_NEEDED days.
    """
    known = np.isfinite(above) & np.isfinite(below)
    over, under = above[known], below[known]
    n, top, bottom = len(over), float(over.sum()), float(under.sum())
    if bottom <= 0:
        return Rate(np.nan, np.nan, np.nan, top, bottom, n)
    value = top / bottom
    low, high = _interval(over, under) if n >= DAYS_NEEDED else (np.nan, np.nan)
    return Rate(value, low, high, top, bottom, n)


@cache
def _quantile(freedom: int) -> float:
    return float(student.isf(0.025, freedom))


def _interval(over: Floats, under: Floats) -> tuple[float, float]:
    n, top, bottom = len(over), float(over.sum()), float(under.sum())
    if top <= 0:
        return 0.0, count_interval(0)[1] / bottom
    rest = np.maximum(bottom - under, 1e-12 * bottom)
    without = (top - over) / rest
    error = float(np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum()))
    reach = _quantile(n - 1) * error * bottom / top
    return top / bottom * float(np.exp(-reach)), top / bottom * float(np.exp(min(reach, 50.0)))
