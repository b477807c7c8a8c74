"""What is usual for a weekday, and whether a day is far from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

DAYS_NEEDED = 3
FALSE_ALARMS = 1 / 365
"""Chance of calling a usual count far from usual: one false alarm in a year of daily looks."""
USUAL_VARIATION = 0.03
"""Squared coefficient of variation of a weekday's footfall beyond chance, before any is known: 17 %."""
WORTH_DAYS = 4
"""How many days' evidence that assumption is worth."""

Floats = npt.NDArray[np.float64]
Hours = Mapping[int, float]
"""Local hour of the day, 0 to 24, to what was counted in it."""


@dataclass(frozen=True, slots=True)
class Band:
    """What is usual: the middle 80 % and the median."""

    low: float
    mid: float
    high: float


@dataclass(frozen=True, slots=True)
class Deviation:
    """A count held against what was to be expected of it."""

    expected: float
    low: float
    high: float
    """Between these a usual count lies, but for FALSE_ALARMS of them."""
    p: float
    """Chance of a count so far off or farther on a usual day."""
    far: Literal["low", "high"] | None


@dataclass(frozen=True, slots=True)
class Usual:
    """Past days of one weekday, with data; there is a usual day only with at least DAYS_NEEDED of them."""

    days: Sequence[Hours]

    @property
    def missing(self) -> int:
        """How many more such days, that is weeks, it takes."""
        return max(0, DAYS_NEEDED - len(self.days))

    def band(self, hour: int) -> Band | None:
        """Median and middle 80 % of one hour; None while there is no usual day."""
        return band_of([day.get(hour, 0.0) for day in self.days])

    def until(self, hour: float) -> Band | None:
        """The same of the day's sum up to `hour`; the hour under way counts in proportion."""
        return band_of(self._sums(hour))

    def deviation(self, count: float, hour: float) -> Deviation | None:
        """How far a day's count up to `hour` is from these days' counts up to then."""
        return deviation(count, self._sums(hour))

    def span(self) -> tuple[int, int] | None:
        """First and last+1 hour in which anyone ever came in."""
        busy = [hour for day in self.days for hour, count in day.items() if count]
        return (min(busy), max(busy) + 1) if busy else None

    def _sums(self, until: float) -> list[float]:
        return [sum(n * min(max(until - hour, 0.0), 1.0) for hour, n in day.items()) for day in self.days]


def band_of(values: Sequence[float]) -> Band | None:
    """Median and middle 80 % of like days' values; None of fewer than DAYS_NEEDED."""
    if len(values) < DAYS_NEEDED:
        return None
    low, mid, high = np.quantile(np.asarray(values, dtype=np.float64), (0.1, 0.5, 0.9))
    return Band(float(low), float(mid), float(high))


def deviation(count: float, past: Sequence[float], *, false_alarms: float = FALSE_ALARMS) -> Deviation | None:
    """Whether a count is far from like days' counts; None of fewer than DAYS_NEEDED.

    Counts vary more than Poisson's law says, as under the negative binomial. On the scale 2 sqrt(n + 3/8) (Anscombe
    1948) the variance of a count of mean m is 1 for Poisson and about 1 + v m with a squared variation v between days.
    The variance is the past days', drawn towards v = USUAL_VARIATION with the weight of WORTH_DAYS days, so that three
    days that happen to be alike raise no alarm, and never under Poisson's. Student's t then gives the prediction.

    Args:
        count: what was counted.
        past: the same of past days.
        false_alarms: chance, on a usual day, of being called far; both sides together.
    """
    if len(past) < DAYS_NEEDED:
        return None
    known = _steady(np.asarray(past, dtype=np.float64))
    middle, more = float(known.mean()), len(past) - 1
    guess = 1 + USUAL_VARIATION * middle**2 / 4
    freedom = WORTH_DAYS + more
    variance = max((WORTH_DAYS * guess + more * float(known.var(ddof=1))) / freedom, 1.0)
    scale = float(np.sqrt(variance * (1 + 1 / len(past))))
    off = (float(_steady(np.float64(count))) - middle) / scale
    p = 2 * float(student.sf(abs(off), freedom))
    reach = scale * float(student.isf(false_alarms / 2, freedom))
    low, expected, high = (_count(value) for value in (middle - reach, middle, middle + reach))
    return Deviation(expected, low, high, p, _side(off) if p < false_alarms else None)


def _side(off: float) -> Literal["low", "high"]:
    return "low" if off < 0 else "high"


def _steady(n: npt.ArrayLike) -> Floats:
    return np.asarray(2 * np.sqrt(np.asarray(n) + 0.375))


def _count(steady: float) -> float:
    return max((max(steady, 0.0) / 2) ** 2 - 0.375, 0.0)
