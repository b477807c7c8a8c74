"""What is known of a floor: its shape, what is seen of it, and what was counted on it day by day."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt
from scipy.ndimage import distance_transform_edt

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


class Unseen(IntEnum):
    """Why no camera sees a cell."""

    SEEN = 0
    NO_CAMERA = 1
    SHADOWED = 2
    MASKED = 3
    TOO_SMALL = 4


@dataclass(frozen=True, slots=True)
class Ground:
    """The floor; masks and maps (rows, columns)."""

    cell_m: float
    walkable: Mask
    unseen: npt.NDArray[np.integer]
    """`Unseen` of each cell; where not walkable it does not matter."""
    exit_m: Floats
    """Distance to the nearest exit; inf without exits."""
    zones: Mapping[str, Mask]
    """Zones in which shopping is done; entrances, queues and views are left out, as nobody stops there for goods."""
    fixtures: Mapping[str, Mask]

    @property
    def seen(self) -> Mask:
        """Walkable and seen."""
        return np.asarray(self.walkable & (self.unseen == Unseen.SEEN))

    def distance_m(self, to: Mask) -> Floats:
        """(rows, columns) from each cell to the nearest of `to`, straight through whatever is between; inf of none."""
        if not to.any():
            return np.full(to.shape, np.inf)
        return np.asarray(distance_transform_edt(~to) * self.cell_m)

    def area_m2(self, mask: Mask) -> float:
        """Area of the cells of `mask`."""
        return float(mask.sum()) * self.cell_m**2


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted, a grid per day (days, rows, columns)."""

    person_s: Floats
    visits: Floats
    """People coming into the cell."""
    stops: Floats
    """Stops that began in it."""
    lost: Floats
    """Tracks that were lost in it."""
    observed_s: Floats
    """(days,) or (days, rows, columns) seconds watched."""

    @property
    def days(self) -> int:
        """How many."""
        return len(self.visits)

    def hours(self) -> Floats:
        """(days, rows, columns) hours watched."""
        seconds = self.observed_s if self.observed_s.ndim == 3 else self.observed_s[:, None, None]
        return np.asarray(np.broadcast_to(seconds, self.visits.shape) / 3600)
