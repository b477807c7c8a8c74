"""How many people an hour takes on the floor and at the tills, from who is expected."""

from dataclasses import dataclass
from math import ceil, isnan


@dataclass(frozen=True, slots=True)
class Norms:
    """What one person can do."""

    per_entrants: float
    """People who come in within an hour, for each person on the floor."""
    per_queue: float
    """People an hour that one till serves."""
    queueing: float
    """Share of those who come in who queue at a till."""


@dataclass(frozen=True, slots=True)
class Staff:
    """People needed in one hour."""

    floor: int
    tills: int


def needed(expected: float, norms: Norms) -> Staff:
    """Floor: expected / per_entrants. Tills: expected x queueing / per_queue. Both rounded up; none of nobody.

    Where fewer than half a person is expected, or nothing is known (nan), nobody is needed.
    """
    if isnan(expected) or expected < 0.5:
        return Staff(0, 0)
    return Staff(ceil(expected / norms.per_entrants), ceil(expected * norms.queueing / norms.per_queue))
