"""Plane geometry on arrays of points: polygons, segments, homographies. Any unit; the callers' arrays say which."""

from dataclasses import dataclass

import numpy as np

from contract.arrays import F64, I64, Bool
from contract.errors import GeometryError


def points_in_polygon(xy: F64, polygon: F64) -> Bool:
    """Which of `xy` (n, 2) lie inside `polygon` (k, 2) or on it; bool (n,)."""
    (x, y), low, high = xy.T, polygon.min(axis=0), polygon.max(axis=0)
    near = np.flatnonzero((x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1]))
    inside: Bool = np.zeros(len(xy), np.bool_)
    inside[near] = within_edges(xy[near], polygon[None], np.roll(polygon, -1, axis=0)[None])
    return inside


def within_edges(xy: F64, a: F64, b: F64) -> Bool:
    """Which of `xy` (n, 2) lie inside or on a polygon of edges a→b (n or 1, k, 2), each its own; bool (n,).

    Even-odd ray casting (Shimrat 1962), with the boundary tested apart so that it counts as inside on every side.
    Edges of no length change nothing, so polygons of fewer corners may be filled up with them.
    """
    x, y = xy[:, :1], xy[:, 1:]
    ax, ay, bx, by = a[..., 0], a[..., 1], b[..., 0], b[..., 1]
    dx, dy = bx - ax, by - ay
    cross = dx * (y - ay) - dy * (x - ax)
    spans = (ay > y) != (by > y)
    to_the_right = (cross > 0) == (dy > 0)
    inside: Bool = np.asarray((spans & to_the_right).sum(axis=1) % 2 == 1)
    reach = 1e-12 * (np.abs(dx) + np.abs(dy)) * (1 + np.abs(ax) + np.abs(ay))
    close = np.abs(cross) <= reach
    if close.any():
        along = (
            (np.minimum(ax, bx) <= x)
            & (x <= np.maximum(ax, bx))
            & (np.minimum(ay, by) <= y)
            & (y <= np.maximum(ay, by))
        )
        inside |= np.asarray((close & along).any(axis=1))
    return inside


def side_of(xy: F64, a: F64, b: F64) -> F64:
    """Cross product (b - a) x (p - a) of points (n, 2) and lines a, b (k, 2); (n, k), > 0 to the left in y-up axes."""
    d = b - a
    result: F64 = d[:, 0] * (xy[:, 1:] - a[:, 1]) - d[:, 1] * (xy[:, :1] - a[:, 0])
    return result


def step_crossings(start: F64, end: F64, a: F64, b: F64) -> I64:
    """How each step `start`→`end` (n, 2) crosses each segment a→b (k, 2): +1, -1 or 0; (n, k).

    +1 where the cross product of a→b and the motion is positive. A point on the line belongs to its positive side,
    so a path that touches the line and goes on is counted once and one that turns back is not counted. A path over
    the very end of the segment crosses it.
    """
    before, after = side_of(start, a, b) >= 0, side_of(end, a, b) >= 0
    between = side_of(a, start, end).T * side_of(b, start, end).T <= 0
    crosses = (before != after) & between
    result: I64 = np.where(crosses, np.where(after, 1, -1), 0).astype(np.int64)
    return result


def distance_to_lines(xy: F64, a: F64, b: F64) -> F64:
    """Distance of points (n, 2) to the segments a-b (k, 2); (n, k)."""
    d = b - a
    along = ((xy[:, None, :] - a) * d).sum(axis=2) / (d * d).sum(axis=1)
    nearest = a + np.clip(along, 0, 1)[:, :, None] * d
    result: F64 = np.linalg.norm(xy[:, None, :] - nearest, axis=2)
    return result


_FLATTEST = 1e4
"""A normalised homography beyond this condition squeezes the floor into a line."""


@dataclass(frozen=True, slots=True)
class Homography:
    """`matrix` f64 (3, 3) image px -> ground m; `rms_m` the error at the points it was made from, metres."""

    matrix: F64
    rms_m: float

    def to_ground(self, xy_px: F64) -> tuple[F64, Bool]:
        """Ground metres (n, 2) of image points (n, 2), and which of them lie below the horizon (n,)."""
        xyw = np.column_stack([xy_px, np.ones(len(xy_px))]) @ self.matrix.T
        below = xyw[:, 2] > 1e-9
        ground: F64 = xyw[:, :2] / np.where(below, xyw[:, 2], 1.0)[:, None]
        return ground, below


def fit_homography(image_px: F64, ground_m: F64) -> Homography:
    """Homography from four or more pairs of points (n, 2).

    Normalised direct linear transform (Hartley and Zisserman 2004, algorithm 4.2). Its sign is chosen so that w is
    positive at the given points, which makes w the test for the horizon.

    Raises:
        GeometryError: the points do not fix a homography: too few, on one line, or on one spot.
    """
    if len(image_px) < 4:
        raise GeometryError(f"calibration needs four point pairs, got {len(image_px)}")
    to_image, to_ground = _normaliser(image_px, "image"), _normaliser(ground_m, "floor")
    p, q = _apply(to_image, image_px), _apply(to_ground, ground_m)
    _, values, rows = np.linalg.svd(_dlt(p, q))
    if values[7] < 1e-6 * values[0]:
        raise GeometryError("calibration points lie on one line or coincide; spread them over the floor")
    if np.linalg.cond(rows[8].reshape(3, 3)) > _FLATTEST:
        raise GeometryError("three of the four calibration points lie on one line; move one, or add a fifth")
    matrix = np.linalg.inv(to_ground) @ rows[8].reshape(3, 3) @ to_image
    w = np.column_stack([image_px, np.ones(len(image_px))]) @ matrix[2]
    if not (np.all(w > 0) or np.all(w < 0)):
        raise GeometryError("calibration puts some of its points behind the camera; check for swapped points")
    matrix = matrix / (np.abs(w).mean() * np.sign(w[0]))
    fitted, _ = Homography(matrix, 0.0).to_ground(image_px)
    return Homography(matrix, float(np.sqrt(((fitted - ground_m) ** 2).sum(axis=1).mean())))


def _normaliser(points: F64, where: str) -> F64:
    centre = points.mean(axis=0)
    spread = np.linalg.norm(points - centre, axis=1).mean()
    if spread < 1e-9:
        raise GeometryError(f"calibration points all lie on one spot of the {where}; spread them")
    s = np.sqrt(2) / spread
    return np.array([[s, 0, -s * centre[0]], [0, s, -s * centre[1]], [0, 0, 1]])


def _apply(matrix: F64, points: F64) -> F64:
    result: F64 = points @ matrix[:2, :2].T + matrix[:2, 2]
    return result


def _dlt(p: F64, q: F64) -> F64:
    one, zero = np.ones((len(p), 1)), np.zeros((len(p), 3))
    homogeneous = np.hstack([p, one])
    first = np.hstack([-homogeneous, zero, q[:, :1] * homogeneous])
    second = np.hstack([zero, -homogeneous, q[:, 1:] * homogeneous])
    return np.vstack([first, second])
