"""What the looks at one track's face add up to."""

import numpy as np

from edge.analytics.slots import CAPACITY
from edge.arrays import F64, I8, I64

LEAST_LOOKS = 3
"""So many good looks are needed before anything is said."""


class Votes:
    """Probabilities of `classes`, averaged over the looks at each track; a row per track, as `Slots` gives them.

    `least_share`: of the averaged probability that the foremost class must have, or else nothing is said.
    """

    def __init__(self, classes: int, *, least_share: float) -> None:
        self._sums = np.zeros((CAPACITY, classes))
        self._looks = np.zeros(CAPACITY, np.int64)
        self._least_share = least_share

    def forget(self, rows: I64) -> None:
        """Nothing is known of these any more."""
        self._sums[rows] = 0.0
        self._looks[rows] = 0

    def add(self, row: int, probability: F64) -> None:
        """One more look: probabilities (k,)."""
        self._sums[row] += probability
        self._looks[row] += 1

    def result(self, rows: I64) -> I8:
        """The class of each of `rows` (m,); -1 where there were too few looks, or they do not agree."""
        looks = self._looks[rows]
        share = self._sums[rows] / np.maximum(looks, 1)[:, None]
        told = (looks >= LEAST_LOOKS) & (share.max(axis=1) >= self._least_share)
        return np.where(told, share.argmax(axis=1), -1).astype(np.int8)
