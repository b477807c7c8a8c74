"""Person-seconds per cell: adds up over time, cameras and stores."""

import numpy as np

from contract.grid import Grid
from edge.arrays import F64


def add_presence(heat: F64, grid: Grid, xy: F64, seconds: F64 | float) -> None:
    """Add `seconds` (m,) or one for all to the cells of points (m, 2); `heat` f64 (rows * columns,)."""
    cell = grid.cells(xy)
    on_grid = cell >= 0
    np.add.at(heat, cell[on_grid], np.broadcast_to(seconds, len(cell))[on_grid])
