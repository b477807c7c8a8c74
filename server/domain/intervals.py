"""How sure a count or a share is: 95 % intervals."""

from math import sqrt

Z95 = 1.959964


def count_interval(n: int) -> tuple[float, float]:
    """For a count, taken as Poisson: Byar's approximation (Rothman & Boice 1979), within 2 % of the exact."""
    low = n * (1 - 1 / (9 * n) - Z95 / (3 * sqrt(n))) ** 3 if n > 0 else 0.0
    m = n + 1
    return low, m * (1 - 1 / (9 * m) + Z95 / (3 * sqrt(m))) ** 3


def share_interval(k: int, n: int) -> tuple[float, float] | None:
    """For k of n: Wilson's score interval (1927); None when n is 0."""
    if n <= 0:
        return None
    p, z2 = k / n, Z95**2
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)
