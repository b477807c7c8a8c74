"""Whether the background still stands where it stood at set-up: corners of it, found again, elsewhere, or not at all.

Corners and their descriptions are ORB (Rublee et al. 2011, "ORB: an efficient alternative to SIFT or SURF"); how the
picture moved is the similarity that most of them agree on (RANSAC, Fischler and Bolles 1981).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from contract.site import Landmark
from edge.arrays import F64, I64, U8, Bool

Verdict = Literal["fits", "moved", "blind", "unknown"]

WIDTH_PX = 640
"""Pictures are looked at in this width, so that a mark is the same at every resolution."""

MOST_LANDMARKS = 120
LEAST_LANDMARKS = 20
"""Fewer say nothing: a blank wall, a dark room."""

MOVED_SHARE = 0.01
"""Of the picture's width. Where that width shows 8 m of floor, people are counted 8 cm beside their place then."""

_CORNERS = 2000
_FAST_THRESHOLD = 8
_NOISE_PX, _STEPS_PX = 0.8, 1.0
"""What is smoothed away: a camera's noise; the steps between whole values of brightness."""

_FIELDS = (10, 7)
"""Columns and rows of the fields that landmarks are spread over."""

_SAME_PLACE_PX = 12.0
_TWIN_BITS, _ALIKE_BITS = 40, 64
"""Of 256: two corners that cannot be told apart; the most by which a corner differs from itself on another day."""

_CLEARLY_BETTER = 0.8
_REACH_PX = 4.0
"""A corner this close to where the similarity puts it agrees with it."""

_LEAST_AGREEING, _LEAST_AGREEING_SHARE, _LEAST_FIELDS = 10, 0.15, 4
"""Less agreement is chance, or a caption that the camera writes into its picture."""

_NONE_LEFT_SHARE = 0.05
"""With fewer landmarks found again the picture shows something else; chance alone finds up to three in a hundred."""

_DETAIL = 0.25
"""Curvature over slope of brightness: over 0.4 in a sharp picture, 0.2 behind a hand or far out of focus."""

_BLIND_SHARE = 0.2
"""Of the fields that held landmarks: with corners in fewer, the picture shows hardly anything."""

_DIM, _GRAINY, _COLOURLESS, _DAZZLED = 40.0, 0.77, 2.0, 0.4
"""Mean brightness, detail, distance between channels, share of white: dark, infrared and glare change corners."""


@dataclass(frozen=True, slots=True)
class Landmarks:
    """`xy` f64 (n, 2), shares of the picture's width and height; `marks` u8 (n, 32), ORB."""

    xy: F64
    marks: U8

    def __len__(self) -> int:
        return len(self.xy)

    @classmethod
    def of(cls, landmarks: Sequence[Landmark]) -> "Landmarks":
        """As they stand in the site document."""
        xy = np.array([landmark.image for landmark in landmarks], np.float64).reshape(-1, 2)
        marks = np.frombuffer(bytes.fromhex("".join(landmark.mark for landmark in landmarks)), np.uint8)
        return cls(xy, marks.reshape(-1, 32))

    def parts(self) -> list[Landmark]:
        """As they go into the site document."""
        return [
            Landmark(image=(round(x, 4), round(y, 4)), mark=mark.tobytes().hex())
            for (x, y), mark in zip(self.xy.tolist(), self.marks, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Fit:
    """How a picture fits the landmarks.

    `shift_share`: how far the background moved, root mean square over the picture, as a share of its width; None where
    too few landmarks were found again to say. `matched` of them agree on it, `share` of all.
    """

    verdict: Verdict
    shift_share: float | None = None
    matched: int = 0
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class _Corners:
    """Of a picture of `size` px (2,): `xy` px f64 (n, 2), `strength` f64 (n,), `marks` u8 (n, 32)."""

    xy: F64
    strength: F64
    marks: U8
    size: F64


def find_landmarks(picture: U8, hidden: Bool | None = None) -> Landmarks:
    """Up to MOST_LANDMARKS corners of `picture` (h, w, 3), spread over it, each unlike every other.

    `hidden` bool (h, w): where it shows no background, but people or a privacy mask.
    """
    corners = _corners(_grey(picture), hidden)
    keep = _spread(corners)
    return Landmarks(corners.xy[keep] / corners.size, corners.marks[keep])


def compare(landmarks: Landmarks, picture: U8, hidden: Bool | None = None) -> Fit:
    """Whether the background of `picture` (h, w, 3) stands where `landmarks` say.

    `blind`: it is black, covered or out of focus. `unknown`: there are too few landmarks, or too little light to say.
    """
    landmarks = landmarks if hidden is None else _beside(landmarks, hidden)
    if len(landmarks) < LEAST_LANDMARKS:
        return Fit("unknown")
    grey = _grey(picture)
    corners = _corners(grey, hidden)
    fields = np.unique(_fields(landmarks.xy))
    detail = _detail(grey, fields)
    if detail < _DETAIL or np.isin(fields, _fields(corners.xy / corners.size)).mean() < _BLIND_SHARE:
        return Fit("blind")
    was, now = _pairs(landmarks, corners)
    motion, agree = _similarity(was, now)
    matched, share = int(agree.sum()), float(agree.sum()) / len(landmarks)
    if motion is not None and _is_agreement(share, was[agree] / corners.size):
        shift = _shift_share(motion, corners.size)
        return Fit("moved" if shift > MOVED_SHARE else "fits", shift, matched, share)
    is_elsewhere = share <= _NONE_LEFT_SHARE and detail < _GRAINY and _is_well_lit(picture)
    return Fit("moved" if is_elsewhere else "unknown", None, matched, share)


def _beside(landmarks: Landmarks, hidden: Bool) -> Landmarks:
    """Those that are not hidden."""
    height, width = hidden.shape
    x, y = np.minimum((landmarks.xy * (width, height)).astype(np.int64), (width - 1, height - 1)).T
    return Landmarks(landmarks.xy[~hidden[y, x]], landmarks.marks[~hidden[y, x]])


def _grey(picture: U8) -> U8:
    height, width = picture.shape[:2]
    size = (WIDTH_PX, max(1, round(height * WIDTH_PX / width)))
    grey = cv2.cvtColor(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), _NOISE_PX), np.uint8)


def _corners(grey: U8, hidden: Bool | None) -> _Corners:
    orb = cv2.ORB.create(nfeatures=_CORNERS, nlevels=6, fastThreshold=_FAST_THRESHOLD)
    points, marks = orb.detectAndCompute(grey, None if hidden is None else _far_from(hidden, grey.shape))
    return _Corners(
        xy=np.array([point.pt for point in points], np.float64).reshape(-1, 2),
        strength=np.array([point.response for point in points], np.float64),
        marks=np.asarray(marks, np.uint8) if len(points) else np.empty((0, 32), np.uint8),
        size=np.array(grey.shape[::-1], np.float64),
    )


def _far_from(hidden: Bool, shape: tuple[int, ...]) -> U8:
    """Where a corner's surroundings, 31 px, hold nothing hidden: 255, elsewhere 0."""
    small = cv2.resize(hidden.astype(np.uint8), shape[::-1], interpolation=cv2.INTER_NEAREST)
    return np.asarray(255 * (cv2.dilate(small, np.ones((33, 33), np.uint8)) == 0), np.uint8)


def _fields(share: F64) -> I64:
    """The field of each place (n, 2); (n,)."""
    column, row = np.minimum((share * _FIELDS).astype(np.int64), np.array(_FIELDS) - 1).T
    return np.asarray(row * _FIELDS[0] + column)


def _spread(corners: _Corners) -> I64:
    """The strongest of each field, then the second of each, and so on; none too near another, none that has a twin."""
    order = np.argsort(-corners.strength, kind="stable")
    fields = _fields(corners.xy / corners.size)[order]
    by_field = np.argsort(fields, kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[by_field] = np.arange(len(order)) - np.searchsorted(fields[by_field], fields[by_field])
    keep: list[int] = []
    for i in order[np.argsort(rank, kind="stable")].tolist():
        near = np.hypot(*(corners.xy - corners.xy[i]).T) < _SAME_PLACE_PX
        has_twin = (_bits(corners.marks[i : i + 1], corners.marks)[0][~near] < _TWIN_BITS).any()
        if not has_twin and not near[keep].any():
            keep.append(i)
        if len(keep) == MOST_LANDMARKS:
            break
    return np.array(keep, np.int64)


def _bits(a: U8, b: U8) -> I64:
    """In how many bits the marks a (n, 32) and b (m, 32) differ; (n, m)."""
    wide_a, wide_b = np.ascontiguousarray(a).view(np.uint64), np.ascontiguousarray(b).view(np.uint64)
    return np.asarray(np.bitwise_count(wide_a[:, None] ^ wide_b[None]).sum(axis=2), np.int64)


def _pairs(landmarks: Landmarks, corners: _Corners) -> tuple[F64, F64]:
    """Landmarks and the corners that are surely the same, px (k, 2) each.

    Sure is what is clearly nearer than the next best elsewhere (Lowe 2004); a corner found at two scales is one.
    """
    bits = _bits(landmarks.marks, corners.marks)
    best = bits.argmin(axis=1)
    away = corners.xy[None] - corners.xy[best][:, None]
    rival = np.where(np.hypot(away[..., 0], away[..., 1]) > _SAME_PLACE_PX, bits, 256).min(axis=1)
    least = bits.min(axis=1)
    sure = (least <= _ALIKE_BITS) & (least < _CLEARLY_BETTER * rival)
    return landmarks.xy[sure] * corners.size, corners.xy[best[sure]]


def _similarity(was: F64, now: F64) -> tuple[F64 | None, Bool]:
    """The similarity (2, 3) that takes most of `was` (k, 2) to `now`, None where there is none; who agrees, (k,)."""
    nobody = np.zeros(len(was), np.bool_)
    if len(was) < 3:
        return None, nobody
    motion, agree = cv2.estimateAffinePartial2D(was, now, ransacReprojThreshold=_REACH_PX, confidence=0.999)
    if motion is None or not 0.4 < np.hypot(motion[0, 0], motion[1, 0]) < 2.5:
        return None, nobody
    return np.asarray(motion, np.float64), agree.ravel().astype(np.bool_)


def _is_agreement(share: float, places: F64) -> bool:
    enough = len(places) >= _LEAST_AGREEING and share >= _LEAST_AGREEING_SHARE
    return enough and len(np.unique(_fields(places))) >= _LEAST_FIELDS


def _shift_share(motion: F64, size: F64) -> float:
    side = np.linspace(0, 1, 5)
    places = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2) * size
    shift = places @ motion[:, :2].T + motion[:, 2] - places
    return float(np.sqrt((shift**2).sum(axis=1).mean()) / size[0])


def _detail(grey: U8, fields: I64) -> float:
    """Median over `fields`: a caption in a corner does not make a picture sharp."""
    image = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), _STEPS_PX)
    slope = cv2.Sobel(image, cv2.CV_32F, 1, 0) ** 2 + cv2.Sobel(image, cv2.CV_32F, 0, 1) ** 2
    curve = cv2.Laplacian(image, cv2.CV_32F) ** 2
    slopes, curves = (cv2.resize(side, _FIELDS, interpolation=cv2.INTER_AREA).ravel() for side in (slope / 64, curve))
    return float(np.median(np.sqrt(curves[fields] / (slopes[fields] + 0.5))))


def _is_well_lit(picture: U8) -> bool:
    small = cv2.resize(picture, (64, 48), interpolation=cv2.INTER_AREA).astype(np.float64)
    is_dazzled = (small.mean(axis=2) > 245).mean() > _DAZZLED
    return bool(small.mean() >= _DIM and np.ptp(small, axis=2).mean() >= _COLOURLESS and not is_dazzled)
