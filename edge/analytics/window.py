"""Windows: what is published, only what adds up (and a maximum)."""

import math
from dataclasses import dataclass

import numpy as np

from edge.arrays import F64, I64


@dataclass(frozen=True, slots=True)
class WindowStats:
    """One camera's [t_start, t_end), seconds UTC, for L lines, Z zones, B dwell bins.

    `lines` i64 (L, 2) in, out; `entries`, `visits`, `zone_max` i64 (Z,); `zone_presence_s`, `dwell_sum_s` f64 (Z,);
    `dwell` i64 (Z, 4, B) by how visits ended; `heat_s` f64 (rows * columns,) person-seconds.
    """

    t_start: float
    t_end: float
    observed_s: float
    frames: int
    presence_s: float
    occupancy_max: int
    lines: I64
    entries: I64
    visits: I64
    zone_presence_s: F64
    dwell_sum_s: F64
    dwell: I64
    zone_max: I64
    heat_s: F64


class OpenWindow:
    """The window being filled. Its fields are added to in place; `close` freezes a copy."""

    def __init__(self, t_start: float, *, lines: int, zones: int, bins: int, cells: int) -> None:
        self.t_start = t_start
        self.observed_s = 0.0
        self.frames = 0
        self.presence_s = 0.0
        self.occupancy_max = 0
        self.lines = np.zeros((lines, 2), np.int64)
        self.entries = np.zeros(zones, np.int64)
        self.visits = np.zeros(zones, np.int64)
        self.zone_presence_s = np.zeros(zones)
        self.dwell_sum_s = np.zeros(zones)
        self.dwell = np.zeros((zones, 4, bins), np.int64)
        self.zone_max = np.zeros(zones, np.int64)
        self.heat_s = np.zeros(cells)

    def close(self, t_end: float) -> WindowStats:
        """Freeze."""
        return WindowStats(
            t_start=self.t_start,
            t_end=t_end,
            observed_s=self.observed_s,
            frames=self.frames,
            presence_s=self.presence_s,
            occupancy_max=self.occupancy_max,
            lines=self.lines,
            entries=self.entries,
            visits=self.visits,
            zone_presence_s=self.zone_presence_s,
            dwell_sum_s=self.dwell_sum_s,
            dwell=self.dwell,
            zone_max=self.zone_max,
            heat_s=self.heat_s,
        )


def window_start(t: float, window_s: float) -> float:
    """Start of the window that holds `t`: windows are aligned to UTC, not to when the box woke up."""
    return math.floor(t / window_s) * window_s
