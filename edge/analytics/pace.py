"""How fast people walk, and where to: passing, strolling or standing."""

from dataclasses import dataclass

import numpy as np

from contract.segments import PACES
from edge.analytics.slots import CAPACITY
from edge.arrays import F64, I8, I64, Bool

PASSING, STROLLING, STANDING = range(len(PACES))
UNKNOWN = -1

STROLLING_M_S, PASSING_M_S = 0.3, 0.8
"""From so fast on people stroll, and pass."""

_LEEWAY = 0.15
"""So much beyond a limit, as a share of it, makes another pace of it."""

_STROLLS = STROLLING_M_S * np.array([1 - _LEEWAY, 1 - _LEEWAY, 1 + _LEEWAY, 1.0])
_PASSES = PASSING_M_S * np.array([1 - _LEEWAY, 1 + _LEEWAY, 1 + _LEEWAY, 1.0])
"""The limits for who was passing, strolling, standing, or of unknown pace."""

_MEMORY_S = 1.0
"""Of the mean velocity: what was two seconds ago hardly counts."""

_KNOWN_S = 0.8
"""Of a track must have been seen until its pace is known."""


@dataclass(frozen=True, slots=True)
class Motion:
    """Of m tracks: `velocity_m_s`, `heading` f64 (m, 2), of length 1 or 0; `pace` i8 (m,), at first UNKNOWN.

    The heading is that of the last movement, and is kept while standing.
    """

    velocity_m_s: F64
    heading: F64
    pace: I8


class Walk:
    """Follows the velocity of tracks: a mean whose weights fall by e in a second, so that jitter averages out.

    It is divided by its weights (as in Adam, Kingma and Ba 2015), so that who appears walking is not slow.
    """

    def __init__(self) -> None:
        self._xy = np.zeros((CAPACITY, 2))
        self._t = np.zeros(CAPACITY)
        self._sum = np.zeros((CAPACITY, 3))
        self._heading = np.zeros((CAPACITY, 2))
        self._pace = np.full(CAPACITY, UNKNOWN, np.int8)

    def step(self, t: float, rows: I64, fresh: Bool, xy: F64, per_metre: F64) -> Motion:
        """Advance to `t`: tracks in `rows` (m,) are at `xy` (m, 2), where `per_metre` (m,) of the plane is a metre.

        `fresh` (m,): where the track was before is not known.
        """
        if fresh.any():
            self._begin(rows[fresh], xy[fresh], t)
        dt = t - self._t[rows]
        kept = np.exp(-dt / _MEMORY_S)
        sums = self._sum[rows] * kept[:, None]
        way = (xy - self._xy[rows]) / per_metre[:, None]
        share = (1 - kept) / np.maximum(dt, 1e-9)
        sums[:, :2] += way * share[:, None]
        sums[:, 2] += 1 - kept
        self._sum[rows], self._xy[rows], self._t[rows] = sums, xy, t
        velocity = sums[:, :2] / np.maximum(sums[:, 2:], 1e-9)
        return self._told(rows, velocity, known=sums[:, 2] >= 1 - np.exp(-_KNOWN_S / _MEMORY_S))

    def _begin(self, rows: I64, xy: F64, t: float) -> None:
        self._xy[rows], self._t[rows], self._sum[rows], self._heading[rows] = xy, t, 0.0, 0.0
        self._pace[rows] = UNKNOWN

    def _told(self, rows: I64, velocity: F64, known: Bool) -> Motion:
        speed = np.sqrt((velocity**2).sum(axis=1))
        before = self._pace[rows]
        strolls, passes = speed >= _STROLLS[before], speed >= _PASSES[before]
        pace = np.where(known, STANDING - strolls - passes, UNKNOWN).astype(np.int8)
        heading = self._heading[rows]
        walks = known & strolls
        heading[walks] = velocity[walks] / speed[walks, None]
        self._pace[rows], self._heading[rows] = pace, heading
        return Motion(velocity, heading, pace)
