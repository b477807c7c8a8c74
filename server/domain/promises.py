"""How past advice did: what was promised beside what was measured."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.intervals import Estimate

FEWEST = 5
"""Tests below which promises are left as they are."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One promise and what came of it, margin a week."""

    promised: Estimate
    measured: Estimate

    @property
    def inside(self) -> bool:
        """What was measured lies within the interval that was promised."""
        return self.promised.low <= self.measured.value <= self.promised.high


def factor_of(tests: Sequence[Kept]) -> float | None:
    """What was measured, times what was promised, over all tests: a ratio of sums; None with too few of them."""
    promised = sum(test.promised.value for test in tests)
    if len(tests) < FEWEST or promised <= 0:
        return None
    return sum(test.measured.value for test in tests) / promised


def correction(tests: Sequence[Kept]) -> float:
    """By what to multiply new promises: the factor, never above 1, for what is chosen as the best is too rosy."""
    factor = factor_of(tests)
    return 1.0 if factor is None else min(max(factor, 0.0), 1.0)


def corrected(effect: Estimate, factor: float) -> Estimate:
    """A promise as past ones let expect it."""
    return Estimate(effect.value * factor, effect.low * factor, effect.high * factor)
