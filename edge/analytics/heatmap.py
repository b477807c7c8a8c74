"""What happened per cell: adds up over time, cameras and stores."""

import numpy as np

from edge.arrays import F64, I64


def add_presence(heat_s: F64, cell: I64, seconds: F64) -> None:
    """Add `seconds` (m,) to the cells they were spent in (m,), -1 outside the grid; `heat_s` f64 (cells,)."""
    on_grid = cell >= 0
    np.add.at(heat_s, cell[on_grid], seconds[on_grid])


def add_events(counts: I64, cell: I64) -> None:
    """Count one event in each cell (k,), -1 outside the grid; `counts` i64 (cells,)."""
    np.add.at(counts, cell[cell >= 0], 1)
