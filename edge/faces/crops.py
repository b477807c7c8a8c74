"""Where in a picture a face is looked for, and how it is turned upright for the networks that judge it."""

import math

import cv2
import numpy as np

from edge.arrays import F32, F64, U8

_WIDER = 1.1
_ABOVE = 0.08
"""The head is looked for in a square at the top of a person's box, this much wider and beginning this much above it."""

_DLIB_CORNERS = np.array([[0.1206, 0.2137], [0.3341, 0.2291], [0.6461, 0.2290], [0.8596, 0.2135]])
"""Corners of the eyes, from left to right, in the upright face that dlib cuts out (`get_face_chip_details`)."""

_NOSE_BELOW = 0.54
"""Tip of the nose below the eyes, in distances between the eyes: median of what CenterFace finds on frontal faces.
dlib's own template has the bottom of the nose, which CenterFace does not tell."""

_MOST_TIMES = 8
"""So many times larger at most is a picture drawn before it is averaged."""

_PADDING = 0.2
"""Around the upright face, as its makers cut their networks' pictures."""


def _upright() -> F64:
    left, right = _DLIB_CORNERS[:2].mean(axis=0), _DLIB_CORNERS[2:].mean(axis=0)
    nose = (left + right) / 2 + (0.0, _NOSE_BELOW * (right - left)[0])
    return np.asarray((np.stack([left, right, nose]) + _PADDING) / (1 + 2 * _PADDING))


UPRIGHT = _upright()
"""Where eyes and nose lie in a chip, shares of its side, (3, 2)."""


def head_squares(xyxy_px: F32) -> F64:
    """Left, top and side, px, of the squares (m, 3) in which to look for the heads of people of these boxes (m, 4)."""
    x0, y0, x1, y1 = xyxy_px.astype(np.float64).T
    side = _WIDER * np.minimum(x1 - x0, y1 - y0)
    return np.stack([(x0 + x1 - side) / 2, y0 - _ABOVE * side, side], axis=1)


def cut_square(image: U8, square: F64, side: int) -> U8:
    """The `square` (left, top, side, px) of `image` (h, w, 3) as (side, side, 3); black where it is outside it."""
    left, top, side_px = square
    scale = side / side_px
    return _warp(image, np.array([[scale, 0.0, -left * scale], [0.0, scale, -top * scale]]), side)


def chip(image: U8, points_px: F32, side: int) -> U8:
    """The face (side, side, 3), turned so that eyes and nose of `points_px` (5, 2) lie where `UPRIGHT` says."""
    return _warp(image, similarity(points_px[:3].astype(np.float64), UPRIGHT * side), side)


def similarity(source: F64, target: F64) -> F64:
    """The turn, scale and shift (2, 3) that bring `source` (n, 2) nearest to `target`.

    By least squares (Umeyama 1991), in the plane and without reflection.
    """
    here, there = source.mean(axis=0), target.mean(axis=0)
    s, t = source - here, target - there
    power = np.square(s).sum()
    a = (s * t).sum() / power
    b = (s[:, 0] * t[:, 1] - s[:, 1] * t[:, 0]).sum() / power
    turn = np.array([[a, -b], [b, a]])
    return np.hstack([turn, (there - turn @ here)[:, None]])


def frontal(points_px: F32, most: float) -> bool:
    """Whether the nose is at most `most` distances between the eyes beside the middle between them."""
    left, right, nose = points_px[:3].astype(np.float64)
    across = right - left
    distance = float(np.hypot(*across))
    aside = abs(float((nose - (left + right) / 2) @ across)) / max(distance, 1e-6) ** 2
    return across[0] > 0 and aside <= most


def _warp(image: U8, matrix: F64, side: int) -> U8:
    """Warped to (side, side, 3). What shrinks is drawn larger first and then averaged, so that nothing flickers."""
    times = min(_MOST_TIMES, max(1, math.floor(1 / float(np.hypot(matrix[0, 0], matrix[1, 0])))))
    large = (side * times, side * times)
    drawn = cv2.warpAffine(image, matrix * times, large, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(cv2.resize(drawn, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
