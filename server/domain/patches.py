"""What is told of a blind spot."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from server.domain.ground import Unseen
from server.domain.intervals import Estimate

Mask = npt.NDArray[np.bool_]

Kind = Literal["uncovered", "weakly_tracked", "cold", "passed_by", "unknown"]
"""`unknown`: not enough data to call it cold or not."""
Certainty = Literal["certain", "very_sure", "fairly_sure", "not_enough_data"]
"""By geometry; q up to 1 %; q up to 5 %; neither."""
Advice = Literal[
    "add_camera",
    "move_fixture_or_camera",
    "shrink_mask",
    "raise_resolution",
    "clear_view",
    "turn_camera",
    "place_attraction",
    "clear_the_way",
    "swap_goods",
    "turn_fixture",
    "wait",
]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Events over exposure, held against the usual rate.

    Weakly tracked: tracks lost per person-second, beside the rest of the floor. Cold and unknown: cell visits per m²
    and observed hour, beside the floor's mean, so that `ratio` is the visit index. Passed by: stops per cell visit,
    beside the other places at fixtures; a cell visit is one person coming into one cell, so an aisle of 24 cells is 24.
    """

    events: int
    exposure: float
    rate: float
    usual: float
    ratio: Estimate


@dataclass(frozen=True, slots=True)
class More:
    """What it takes until a place can be judged, if all goes on alike."""

    visits: int
    """Cell visits on top of those counted."""
    days: int


@dataclass(frozen=True, slots=True)
class Patch:
    """One place that does not work, or of which that is not known yet."""

    kind: Kind
    mask: Mask
    """(rows, columns)."""
    area_m2: float
    certainty: Certainty
    advice: Advice
    zone: str | None
    """The zone in which at least half of it lies."""
    whole_zone: bool
    """It is all of that zone, or nearly; of its seen part, unless uncovered."""
    fixtures: tuple[str, ...]
    """The fixtures it lies beside."""
    reason: Unseen = Unseen.SEEN
    """Of an uncovered patch."""
    evidence: Evidence | None = None
    """None where geometry is all."""
    q: float | None = None
    """Share of false alarms among all that are at least as sure; the least sure unit of the patch counts."""
    exit_m: float | None = None
    """Of a weakly tracked patch: how far the nearest exit is from its middle cell."""
    more: More | None = None
    """Of an unknown patch."""
