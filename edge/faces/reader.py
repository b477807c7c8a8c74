"""Age, gender and facing of one camera's tracks: a look at each face now and then, and what the looks add up to.

Pictures and faces are looked at and let go. What is kept per track are sums of probabilities, until it ends.
"""

import math

import numpy as np

from edge.analytics.slots import CAPACITY, Slots
from edge.arrays import F64, I64, Bool, Faces, Frame, Tracks, TrackState
from edge.faces.centerface import FoundFaces
from edge.faces.crops import cut_square, frontal, head_squares
from edge.faces.networks import Networks
from edge.faces.votes import Votes

LEAST_FACE_PX = 48.0
"""Height from brow to chin in the camera's own pixels; below it nothing is said of age or gender."""

LOOK_EVERY_S = 0.5
"""Between two looks at the same track."""

MOST_LOOKS = 2
"""In one picture; those who waited longest come first, so that each of a crowd is looked at less often."""

_LOOK_HOLDS_S = 2.0
_LEAST_SQUARE_PX = 48.0
"""Of the square at the head: in a smaller one no face is found at all."""

_MOST_TURNED_TO_JUDGE = 0.25
_MOST_TURNED_TO_FACE = 0.4
"""How far aside of the middle the nose may be, in distances between the eyes, to judge a face, or to call it facing."""

_GENDER_LEAST = 0.8
_AGE_LEAST = 0.5


class FaceReader:
    """One per camera; the `networks` may serve several."""

    def __init__(self, networks: Networks) -> None:
        self._networks = networks
        self._slots = Slots()
        self._looked_at = np.full(CAPACITY, -math.inf)
        self._faces_us = np.zeros(CAPACITY, np.bool_)
        self._gender = Votes(2, least_share=_GENDER_LEAST)
        self._age = Votes(4, least_share=_AGE_LEAST)
        self._t = -math.inf

    def look(self, frame: Frame, tracks: Tracks) -> None:
        """Look at the faces of those whose turn it is; who `ended` is forgotten."""
        self._forget(self._slots.release(tracks.ended))
        rows, new = self._slots.take(tracks.track_id)
        self._forget(rows[new])
        self._t = frame.t
        squares = head_squares(tracks.xyxy_px)
        for k in self._due(rows, (tracks.state == TrackState.SEEN) & (squares[:, 2] >= _LEAST_SQUARE_PX)):
            self._look_at(frame, squares[k], int(rows[k]))

    def traits(self, track_id: I64) -> Faces:
        """What is known of `track_id` (m,) by now."""
        rows = self._slots.find(track_id)
        known = rows >= 0
        recent = known & (self._t - self._looked_at[rows] <= _LOOK_HOLDS_S)
        return Faces(
            gender=np.where(known, self._gender.result(rows), -1).astype(np.int8),
            age=np.where(known, self._age.result(rows), -1).astype(np.int8),
            facing=np.where(recent, self._faces_us[rows], -1).astype(np.int8),
        )

    def restart(self) -> None:
        """A new stream: nobody is known any more."""
        self._forget(self._slots.release_all())

    def _forget(self, rows: I64) -> None:
        self._looked_at[rows] = -math.inf
        self._faces_us[rows] = False
        self._gender.forget(rows)
        self._age.forget(rows)

    def _due(self, rows: I64, visible: Bool) -> I64:
        """Whom of those in `rows` (m,), and `visible` (m,), to look at now; longest waiting first."""
        waited = self._t - self._looked_at[rows]
        longest_first = np.argsort(-waited, kind="stable")
        return longest_first[(visible & (waited >= LOOK_EVERY_S))[longest_first]][:MOST_LOOKS]

    def _look_at(self, frame: Frame, square: F64, row: int) -> None:
        finder = self._networks.finder
        found = finder.find(cut_square(frame.image, square, finder.side))
        best = _foremost(found, finder.side)
        self._looked_at[row] = frame.t
        self._faces_us[row] = best is not None and frontal(found.points_px[best], _MOST_TURNED_TO_FACE)
        if best is None:
            return
        left, top, side_px = square
        scale = np.float32(side_px / finder.side)
        height_px = (found.xyxy_px[best, 3] - found.xyxy_px[best, 1]) * scale
        points_px = found.points_px[best] * scale + np.array([left, top], np.float32)
        if height_px >= LEAST_FACE_PX and frontal(points_px, _MOST_TURNED_TO_JUDGE):
            self._gender.add(row, self._networks.gender.judge(frame.image, points_px))
            self._age.add(row, self._networks.age.judge(frame.image, points_px))


def _foremost(found: FoundFaces, side: int) -> int | None:
    """The surest face in the middle third of the square: faces beside it are somebody else's."""
    middle = (found.xyxy_px[:, 0] + found.xyxy_px[:, 2]) / (2 * side)
    inside = np.abs(middle - 0.5) <= 1 / 6
    return int(np.argmax(np.where(inside, found.score, -1.0))) if inside.any() else None
