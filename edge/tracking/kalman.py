"""How a person's box moves: four independent filters per track, one array operation for all tracks.

Each coordinate is a place with a speed that forgets itself (integrated Ornstein-Uhlenbeck process; as a model of
targets: Singer, IEEE Trans. AES 1970): who is not seen is first believed to walk on and later to have stopped, so
that the doubt about the place grows like a stroll and not like a rocket. Places are in pixels and variances in body
heights and seconds: one set of constants holds for near and far people and for any frame rate.
"""

from dataclasses import dataclass, replace
from math import exp

import numpy as np
from numpy.typing import NDArray

from edge.arrays import F64, I64

MOTION = [(name, np.float64, (4,)) for name in ("place", "speed", "place_var", "cross_var", "speed_var")]
"""Fields of a track table that this module keeps, each over foot x, foot y, width, height.

`place` px, `speed` px/s, `place_var` (body heights)², `cross_var` (body heights)²/s, `speed_var` (body heights/s)².
"""

Table = NDArray[np.void]
"""One row per track with at least the fields of MOTION."""


@dataclass(frozen=True, slots=True)
class Gait:
    """How people move and how well boxes tell it, over foot x, foot y, width, height.

    `pace` (4,) body heights/s, how fast the coordinate usually changes; `first_pace`, the same of someone just come
    into view, whose box still grows; `measured` (4,) body heights, how far off a
    box usually is; `persistence_s`, how long a speed lasts.
    """

    pace: tuple[float, float, float, float] = (0.5, 0.2, 0.06, 0.06)
    first_pace: tuple[float, float, float, float] = (1.0, 0.6, 0.3, 0.3)
    measured: tuple[float, float, float, float] = (0.07, 0.10, 0.10, 0.07)
    persistence_s: float = 6.0

    def quicker(self, factor: float) -> "Gait":
        """The same, but people move `factor` times as fast; their boxes change their size as before."""
        x, y, width, height = self.pace
        return replace(self, pace=(x * factor, y * factor, width, height))


def begin(tracks: Table, places: F64, gait: Gait) -> None:
    """Fill `tracks` with people seen once at `places` (m, 4), of unknown speed."""
    tracks["place"], tracks["speed"] = places, 0.0
    tracks["place_var"], tracks["cross_var"], tracks["speed_var"] = (
        np.square(gait.measured),
        0.0,
        np.square(gait.first_pace),
    )


def predict(tracks: Table, dt_s: float, gait: Gait) -> None:
    """Carry `tracks` on by `dt_s` seconds."""
    tau, pace_var = gait.persistence_s, np.square(gait.pace)
    kept = exp(-dt_s / tau)
    reach = tau * (1 - kept)
    speed, cross, speed_var = tracks["speed"], tracks["cross_var"], tracks["speed_var"]
    tracks["place"] += reach * speed
    tracks["place_var"] += reach * (2 * cross + reach * speed_var) + _wander(dt_s, tau) * pace_var
    tracks["cross_var"] = kept * (cross + reach * speed_var) + reach * (1 - kept) * pace_var
    tracks["speed_var"] = kept**2 * speed_var + (1 - kept**2) * pace_var
    tracks["speed"] = kept * speed


def _wander(dt_s: float, tau: float) -> float:
    """Variance of the place after `dt_s`, for a speed of variance 1 known at the start."""
    kept = exp(-dt_s / tau)
    return tau * (2 * dt_s - 4 * tau * (1 - kept) + tau * (1 - kept**2))


def correct(tracks: Table, rows: I64, places: F64, gait: Gait) -> None:
    """Let the `rows` (k,) of `tracks` have been seen at `places` (k, 4)."""
    seen = tracks[rows]
    total = seen["place_var"] + np.square(gait.measured)
    gain, speed_gain = seen["place_var"] / total, seen["cross_var"] / total
    surprise = places - seen["place"]
    seen["place"] += gain * surprise
    seen["speed"] += speed_gain * surprise
    seen["speed_var"] -= speed_gain * seen["cross_var"]
    seen["place_var"] *= 1 - gain
    seen["cross_var"] *= 1 - gain
    tracks[rows] = seen


def to_places(xyxy_px: F64) -> F64:
    """Corners (n, 4) -> foot x, foot y, width, height (n, 4)."""
    places = np.empty_like(xyxy_px)
    places[:, 0] = (xyxy_px[:, 0] + xyxy_px[:, 2]) / 2
    places[:, 1] = xyxy_px[:, 3]
    places[:, 2:] = xyxy_px[:, 2:] - xyxy_px[:, :2]
    return places


def to_corners(places: F64) -> F64:
    """Foot x, foot y, width, height (n, 4) -> corners (n, 4)."""
    corners = np.empty_like(places)
    corners[:, 0] = places[:, 0] - places[:, 2] / 2
    corners[:, 1] = places[:, 1] - places[:, 3]
    corners[:, 2] = corners[:, 0] + places[:, 2]
    corners[:, 3] = places[:, 1]
    return corners
