"""Person-seconds per cell: adds up over time, cameras and stores."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from edge.arrays import F64, I64


@dataclass(frozen=True, slots=True)
class Grid:
    """Square cells over a plane. `cell` and `origin` in the plane's `unit`; `shape` rows, columns."""

    unit: Literal["m", "image"]
    cell: float
    origin: tuple[float, float]
    shape: tuple[int, int]

    def cells(self, xy: F64) -> I64:
        """Flat cell index of points (m, 2); -1 outside. The far edge belongs to the last cell."""
        rows, columns = self.shape
        at = (xy - self.origin) / self.cell
        column = np.where(at[:, 0] == columns, columns - 1, np.floor(at[:, 0]))
        row = np.where(at[:, 1] == rows, rows - 1, np.floor(at[:, 1]))
        on_grid = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        result: I64 = np.where(on_grid, row * columns + column, -1).astype(np.int64)
        return result


def add_presence(heat: F64, grid: Grid, xy: F64, seconds: F64 | float) -> None:
    """Add `seconds` (m,) or one for all to the cells of points (m, 2); `heat` f64 (rows * columns,)."""
    cell = grid.cells(xy)
    on_grid = cell >= 0
    np.add.at(heat, cell[on_grid], np.broadcast_to(seconds, len(cell))[on_grid])
