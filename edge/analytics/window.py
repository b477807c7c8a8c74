"""Windows: what is published, only what adds up (and a maximum)."""

import math
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from edge.analytics.screens import Worth
from edge.arrays import F64, I64


@dataclass(slots=True)
class WindowStats:
    """One camera's [t_start, t_end), seconds UTC, for L lines, Z zones, B dwell bins, C cells; added to in place.

    `lines` i64 (L, 2) in, out; `entries`, `reentries`, `visits`, `stops`, `zone_max` i64 (Z,); `zone_presence_s`,
    `dwell_sum_s` f64 (Z,); `dwell` i64 (Z, 4, B) by how visits ended. Per cell: `heat_s` f64 (C,) person-seconds,
    `passes`, `stood`, `lost` i64 (C,). `flows` i64 (Z + 2, Z + 2) from row to column: the zones, then ENTRY or EXIT,
    then LOST. `taken`, `guessed`, `missed`: how visits went over from camera to camera. `segment_visits` i64 (Z, S),
    `segment_dwell_s` f64 (Z, S): of `visits` and `dwell_sum_s` those by people of each of S segments. `screens`: what
    each screen was worth by creative.
    """

    t_start: float
    t_end: float
    lines: I64
    entries: I64
    reentries: I64
    visits: I64
    stops: I64
    zone_presence_s: F64
    dwell_sum_s: F64
    dwell: I64
    zone_max: I64
    heat_s: F64
    passes: I64
    stood: I64
    lost: I64
    flows: I64
    segment_visits: I64
    segment_dwell_s: F64
    screens: Worth = field(default_factory=dict)
    observed_s: float = 0.0
    frames: int = 0
    presence_s: float = 0.0
    occupancy_max: int = 0
    taken: int = 0
    guessed: int = 0
    missed: int = 0

    @classmethod
    def empty(
        cls, t_start: float, t_end: float, *, lines: int, zones: int, bins: int, cells: int, segments: int = 0
    ) -> Self:
        """Nothing seen yet."""

        def counts(*shape: int) -> I64:
            return np.zeros(shape, np.int64)

        return cls(
            t_start=t_start,
            t_end=t_end,
            lines=counts(lines, 2),
            entries=counts(zones),
            reentries=counts(zones),
            visits=counts(zones),
            stops=counts(zones),
            zone_presence_s=np.zeros(zones),
            dwell_sum_s=np.zeros(zones),
            dwell=counts(zones, 4, bins),
            zone_max=counts(zones),
            heat_s=np.zeros(cells),
            passes=counts(cells),
            stood=counts(cells),
            lost=counts(cells),
            flows=counts(zones + 2, zones + 2),
            segment_visits=counts(zones, segments),
            segment_dwell_s=np.zeros((zones, segments)),
        )


def window_start(t: float, window_s: float) -> float:
    """Start of the window that holds `t`: windows are aligned to UTC, not to when the box woke up."""
    return math.floor(t / window_s) * window_s
