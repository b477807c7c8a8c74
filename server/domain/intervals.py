"""How sure a count is: 95 % intervals."""

from math import sqrt

Z95 = 1.959964


def count_interval(n: int) -> tuple[float, float]:
    """For a count, taken as Poisson: Byar's approximation (Rothman & Boice 1979), within 2 % of the exact."""
    low = n * (1 - 1 / (9 * n) - Z95 / (3 * sqrt(n))) ** 3 if n > 0 else 0.0
    m = n + 1
    return low, m * (1 - 1 / (9 * m) + Z95 / (3 * sqrt(m))) ** 3
