"""How a person's box moves: four independent filters per track, one array operation for all tracks.

Each coordinate is a position with a velocity that forgets itself (integrated Ornstein-Uhlenbeck process; Uhlenbeck
and Ornstein 1930, as a tracking model: Singer 1970 and Bar-Shalom, Li, Kirubarajan 2001, ch. 8): who is not seen is
first believed to walk on and then to have slowed down, and the doubt about the place grows like a walk, not like a
rocket. Variances are in body heights and seconds, so that one set of constants holds for near and far people and for
any frame rate; positions are in pixels.
"""

from dataclasses import dataclass
from math import exp

import numpy as np

from edge.arrays import F64, Bool, I64

COORDINATES = 4
"""Foot x, foot y, width, height."""


@dataclass(frozen=True, slots=True)
class Gait:
    """How people move and how well boxes tell it; arrays (4,) over foot x, foot y, width, height.

    `pace` body heights per second: how fast the coordinate usually changes. `measured` body heights: how far off a box
    usually is. `persistence_s`: how long a velocity lasts.
    """

    pace: F64
    measured: F64
    persistence_s: float


@dataclass(frozen=True, slots=True)
class Motion:
    """Beliefs about m tracks; every array is (m, 4) over foot x, foot y, width, height.

    `place` px, `speed` px/s; `place_var` (body heights)², `cross_var` (body heights)²/s, `speed_var`
    (body heights/s)².
    """

    place: F64
    speed: F64
    place_var: F64
    cross_var: F64
    speed_var: F64

    def __len__(self) -> int:
        return len(self.place)

    def __getitem__(self, keep: Bool | I64) -> "Motion":
        return Motion(
            self.place[keep], self.speed[keep], self.place_var[keep], self.cross_var[keep], self.speed_var[keep]
        )

    @classmethod
    def begin(cls, places: F64, gait: Gait) -> "Motion":
        """Seen once at `places` (m, 4) px: the speed is unknown within the usual pace."""
        like = np.ones_like(places)
        return cls(places, 0 * like, like * gait.measured**2, 0 * like, like * gait.pace**2)

    def join(self, other: "Motion") -> "Motion":
        """These tracks, then the others."""
        return Motion(
            np.concatenate([self.place, other.place]),
            np.concatenate([self.speed, other.speed]),
            np.concatenate([self.place_var, other.place_var]),
            np.concatenate([self.cross_var, other.cross_var]),
            np.concatenate([self.speed_var, other.speed_var]),
        )

    def predict(self, dt_s: float, gait: Gait) -> "Motion":
        """The beliefs `dt_s` seconds later."""
        tau = gait.persistence_s
        kept = exp(-dt_s / tau)
        reach = tau * (1 - kept)
        pace_var = gait.pace**2
        return Motion(
            place=self.place + reach * self.speed,
            speed=kept * self.speed,
            place_var=self.place_var
            + 2 * reach * self.cross_var
            + reach**2 * self.speed_var
            + 2 * tau * (dt_s - 2 * reach + tau / 2 * (1 - kept**2)) * pace_var,
            cross_var=kept * (self.cross_var + reach * self.speed_var) + tau * (1 - kept) ** 2 * pace_var,
            speed_var=kept**2 * self.speed_var + (1 - kept**2) * pace_var,
        )

    def correct(self, places: F64, noise_var: F64) -> "Motion":
        """The beliefs after seeing the tracks at `places` (m, 4) px with `noise_var` (m, 4) (body heights)²."""
        total = self.place_var + noise_var
        gain, speed_gain = self.place_var / total, self.cross_var / total
        surprise = places - self.place
        return Motion(
            place=self.place + gain * surprise,
            speed=self.speed + speed_gain * surprise,
            place_var=(1 - gain) * self.place_var,
            cross_var=(1 - gain) * self.cross_var,
            speed_var=self.speed_var - speed_gain * self.cross_var,
        )


def to_places(xyxy_px: F64) -> F64:
    """Corners (n, 4) -> foot x, foot y, width, height."""
    x1, y1, x2, y2 = xyxy_px.T
    return np.stack([(x1 + x2) / 2, y2, x2 - x1, y2 - y1], axis=1)


def to_corners(places: F64) -> F64:
    """Foot x, foot y, width, height (n, 4) -> corners."""
    x, y, width, height = places.T
    return np.stack([x - width / 2, y - height, x + width / 2, y], axis=1)
