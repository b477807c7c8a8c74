"""Passes through cells: who comes into a cell, counted once however its edge is brushed."""

import numpy as np

from contract.grid import Grid
from edge.analytics.slots import CAPACITY
from edge.arrays import F64, I64, Bool

KEPT = 4
"""Cells per track that are remembered: so many meet at a corner, and jitter there is one pass through each."""

_NOBODY = np.empty(0, np.int64)


class PassCounter:
    """Counts how often a track comes into a cell of `grid`; back within `gap_s` is the same pass.

    On a step longer than half a cell the cells on the straight line between were passed too, so that the count does
    not depend on the rate of the frames.
    """

    def __init__(self, grid: Grid, *, gap_s: float) -> None:
        self._grid, self._gap_s = grid, gap_s
        self._xy = np.zeros((CAPACITY, 2))
        self._at = np.full(CAPACITY, -1, np.int64)
        self._cells = np.full((CAPACITY, KEPT), -1, np.int64)
        self._left = np.full((CAPACITY, KEPT), -np.inf)
        self._slot = np.zeros(CAPACITY, np.int64)

    def step(self, t: float, rows: I64, fresh: Bool, xy: F64) -> I64:
        """Advance to `t`: tracks in `rows` (m,) are at `xy` (m, 2).

        `fresh` (m,): where the track was before is not known.

        Returns:
            the cells that were come into, one for each pass (k,).
        """
        cell = self._grid.cells(xy)
        came = fresh | (cell != self._at[rows])
        if not came.any():
            self._xy[rows] = xy
            return _NOBODY
        known = came & ~fresh
        between = self._between(rows[known], xy[known], cell[known]) if known.any() else _NOBODY
        self._forget(rows[fresh])
        entered = self._enter(t, rows[came], cell[came])
        self._xy[rows], self._at[rows] = xy, cell
        return np.concatenate([between, entered])

    def _forget(self, rows: I64) -> None:
        self._cells[rows], self._left[rows] = -1, -np.inf

    def _enter(self, t: float, rows: I64, cell: I64) -> I64:
        slots = self._slot[rows]
        self._left[rows, slots] = np.where(self._cells[rows, slots] >= 0, t, -np.inf)
        left = self._left[rows]
        recent = (self._cells[rows] == cell[:, None]) & (t - left <= self._gap_s)
        again = recent.any(axis=1)
        slots = np.where(again, recent.argmax(axis=1), left.argmin(axis=1))
        self._slot[rows], self._cells[rows, slots] = slots, cell
        entered: I64 = cell[~again & (cell >= 0)]
        return entered

    def _between(self, rows: I64, xy: F64, cell: I64) -> I64:
        """Cells passed on the way from where `rows` were to `xy`, without the two at its ends."""
        way = xy - self._xy[rows]
        parts = np.ceil(np.hypot(way[:, 0], way[:, 1]) / (self._grid.cell / 2)).astype(np.int64)
        inner = np.maximum(parts - 1, 0)
        if not inner.any():
            return _NOBODY
        which = np.repeat(np.arange(len(rows)), inner)
        number = np.arange(len(which)) - np.repeat(np.cumsum(inner) - inner, inner) + 1
        passed = self._grid.cells(self._xy[rows[which]] + way[which] * (number / parts[which])[:, None])
        on_way = (passed >= 0) & (passed != cell[which]) & (passed != self._at[rows[which]])
        pairs = np.unique(np.stack([which[on_way], passed[on_way]], axis=1), axis=0)
        return pairs[:, 1]
