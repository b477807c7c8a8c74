"""Smoothing of floor grids that respects walls and coverage.

Heat that spreads on the graph of free cells: each step passes a part of the difference between neighbours, and nothing
over an edge to a cell that is not free. In the open it is the Gaussian; beside a shelf or where no camera sees, the
amount stays on its side, and it takes the way round. The sum stays what it was and an even floor stays even.
(Diffusion on a graph: Coifman & Lafon 2006; its explicit scheme is stable for a rate up to 1/4.)
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
RATE = 0.2
"""Part of a difference that one step evens out; the variance of a cell grows by 2 RATE cells² per axis and step."""


def smooth(amounts: Floats, free: Mask, *, sigma_cells: float) -> Floats:
    """Spread amounts over their surroundings; nan where a cell is not free.

    Args:
        amounts: (..., rows, columns), for example one grid per day; what lies in cells that are not free is left out.
        free: (rows, columns), walkable and seen.
        sigma_cells: standard deviation in the open, in cells; 0 leaves the amounts as they are.
    """
    steps = int(np.ceil(sigma_cells**2 / (2 * RATE)))
    rate = np.float64(sigma_cells**2 / (2 * max(steps, 1)))
    across = rate * (free[:, 1:] & free[:, :-1])
    along = rate * (free[1:, :] & free[:-1, :])
    heat = np.where(free, amounts, 0.0)
    for _ in range(steps):
        _spread(heat, across, along)
    return np.where(free, heat, np.nan)


def _spread(heat: Floats, across: Floats, along: Floats) -> None:
    right = across * (heat[..., :, 1:] - heat[..., :, :-1])
    down = along * (heat[..., 1:, :] - heat[..., :-1, :])
    heat[..., :, :-1] += right
    heat[..., :, 1:] -= right
    heat[..., :-1, :] += down
    heat[..., 1:, :] -= down
