"""Stops: who stays about one place for a while."""

import numpy as np

from edge.analytics.slots import CAPACITY
from edge.arrays import F64, I64, Bool

STOP_S = 3.0
"""Who stays so long has stopped."""

_EPS_S = 1e-6


class StopCounter:
    """Tells when a track has stayed within `reach` of one place, in the plane's unit, for STOP_S; once per stop.

    The place is where it was when it last went farther than that.
    """

    def __init__(self, *, reach: float) -> None:
        self._reach = reach
        self._place = np.zeros((CAPACITY, 2))
        self._since = np.zeros(CAPACITY)

    def step(self, t: float, rows: I64, fresh: Bool, xy: F64) -> I64:
        """Advance to `t`: tracks in `rows` (m,) are at `xy` (m, 2); which of the m have stopped now (k,).

        `fresh` (m,): where the track was before is not known.
        """
        away = xy - self._place[rows]
        moved = fresh | (np.hypot(away[:, 0], away[:, 1]) > self._reach)
        if moved.any():
            movers = rows[moved]
            self._place[movers], self._since[movers] = xy[moved], t
        stopped = np.flatnonzero(t - self._since[rows] >= STOP_S - _EPS_S)
        if len(stopped):
            self._since[rows[stopped]] = np.inf  # told once; a new place begins anew
        return stopped
