"""Cameras that hang in a simulated store: their calibration from a pose, and the boxes they see."""

from dataclasses import dataclass

import numpy as np

from contract.arrays import F64, I64, Bool
from contract.coverage import walkable
from contract.grid import floor_grid
from contract.site import Calibration, Camera, Floor, PointPair
from contract.view import PERSON_M, Lens, View

_SHOULDERS_SHARE = 0.34
"""Width of a box over its height, for someone seen from a ceiling."""


@dataclass(frozen=True, slots=True)
class Pose:
    """A camera at `at_m`, `height_m` above the floor, looking along `facing_deg` (0 along x, 90 down the plan).

    `tilt_deg` below the horizon; `view_deg` across the picture's width; `lens` as in the document.
    """

    at_m: tuple[float, float]
    height_m: float
    facing_deg: float
    tilt_deg: float
    view_deg: float
    lens: float = 0.0

    def to_ground(self, xy_px: F64, size_px: tuple[int, int]) -> tuple[F64, Bool]:
        """Floor metres (n, 2) of straightened points (n, 2), and which lie below the horizon (n,)."""
        width, height = size_px
        focal = width / 2 / np.tan(np.radians(self.view_deg) / 2)
        right, down = ((xy_px - (width / 2, height / 2)) / focal).T
        sin, cos = np.sin(np.radians(self.tilt_deg)), np.cos(np.radians(self.tilt_deg))
        falls = sin + down * cos
        reach = self.height_m / np.where(falls > 1e-6, falls, 1.0)
        facing = np.radians(self.facing_deg)
        ahead = np.array([np.cos(facing), np.sin(facing)])
        aside = np.array([-np.sin(facing), np.cos(facing)])
        xy = self.at_m + (reach * (cos - down * sin))[:, None] * ahead + (reach * right)[:, None] * aside
        return xy, falls > 1e-6


def calibrated(pose: Pose, floor: Floor, *, name: str, size_px: tuple[int, int], **more: object) -> Camera:
    """The camera as an integrator would have set it up: pairs of places in its picture and on the floor.

    They are taken from a raster over the picture, where it shows floor one can walk on within 14 m.
    """
    u, v = np.meshgrid(np.linspace(0.06, 0.94, 7), np.linspace(0.1, 0.95, 6))
    image = np.column_stack([u.ravel(), v.ravel()])
    xy, below = pose.to_ground(Lens(size_px, pose.lens).straighten(image * size_px), size_px)
    near = np.linalg.norm(xy - pose.at_m, axis=1) < 14
    good = np.flatnonzero(below & near & walkable(floor, xy) & (floor_grid(floor).cells(xy) >= 0))
    chosen = good[_spread(xy[good], 12)]
    pairs = [
        PointPair(image=tuple(np.round(image[i], 4).tolist()), floor_m=tuple(np.round(xy[i], 2).tolist()))
        for i in chosen
    ]
    values = {"name": name, "resolution_px": size_px, "lens": pose.lens, "calibration": Calibration(points=pairs)}
    return Camera.model_validate(values | more)


def _spread(xy: F64, most: int) -> I64:
    """Indices of up to `most` points far apart: each is the farthest from those before it."""
    chosen = [0]
    while len(chosen) < min(most, len(xy)):
        apart = np.linalg.norm(xy[:, None] - xy[chosen], axis=2).min(axis=1)
        chosen.append(int(apart.argmax()))
    return np.array(sorted(chosen), np.int64)


def boxes(view: View, xy_m: F64) -> tuple[F64, Bool]:
    """Boxes (n, 4) of people on floor places (n, 2), clipped to the picture, and which of them are in it (n,).

    The bottom centre is the foot point, as a perfect detector would have it, and the height reaches to the head.
    """
    feet, ahead = view.to_image(np.column_stack([xy_m, np.zeros(len(xy_m))]))
    heads, over = view.to_image(np.column_stack([xy_m, np.full(len(xy_m), PERSON_M)]))
    tall = np.linalg.norm(heads - feet, axis=1)
    half = tall * _SHOULDERS_SHARE / 2
    box = np.stack([feet[:, 0] - half, feet[:, 1] - tall, feet[:, 0] + half, feet[:, 1]], axis=1)
    whole = ahead & over & view.within(feet)
    return np.where(whole[:, None], box.clip(0, np.tile(view.size_px, 2)), 0.0), whole
