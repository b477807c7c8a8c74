"""Line crossings with hysteresis: a crossing counts once the person is clear of the line, and jitter cancels out."""

import numpy as np

from contract.geometry import distance_to_lines, step_crossings
from edge.analytics.slots import CAPACITY
from edge.arrays import F64, I64, Bool


class LineCounter:
    """Counts the crossings of L lines.

    A step that properly crosses a→b adds its sign to the track's account of that line. When the track is farther
    than `clear` from the line, or ends, the account is settled: a positive one is one "in", a negative one "out".
    So whoever wobbles on the line counts once or not at all, and whoever crosses, goes away and returns counts twice.
    """

    def __init__(self, ends: F64, parts: tuple[F64, ...], entrance: Bool, *, clear: float, bridge_s: float) -> None:
        """`ends` (L, 2, 2) in the plane's unit, `clear` in it too; steps longer than `bridge_s` are no steps.

        `parts`: of each line the pieces (p, 2, 2) that are counted here; `entrance` (L,): whoever crosses it comes
        into the store or leaves it.
        """
        pieces = np.concatenate([np.empty((0, 2, 2)), *parts])
        self._a, self._b = ends[:, 0], ends[:, 1]
        self._from, self._to = pieces[:, 0], pieces[:, 1]
        self._line_of = np.repeat(np.eye(len(ends), dtype=np.int64), [len(part) for part in parts], axis=0)
        self._entrance = entrance
        self._clear, self._bridge_s = clear, bridge_s
        self._xy = np.zeros((CAPACITY, 2))
        self._t = np.full(CAPACITY, -np.inf)
        self._account = np.zeros((CAPACITY, len(ends)), np.int64)
        self._way = np.zeros(CAPACITY, np.int64)

    def way(self, rows: I64) -> I64:
        """Which way the tracks in `rows` last crossed an entrance: 1 in, -1 out, 0 not yet."""
        way: I64 = self._way[rows]
        return way

    def go_on(self, row: int, way: int) -> None:
        """The track in `row` was elsewhere before, and crossed an entrance there."""
        self._way[row] = way

    def step(self, t: float, rows: I64, new: Bool, xy: F64) -> I64:
        """Advance to `t` with tracks at `xy` (m, 2) in `rows` (m,); in and out (L, 2) settled now."""
        if new.any():
            self._account[rows[new]] = self._way[rows[new]] = 0
            self._t[rows[new]] = -np.inf
        recent = (t - self._t[rows]) <= self._bridge_s + 1e-6
        if len(self._from) and recent.any():
            known = rows[recent]
            self._account[known] += step_crossings(self._xy[known], xy[recent], self._from, self._to) @ self._line_of
        self._xy[rows], self._t[rows] = xy, t
        return self._settle_clear(rows, xy)

    def _settle_clear(self, rows: I64, xy: F64) -> I64:
        owing = self._account[rows].any(axis=1)
        if not owing.any():
            return np.zeros((len(self._a), 2), np.int64)
        due = distance_to_lines(xy[owing], self._a, self._b) > self._clear
        return self._settle(rows[owing], due)

    def _settle(self, rows: I64, due: Bool) -> I64:
        account = np.where(due, self._account[rows], 0)
        self._account[rows] -= account
        way = np.sign(account[:, self._entrance].sum(axis=1))
        self._way[rows] = np.where(way, way, self._way[rows])
        return np.stack([(account > 0).sum(axis=0), (account < 0).sum(axis=0)], axis=1)

    def end(self, rows: I64) -> I64:
        """Settle the tracks that ended; in and out (L, 2)."""
        return self._settle(rows, np.ones((len(rows), len(self._a)), np.bool_))
