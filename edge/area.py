"""Which part of the floor one camera answers for, so that nobody is counted twice where views overlap."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from contract.coverage import Coverage
from contract.grid import Grid
from edge.arrays import F64, I64, Bool

MARGIN_M = 0.5
"""So far within its area a camera claims whom another follows, so that walking along a border is not to and fro."""

FAR_M = 1.5
"""So far beyond its area a camera goes on following whom none claims."""


@dataclass(frozen=True, slots=True)
class Area:
    """One camera's part of a plane, cell by cell; every place is some camera's, also one that none of them sees.

    `depth` f64 (cells,), in the plane's unit: how far the middle of the cell lies within the border, below 0 beyond
    it, infinite where there is no border.
    """

    grid: Grid
    depth: F64

    @classmethod
    def whole(cls, grid: Grid) -> "Area":
        """All of it: there is no other camera on this plane."""
        return cls(grid, np.full(len(grid), np.inf))

    @classmethod
    def of_cells(cls, grid: Grid, own: Bool) -> "Area":
        """The part `own` (cells,), distances by cells (exact Euclidean distance transform)."""
        if own.all():
            return cls.whole(grid)
        mask = own.reshape(grid.shape)
        within = ndimage.distance_transform_edt(mask) - 0.5
        beyond = ndimage.distance_transform_edt(~mask) - 0.5 if mask.any() else np.inf
        return cls(grid, np.where(mask, within, -beyond).ravel() * grid.cell)

    @property
    def margin(self) -> float:
        """MARGIN_M, and half a cell at least."""
        return max(MARGIN_M, self.grid.cell / 2)

    def depth_at(self, xy: F64, cell: I64) -> F64:
        """How far within points (m, 2) lie, in cells (m,) of the grid; off the grid as the nearest cell."""
        depth: F64 = self.depth[cell]
        off = cell < 0
        if off.any():
            rows, columns = self.grid.shape
            column, row = np.floor((xy[off] - self.grid.origin) / self.grid.cell).astype(np.int64).T
            depth[off] = self.depth[row.clip(0, rows - 1) * columns + column.clip(0, columns - 1)]
        return depth

    def parts(self, ends: F64) -> F64:
        """What lies within of the line between `ends` (2, 2), in their order; (p, 2, 2)."""
        cuts = np.unique(np.concatenate([[0.0, 1.0], *(self._cuts(ends, axis) for axis in (0, 1))]))
        middles = ends[0] + (cuts[:-1, None] + cuts[1:, None]) / 2 * (ends[1] - ends[0])
        own = self.depth_at(middles, self.grid.cells(middles)) > 0
        turns = np.flatnonzero(np.diff(np.concatenate([[False], own, [False]]).astype(np.int8)))
        shares = cuts[turns].reshape(-1, 2, 1)
        parts: F64 = ends[0] + shares * (ends[1] - ends[0])
        return parts

    def _cuts(self, ends: F64, axis: int) -> F64:
        """Where, as shares of the line, it crosses from column to column or from row to row."""
        low, high = sorted((ends[:, axis] - self.grid.origin[axis]) / self.grid.cell)
        at = self.grid.origin[axis] + np.arange(np.ceil(low), np.floor(high) + 1) * self.grid.cell
        way = ends[1, axis] - ends[0, axis]
        return (at - ends[0, axis]) / way if way else np.empty(0)


def owners(seen: Coverage) -> I64:
    """Which camera answers for each cell (cells,): the coverage's, and where none has it in its picture the nearest.

    People are told to be at the very edge of a view, or just beyond it; they are someone's too.
    """
    nobody = (seen.best < 0).reshape(seen.grid.shape)
    if nobody.all():
        return np.zeros(len(seen.grid), np.int64)
    nearest = ndimage.distance_transform_edt(nobody, return_distances=False, return_indices=True)
    result: I64 = seen.best.reshape(seen.grid.shape)[tuple(nearest)].ravel()
    return result
