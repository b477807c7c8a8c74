"""How tall a person looks at a given row of the picture, learned from the tracks themselves.

A fixed camera over a flat floor shows people whose feet stand at row y about a + b·y tall (Hoiem, Efros, Hebert, IJCV
2008). A box much taller than that is two people seen as one; its foot is the nearer one's.
"""

import numpy as np

from edge.arrays import F64

MEMORY_S = 600.0
"""What was seen that long ago counts a third."""

EVERY_S = 0.5
"""The picture of the floor does not change from frame to frame; learning seldom costs less."""

ENOUGH_S = 10.0
"""Person-seconds to learn from before anything is believed."""

USUAL_SPREAD = 0.2
"""Relative difference of heights that is assumed at first; also weighs ENOUGH_S person-seconds."""

TOO_TALL = 3.0
"""In spreads, for a box to be two people."""

FLATNESS = 0.15
"""Rows, in body heights, over which people must have walked before the slope is believed against a level one."""


class Perspective:
    """Weighted least squares of height over foot row; what is old or unusual weighs less."""

    def __init__(self) -> None:
        self._learned_t = -np.inf
        self._sums = np.zeros(5)
        self._seconds = ENOUGH_S
        self._scatter = ENOUGH_S * USUAL_SPREAD**2
        self._base = self._slope = 0.0

    @property
    def spread(self) -> float:
        """Usual relative difference from the expected height."""
        return float(max(np.sqrt(self._scatter / self._seconds), 0.05))

    def learn(self, t: float, places: F64) -> None:
        """People seen at `t` seconds at `places` (n, 4): foot x, foot y, width, height in pixels."""
        dt_s = min(t - self._learned_t, 2 * EVERY_S)
        if dt_s < EVERY_S or not len(places):
            return
        self._learned_t = t
        row, height = places[:, 1], places[:, 3]
        off = self._off(places)
        weight = dt_s / (1 + np.square(off) / 4) / np.square(height)
        fresh = np.stack([np.ones_like(row), row, row * row, height, row * height]) @ weight
        kept = np.exp(-dt_s / MEMORY_S)
        self._scatter = kept * self._scatter + dt_s * self.spread**2 * np.minimum(np.square(off), 9).sum()
        self._seconds = kept * self._seconds + dt_s * len(row)
        self._sums = kept * self._sums + fresh
        self._fit()

    def cut(self, places: F64) -> F64:
        """`places` (n, 4), those much too tall for their row cut to the height expected there."""
        too_tall = self._off(places) > TOO_TALL
        if not too_tall.any():
            return places
        cut = places.copy()
        cut[too_tall, 3] = self._expected(places[too_tall, 1])
        return cut

    def _expected(self, row: F64) -> F64:
        return np.maximum(self._base + self._slope * row, 1.0)

    def _off(self, places: F64) -> F64:
        """How many spreads the heights of `places` (n, 4) lie above the expected ones -> (n,); 0 while unknown."""
        if self._seconds < 2 * ENOUGH_S:
            return np.zeros(len(places))
        off: F64 = np.log(places[:, 3] / self._expected(places[:, 1])) / self.spread
        return off

    def _fit(self) -> None:
        total, row, row_row, height, row_height = self._sums
        mean_row, mean_height = row / total, height / total
        variance = row_row / total - mean_row**2 + (FLATNESS * mean_height) ** 2
        self._slope = float((row_height / total - mean_row * mean_height) / variance)
        self._base = float(mean_height - self._slope * mean_row)
