"""Square cells over a plane: the floor's, which all calibrated cameras share, or one camera's picture."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from contract.arrays import F64, I64
from contract.site import Floor


@dataclass(frozen=True, slots=True)
class Grid:
    """Square cells over a plane. `cell` and `origin` in the plane's `unit`; `shape` rows, columns."""

    unit: Literal["m", "image"]
    cell: float
    origin: tuple[float, float]
    shape: tuple[int, int]

    def __len__(self) -> int:
        """How many cells."""
        return self.shape[0] * self.shape[1]

    def cells(self, xy: F64) -> I64:
        """Flat cell index of points (m, 2); -1 outside. The far edge belongs to the last cell."""
        rows, columns = self.shape
        at = (xy - self.origin) / self.cell
        column = np.where(at[:, 0] == columns, columns - 1, np.floor(at[:, 0]))
        row = np.where(at[:, 1] == rows, rows - 1, np.floor(at[:, 1]))
        on_grid = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        result: I64 = np.where(on_grid, row * columns + column, -1).astype(np.int64)
        return result

    def centres(self) -> F64:
        """Middles of all cells (rows * columns, 2), row by row."""
        rows, columns = self.shape
        x = self.origin[0] + (np.arange(columns) + 0.5) * self.cell
        y = self.origin[1] + (np.arange(rows) + 0.5) * self.cell
        result: F64 = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        return result


def floor_grid(floor: Floor) -> Grid:
    """The floor's cells, laid at whole multiples of the cell so that they stay put when the bounds grow."""
    (x0, y0), (x1, y1) = floor.bounds_m
    cell = floor.cell_m
    left, top = float(np.floor(x0 / cell) * cell), float(np.floor(y0 / cell) * cell)
    rows, columns = int(np.ceil((y1 - top) / cell - 1e-9)), int(np.ceil((x1 - left) / cell - 1e-9))
    return Grid("m", cell, (left, top), (max(rows, 1), max(columns, 1)))
