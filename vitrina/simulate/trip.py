"""One party's way through the store: walking and standing, written down as it happens."""

from dataclasses import dataclass

import numpy as np

from contract.arrays import F64, Bool
from vitrina.simulate.floor import Walkway

_EASE_M_S2 = 1.0
"""How quickly people get up to speed, and slow down."""

_WANDER_M, _WANDER_LENGTH_M = 0.35, 4.0
"""How far from the shortest way, and over which distance it changes sides."""

_BEHIND_M, _TOGETHER_M = 0.7, 4.0
"""Companions follow one another along the same way; so close to its ends they close up."""

_SWAY_M, _SWAY_S = 0.07, 3.0
"""People who stand shift their weight."""


@dataclass(frozen=True, slots=True)
class Walk:
    """One shopper: at `t` f64 (k,) ascending, seconds UTC, at `xy` f64 (k, 2) metres, on straight lines in between."""

    t: F64
    xy: F64

    def at(self, t: F64) -> F64:
        """Places (n, 2) at times within the walk."""
        return np.stack([np.interp(t, self.t, self.xy[:, 0]), np.interp(t, self.t, self.xy[:, 1])], axis=1)


class Trip:
    """A party on its way: `t` seconds UTC and `cell` say where it has got to."""

    def __init__(self, walkway: Walkway, cell: int, t: float, *, speed_m_s: float, rng: np.random.Generator) -> None:
        self.t, self.cell = t, cell
        self._walkway, self._speed_m_s, self._rng = walkway, speed_m_s, rng
        self._way: list[F64] = [walkway.place(cell)[None]]
        self._t: list[F64] = [np.array([t])]
        self._stands: list[tuple[float, float]] = []

    def walk(self, cell: int) -> None:
        """Go to `cell`."""
        if cell == self.cell:
            return
        xy = self._wandering(self._walkway.way(self.cell, cell))
        times = self.t + _times(_lengths(xy), self._speed_m_s)
        self._way.append(xy[1:])
        self._t.append(times[1:])
        self.t, self.cell = float(times[-1]), cell

    def stand(self, until: float) -> None:
        """Stay where one is."""
        if until > self.t:
            self._stands.append((self.t, until))
            self._way.append(self._walkway.place(self.cell)[None])
            self._t.append(np.array([until]))
            self.t = until

    def time_to(self, cell: int) -> float:
        """Seconds it takes to walk there, about."""
        return float(_lengths(self._walkway.way(self.cell, cell))[-1]) / self._speed_m_s

    def walks(self, people: int) -> list[Walk]:
        """The party of `people` (up to 6), one behind the other; they come and go at the same time."""
        t, xy = np.concatenate(self._t), np.concatenate(self._way)
        s = _lengths(xy)
        standing = [np.arange(start + _SWAY_S / 2, end, _SWAY_S) for start, end in self._stands]
        times = np.unique(np.concatenate([t, *standing]))
        along = np.interp(times, t, s)
        sways = np.isin(times, np.concatenate([[], *standing]))
        apart = _BEHIND_M * np.minimum(np.minimum(along, s[-1] - along) / _TOGETHER_M, 1.0)
        return [Walk(times, self._follower(along - i * apart, s, xy, sways)) for i in range(people)]

    def _follower(self, along: F64, s: F64, xy: F64, sways: Bool) -> F64:
        places = np.stack([np.interp(along, s, xy[:, 0]), np.interp(along, s, xy[:, 1])], axis=1)
        sway = self._rng.normal(0, _SWAY_M, places.shape) * sways[:, None]
        result: F64 = places + sway.clip(-0.15, 0.15)
        return result

    def _wandering(self, xy: F64) -> F64:
        """Nobody walks the shortest way exactly: aside by a slow wave, as far as there is room, not at the ends."""
        s = _lengths(xy)
        wave = np.sin(s / _WANDER_LENGTH_M * 2 + self._rng.uniform(0, 2 * np.pi))
        aside = self._rng.normal(0, _WANDER_M) * wave * np.minimum(np.minimum(s, s[-1] - s), 1.0)
        room = self._walkway.room_m(xy)
        ahead = np.gradient(xy, axis=0)
        ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-9)
        across = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
        result: F64 = xy + across * aside.clip(-room, room)[:, None]
        return result


def _lengths(xy: F64) -> F64:
    """Distance along (k, 2) from its start; (k,)."""
    result: F64 = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(xy, axis=0), axis=1))])
    return result


def _times(s: F64, speed_m_s: float) -> F64:
    """When one is at distances `s`, starting and ending at rest: even acceleration, cruise, even braking."""
    length = float(s[-1])
    top = min(speed_m_s, float(np.sqrt(_EASE_M_S2 * length)))
    ramp = top**2 / (2 * _EASE_M_S2)
    total = length / top + top / _EASE_M_S2 if top > 0 else 0.0
    cruise = top / _EASE_M_S2 + (s - ramp) / max(top, 1e-9)
    start = np.sqrt(2 * np.minimum(s, ramp) / _EASE_M_S2)
    stop = total - np.sqrt(2 * np.clip(length - s, 0, ramp) / _EASE_M_S2)
    return np.where(s < ramp, start, np.where(length - s < ramp, stop, cruise))
