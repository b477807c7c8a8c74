"""How sure a count, a share or a rate is: 95 % intervals."""

from dataclasses import dataclass
from math import sqrt

Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, 0 to 1, with its 95 % interval."""

    value: float
    low: float
    high: float
    n: int
    """How many it is a share of."""

    def complement(self) -> "Share":
        """The share of the others."""
        return Share(1 - self.value, 1 - self.high, 1 - self.low, self.n)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95 % interval, in the unit its source names."""

    value: float
    low: float
    high: float


def count_interval(n: int) -> tuple[float, float]:
    """For a count, taken as Poisson: Byar's approximation (Rothman & Boice 1979), within 2 % of the exact."""
    low = n * (1 - 1 / (9 * n) - Z95 / (3 * sqrt(n))) ** 3 if n > 0 else 0.0
    m = n + 1
    return low, m * (1 - 1 / (9 * m) + Z95 / (3 * sqrt(m))) ** 3


def wilson(k: int, n: int) -> Share | None:
    """The share k of n with Wilson's score interval (1927); None of nothing.

    Raises:
        ValueError: k is not within 0..n.
    """
    if not 0 <= k <= n:
        raise ValueError(f"a share needs 0 <= k <= n, got {k} of {n}")
    if n == 0:
        return None
    value, z2 = k / n, Z95**2
    middle = (value + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * sqrt(value * (1 - value) / n + z2 / (4 * n * n))
    # At 0 and n the bound is the share itself, which rounding may miss.
    return Share(value, middle - half if k else 0.0, middle + half if k < n else 1.0, n)
