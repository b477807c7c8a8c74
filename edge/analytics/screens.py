"""What a screen was worth while a creative was on it: who could see it, who turned to it, and for how long."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, radians

import numpy as np

from edge.analytics.programme import Programme, Showing
from edge.analytics.slots import CAPACITY
from edge.arrays import F64, I8, I64, Bool

VIEWER_S = 1.0
"""Who is turned to a screen for so long while one creative is on has looked at it."""

_TURNED = cos(radians(60))
"""Between where someone looks and the screen: people turn head and eyes so far from where they walk."""

_BEFORE = cos(radians(75))
"""Between where the screen faces and where someone stands: beyond it nothing can be made out."""

_EPS_S = 1e-6


@dataclass(frozen=True, slots=True)
class ScreenPlaces:
    """K screens that can be seen from a camera's plane.

    `zone` i64 (K,) index of the zone they are seen from; `at`, `facing` f64 (K, 2), place and unit vector on the
    plane, NaN where the plane is an image; `camera` f64 (2,): the camera's own place, NaN where it is not known.
    """

    ids: tuple[str, ...]
    zone: I64
    at: F64
    facing: F64
    camera: F64

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def none(cls) -> "ScreenPlaces":
        """There are no screens."""
        nowhere = np.empty((0, 2))
        return cls((), np.empty(0, np.int64), nowhere, nowhere, np.full(2, np.nan))


@dataclass(slots=True)
class ScreenCounts:
    """One screen while one creative was on, added to in place; seconds and people."""

    shown_s: float = 0.0
    ots: int = 0
    viewers: int = 0
    attention_s: float = 0.0


Worth = dict[tuple[int, str | None], ScreenCounts]
"""By screen (index) and creative."""


@dataclass(frozen=True, slots=True)
class Impression:
    """What one showing, told by `since`, was to one person: turned to it for `turned_s`, and whether a viewer."""

    since: float
    turned_s: float
    viewed: bool


class Attention:
    """Follows tracks before screens."""

    def __init__(self, places: ScreenPlaces) -> None:
        self._places = places
        self._index = {screen: k for k, screen in enumerate(places.ids)}
        self._programmes = [Programme() for _ in places.ids]
        rows = (CAPACITY, len(places))
        self._since = np.full(rows, np.nan)
        self._turned_s = np.zeros(rows)
        self._viewed = np.zeros(rows, np.bool_)

    def show(self, screen: str, creative: str | None, t_start: float, t_end: float) -> None:
        """What `screen` shows from `t_start` to `t_end` s UTC; screens that are not seen from here are passed over."""
        if screen in self._index:
            self._programmes[self._index[screen]].show(creative, t_start, t_end)

    def begin(self, rows: I64) -> None:
        """Tracks in `rows` (m,) begin: no showing was told of them."""
        self._since[rows] = np.nan

    def turned(self, xy: F64, heading: F64, facing: I8) -> Bool:
        """Who at `xy` (m, 2) is turned to which screen (m, K).

        `heading` (m, 2): unit vector of where they walk or last walked, 0 where unknown; `facing` (m,) as in `Traits`:
        who shows the camera a face looks towards the camera.
        """
        face: Bool = np.reshape(facing == 1, (-1, 1))
        if np.isnan(self._places.at).any():
            return np.tile(face, len(self._places))
        away = self._places.at - xy[:, None, :]
        distance = np.sqrt((away**2).sum(axis=2))
        before = np.greater_equal(-(away * self._places.facing).sum(axis=2), _BEFORE * distance)
        turned = np.greater_equal((away * heading[:, None, :]).sum(axis=2), _TURNED * distance)
        turned &= np.any(heading, axis=1, keepdims=True)
        if face.any():
            turned |= face & self._towards_camera(xy, away, distance)
        result: Bool = turned & before
        return result

    def _towards_camera(self, xy: F64, away: F64, distance: F64) -> Bool:
        look = self._places.camera - xy
        length = np.sqrt((look**2).sum(axis=1, keepdims=True))
        towards: Bool = (away * look[:, None, :]).sum(axis=2) >= _TURNED * distance * length
        return towards

    def credit(self, rows: I64, counted: Bool, own: Bool, turned: Bool, *, start: float, end: float, to: Worth) -> None:
        """The last observation stood from `start` to `end` s UTC: tracks in `rows` (m,) were before screens.

        `counted` (m, K): in the zone, and followed by this camera; `own` (m, K): in the zone, and in this camera's own
        area; `turned` (m, K).
        """
        for k, programme in enumerate(self._programmes):
            for showing, since, until in programme.between(start, end):
                counts = to.setdefault((k, showing.creative), ScreenCounts())
                counts.shown_s += until - since
                counts.attention_s += float(np.count_nonzero(own[:, k] & turned[:, k])) * (until - since)
                here = counted[:, k]
                if here.any():
                    self._see(rows[here], k, showing, turned[here, k] * (until - since), counts)

    def _see(self, rows: I64, k: int, showing: Showing, turned_s: F64, counts: ScreenCounts) -> None:
        first = self._since[rows, k] != showing.since
        if first.any():
            came = rows[first]
            self._since[came, k], self._turned_s[came, k], self._viewed[came, k] = showing.since, 0.0, False
            counts.ots += len(came)
        self._turned_s[rows, k] += turned_s
        looked = (self._turned_s[rows, k] >= VIEWER_S - _EPS_S) & ~self._viewed[rows, k]
        if looked.any():
            self._viewed[rows[looked], k] = True
            counts.viewers += int(np.count_nonzero(looked))

    def impressions(self, row: int) -> dict[str, Impression]:
        """What the track in `row` saw last of each screen, to go over with it to another camera."""
        return {
            screen: Impression(float(since), float(self._turned_s[row, k]), bool(self._viewed[row, k]))
            for k, (screen, since) in enumerate(zip(self._places.ids, self._since[row], strict=True))
            if since == since  # NaN: nothing  # noqa: PLR0124
        }

    def take_over(self, row: int, impressions: Mapping[str, Impression]) -> None:
        """The track in `row` was followed elsewhere until it came here: its showings are not counted again."""
        for screen, seen in impressions.items():
            k = self._index.get(screen)
            if k is not None and not self._since[row, k] >= seen.since:
                self._since[row, k], self._turned_s[row, k] = seen.since, seen.turned_s
                self._viewed[row, k] = seen.viewed
