"""How fast people move in this view, learned from the tracks themselves.

Strollers before a shelf and commuters on a stair differ by a factor of two, and a file whose container misstates its
rate makes everybody slower or faster than life. What a track may do next is guessed from what people do here.
"""

import numpy as np

from edge.tracking.kalman import Gait, Table

MEMORY_S = 600.0
"""What was seen that long ago counts a third."""

EVERY_S = 0.5
"""Learning seldom costs less."""

ASSUMED_S = 10.0
"""Person-seconds that the assumed pace weighs."""

LEEWAY = 1.15
"""Guessing too slow loses people, guessing too fast only blurs: the pace that is expected over the usual one."""

SLOWEST, FASTEST = 0.5, 2.0
"""Of the assumed pace; a mistaken track must not open the gates to anything."""


class Pace:
    """Root mean square of the speed across the picture, in body heights, against the assumed one."""

    def __init__(self, assumed: Gait) -> None:
        self._assumed = assumed
        self._learned_t = -np.inf
        self._seconds = self._squares = ASSUMED_S
        self.gait = self._expected()

    def learn(self, t: float, tracks: Table) -> None:
        """People who were seen at `t` seconds, for long enough that their speed is known."""
        dt_s = min(t - self._learned_t, 2 * EVERY_S)
        if dt_s < EVERY_S or not len(tracks):
            return
        self._learned_t = t
        speed = tracks["speed"][:, 0] / tracks["place"][:, 3]
        squares = (np.square(speed) + tracks["speed_var"][:, 0]).sum() / self._assumed.pace[0] ** 2
        kept = np.exp(-dt_s / MEMORY_S)
        self._seconds = kept * self._seconds + dt_s * len(tracks)
        self._squares = kept * self._squares + dt_s * float(squares)
        self.gait = self._expected()

    def _expected(self) -> Gait:
        factor = LEEWAY * np.sqrt(self._squares / self._seconds)
        return self._assumed.quicker(float(np.clip(factor, SLOWEST, FASTEST)))
