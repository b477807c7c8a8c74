"""How tall a person looks at a given row of the picture, learned from the tracks themselves.

A fixed camera over a flat floor shows people whose feet stand at row y about a + b·y tall (Hoiem, Efros, Hebert 2008).
A box much taller than that is two people seen as one; its foot is the nearer one's.
"""

import numpy as np

from edge.arrays import F64

MEMORY_S = 600.0
ENOUGH_S = 10.0
USUAL_SPREAD = 0.2
TOO_TALL = 3.0
FLATNESS = 0.15


class Perspective:
    """Weighted least squares of height over foot row; what is old or unusual weighs less."""

    def __init__(self) -> None:
        self._sums = np.zeros(5)
        self._scatter = np.array([ENOUGH_S, ENOUGH_S * USUAL_SPREAD**2])
        self._line: tuple[float, float] | None = None

    def learn(self, places: F64, dt_s: float) -> None:
        """People seen for `dt_s` seconds at `places` (n, 4): foot x, foot y, width, height in pixels."""
        if dt_s <= 0 or not len(places):
            return
        row, height = places[:, 1], places[:, 3]
        off = self._off(places)
        weight = dt_s / (1 + np.square(off) / 4)
        kept = np.exp(-dt_s / MEMORY_S)
        relative = weight / np.square(height)
        self._sums = kept * self._sums + np.stack([np.ones_like(row), row, row * row, height, row * height]) @ relative
        squares = np.minimum(np.square(off), 9) * self.spread**2
        self._scatter = kept * self._scatter + np.array([dt_s * len(row), dt_s * squares.sum()])
        self._line = self._fit()

    @property
    def spread(self) -> float:
        """Usual relative difference from the expected height."""
        return float(np.sqrt(self._scatter[1] / self._scatter[0]))

    def cut(self, places: F64) -> F64:
        """`places` (n, 4), those much too tall for their row cut to the height expected there."""
        if self._line is None or self._scatter[0] < 2 * ENOUGH_S:
            return places
        cut = places.copy()
        too_tall = self._off(places) > TOO_TALL
        cut[too_tall, 3] = self._expected(places[too_tall, 1])
        return cut

    def _expected(self, row: F64) -> F64:
        base, slope = self._line or (0.0, 0.0)
        return np.maximum(base + slope * row, 1.0)

    def _off(self, places: F64) -> F64:
        """How many spreads the heights of `places` lie above the expected ones."""
        if self._line is None or self._scatter[0] < 2 * ENOUGH_S:
            return np.zeros(len(places))
        return np.log(places[:, 3] / self._expected(places[:, 1])) / max(self.spread, 0.05)

    def _fit(self) -> tuple[float, float]:
        total, row, row_row, height, row_height = self._sums
        mean_row, mean_height = row / total, height / total
        variance = row_row / total - mean_row**2
        slope = (row_height / total - mean_row * mean_height) / (variance + (FLATNESS * mean_height) ** 2)
        return mean_height - slope * mean_row, slope
