"""Who came before screens in the last ten minutes, in counts."""

import numpy as np

from edge.arrays import I64

SPAN_S, BIN_S = 600.0, 10.0
_BINS = round(SPAN_S / BIN_S)


class Lately:
    """A ring of bins of counts (K, N), forgotten after SPAN_S, to within a bin."""

    def __init__(self, screens: int, columns: int) -> None:
        self._counts = np.zeros((_BINS, screens, columns), np.int64)
        self._number = np.full(_BINS, -_BINS, np.int64)

    def add(self, t: float, counts: I64) -> None:
        """`counts` (K, N) more at `t` s."""
        number = int(t // BIN_S)
        slot = number % _BINS
        if self._number[slot] != number:
            self._number[slot], self._counts[slot] = number, 0
        self._counts[slot] += counts

    def total(self, t: float) -> I64:
        """All of the last SPAN_S before `t` s (K, N)."""
        age = int(t // BIN_S) - self._number
        result: I64 = self._counts[(age >= 0) & (age < _BINS)].sum(axis=0)
        return result
