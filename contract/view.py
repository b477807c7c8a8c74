"""One calibrated camera: which place on the floor a pixel shows, and how tall a person stands in the picture there.

The picture is straightened first (division model, Fitzgibbon 2001), then a homography leads to the floor. The camera's
own place and what stands upright follow from the homography, with square pixels and the optical axis in the picture's
middle (Zhang 2000, section 3.1, for one plane).
"""

from dataclasses import dataclass

import numpy as np

from contract.arrays import F64, Bool
from contract.errors import GeometryError
from contract.geometry import Homography, fit_homography
from contract.site import Camera

Size = tuple[int, int]

PERSON_M = 1.7
"""How tall a person is taken to be."""

USUAL_SIZE_PX = (1920, 1080)
"""For a camera whose resolution is not known: calibrations are in shares of the picture."""

_WIDEST, _NARROWEST = np.radians(140), np.radians(15)
_USUAL = np.radians(75)
"""Angles of view across the width that a shop's camera can have, and the one taken when points cannot tell."""


@dataclass(frozen=True, slots=True)
class Lens:
    """Division model about the picture's middle: r_straight = r / (1 + k r²), r in half diagonals."""

    size_px: Size
    k: float

    def straighten(self, xy_px: F64) -> F64:
        """Where points (n, 2) would lie without distortion."""
        middle, half = self._frame()
        r = (xy_px - middle) / half
        result: F64 = middle + half * r / (1 + self.k * (r**2).sum(axis=1, keepdims=True))
        return result

    def bend(self, xy_px: F64) -> F64:
        """The way back: where straight points (n, 2) lie in the picture; NaN beyond what the lens can show."""
        middle, half = self._frame()
        r = (xy_px - middle) / half
        with np.errstate(invalid="ignore"):
            root = np.sqrt(1 - 4 * self.k * (r**2).sum(axis=1, keepdims=True))
        result: F64 = middle + half * r * 2 / (1 + root)
        return result

    def _frame(self) -> tuple[F64, float]:
        width, height = self.size_px
        return np.array([width / 2, height / 2]), float(np.hypot(width, height) / 2)


@dataclass(frozen=True, slots=True)
class View:
    """A calibrated camera at a resolution.

    `homography` leads from straightened px to the floor; `projection` f64 (3, 4) from (x, y, up, 1) in metres to
    straightened px; `place_m` is the camera's own x, y and height.
    """

    lens: Lens
    homography: Homography
    projection: F64
    place_m: tuple[float, float, float]

    @property
    def size_px(self) -> Size:
        """Width and height of the picture."""
        return self.lens.size_px

    def to_ground(self, xy_px: F64) -> tuple[F64, Bool]:
        """Floor metres (n, 2) of points (n, 2) in the picture, and which of them lie below the horizon (n,)."""
        return self.homography.to_ground(self.lens.straighten(xy_px))

    def to_image(self, xyz_m: F64) -> tuple[F64, Bool]:
        """Points (n, 2) in the picture of places (n, 3) in metres, the third upwards, and which lie in front (n,).

        A point in front may still lie outside the picture.
        """
        xyw = np.column_stack([xyz_m, np.ones(len(xyz_m))]) @ self.projection.T
        ahead = xyw[:, 2] > 1e-9
        image = self.lens.bend(xyw[:, :2] / np.where(ahead, xyw[:, 2], 1.0)[:, None])
        return image, ahead & np.isfinite(image).all(axis=1)

    def within(self, xy_px: F64) -> Bool:
        """Which points (n, 2) lie in the picture."""
        result: Bool = np.asarray(((xy_px >= 0) & (xy_px <= self.size_px)).all(axis=1))
        return result

    def person_px(self, xy_m: F64) -> F64:
        """How many pixels a person on floor places (n, 2) is tall; 0 where their feet are not in the picture."""
        feet, ahead = self.to_image(np.column_stack([xy_m, np.zeros(len(xy_m))]))
        heads, over = self.to_image(np.column_stack([xy_m, np.full(len(xy_m), PERSON_M)]))
        tall = np.linalg.norm(heads - feet, axis=1)
        return np.where(ahead & over & self.within(feet), tall, 0.0)


def camera_view(camera: Camera, size_px: Size | None = None) -> View:
    """The view of a calibrated camera, for pictures of `size_px` (else the document's, else 1920 x 1080).

    Raises:
        GeometryError: it is not calibrated, or its points do not hold: too few, on one line or one spot, mirrored,
            behind the camera.
    """
    if camera.calibration is None:
        raise GeometryError("the camera is not calibrated; match at least four points of picture and floor")
    size_px = size_px or camera.resolution_px or USUAL_SIZE_PX
    lens = Lens(size_px, camera.lens)
    image, ground = _points(camera, size_px)
    homography = fit_homography(lens.straighten(image), ground)
    _refuse_mirrored(homography, lens.straighten(image))
    projection, place = _pose(homography, size_px, ground)
    return View(lens, homography, projection, place)


def point_errors_m(camera: Camera, view: View) -> F64:
    """How far each calibration point lies from where the view puts it, metres (n,)."""
    image, ground = _points(camera, view.size_px)
    found, _ = view.to_ground(image)
    result: F64 = np.linalg.norm(found - ground, axis=1)
    return result


def _points(camera: Camera, size_px: Size) -> tuple[F64, F64]:
    pairs = camera.calibration.points if camera.calibration else []
    image = np.array([pair.image for pair in pairs], dtype=np.float64) * size_px
    return image, np.array([pair.floor_m for pair in pairs], dtype=np.float64)


def _refuse_mirrored(homography: Homography, image_px: F64) -> None:
    """Seen from above, picture and plan turn the same way; a mirrored one means that points were swapped.

    The sign of the homography's determinant is that of its Jacobian wherever w > 0, which holds at the points.
    """
    if np.linalg.det(homography.matrix) < 0:
        raise GeometryError(
            "calibration mirrors the floor: left and right are swapped; check that each point of the picture has its "
            "own place on the plan, with y down the plan"
        )


def _pose(homography: Homography, size_px: Size, ground_m: F64) -> tuple[F64, tuple[float, float, float]]:
    """Projection (3, 4) and the camera's place."""
    to_image = np.linalg.inv(homography.matrix)
    if (np.append(ground_m.mean(axis=0), 1.0) @ to_image[2]) < 0:
        to_image = -to_image
    width, height = size_px
    to_middle = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1.0]])
    g = to_middle @ to_image
    focal = _focal_px(g, width)
    k = np.diag([focal, focal, 1.0])
    m = np.linalg.inv(k) @ g
    scale = (np.linalg.norm(m[:, 0]) + np.linalg.norm(m[:, 1])) / 2
    m = m / scale
    u, _, vt = np.linalg.svd(m[:, :2], full_matrices=False)  # the nearest pair of perpendicular unit columns
    flat = u @ vt
    up = np.cross(flat[:, 0], flat[:, 1])
    rotation = np.column_stack([flat, up])
    place = -rotation.T @ m[:, 2]
    if place[2] < 0:  # the plan's y runs down, so x, y and up are left-handed
        up, place[2] = -up, -place[2]
    projection = np.linalg.inv(to_middle) @ k @ np.column_stack([m[:, 0], m[:, 1], up, m[:, 2]])
    return projection, (float(place[0]), float(place[1]), float(place[2]))


def _focal_px(g: F64, width: int) -> float:
    """Focal length from the floor's two axes being perpendicular and alike; the usual one where they cannot tell."""
    a = np.array([g[0, 0] * g[0, 1] + g[1, 0] * g[1, 1], g[0, 0] ** 2 + g[1, 0] ** 2 - g[0, 1] ** 2 - g[1, 1] ** 2])
    b = np.array([g[2, 0] * g[2, 1], g[2, 0] ** 2 - g[2, 1] ** 2])
    # (a + f² b = 0) for both; weighting by b lets the axis that converges more decide.
    square = -float(a @ b) / float(max(b @ b, 1e-300))
    widest, narrowest = (width / 2 / np.tan(angle / 2) for angle in (_WIDEST, _NARROWEST))
    if widest**2 <= square <= narrowest**2:
        return float(np.sqrt(square))
    return float(width / 2 / np.tan(_USUAL / 2))
