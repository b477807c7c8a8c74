"""Whether one camera still looks where it looked at set-up: a look at its background now and then."""

import math
from dataclasses import dataclass

from edge.arrays import U8, Bool, Detections
from edge.vision.landmarks import (
    LEAST_LANDMARKS,
    MOVED_SHARE,
    WIDTH_PX,
    Fit,
    Landmarks,
    Verdict,
    compare,
    find_landmarks,
)
from edge.vision.mask import Mask, people_area
from edge.vision.still import Still

LOOK_S = 30.0
LOOKS_TO_BELIEVE = 3
"""So many looks in a row say the same before it is believed: one bad picture, or a trolley in passing, is no news."""

_BACK_SHARE = 0.7 * MOVED_SHARE
"""A camera that was moved fits again only when it stands well within what is allowed: no news to and fro."""

_REFERENCE_S = 60.0
_REFERENCE_PICTURES = 8


@dataclass(frozen=True, slots=True)
class Change:
    """How the view stands from now on, and the look that settled it. `since_setup`: False where only since start."""

    view: Verdict
    fit: Fit
    since_setup: bool


class Standing:
    """Believes what LOOKS_TO_BELIEVE looks in a row say; a look that says `unknown` is no news at all.

    `moved` stays until the view fits again, also while the camera is blind.
    """

    def __init__(self) -> None:
        self.view: Verdict = "unknown"
        self.moved = False
        self._said: Verdict = "unknown"
        self._times = 0

    def take(self, fit: Fit) -> bool:
        """One more look; whether the view is another one now."""
        verdict = fit.verdict
        if verdict == "fits" and self.moved and (fit.shift_share or 0.0) > _BACK_SHARE:
            verdict = "unknown"
        if verdict == "unknown":
            return False
        self._times = self._times + 1 if verdict == self._said else 1
        self._said = verdict
        if self._times < LOOKS_TO_BELIEVE or verdict == self.view:
            return False
        self.view = verdict
        self.moved = verdict == "moved" or (verdict == "blind" and self.moved)
        return True


class Background:
    """One camera's. Without landmarks of its set-up it takes its own from the first minute, in memory only."""

    def __init__(self, at_setup: Landmarks, mask: Mask) -> None:
        self._mask = mask
        self._since_setup = len(at_setup) >= LEAST_LANDMARKS
        self._landmarks: Landmarks | None = at_setup if self._since_setup else None
        self._is_confirmed = self._since_setup
        self._still = _new_still()
        self._standing = Standing()
        self._next = -math.inf

    @property
    def view(self) -> Verdict:
        """How it stands."""
        return self._standing.view

    @property
    def moved(self) -> bool:
        """Whether places in the picture are not to be relied on."""
        return self._standing.moved

    def show(self, t: float, image: U8, found: Detections) -> Change | None:
        """One picture (h, w, 3) of `t` seconds with who was found in it; what changed by it."""
        period_s = LOOK_S if self._landmarks is not None else _REFERENCE_S / _REFERENCE_PICTURES
        if self._next - LOOK_S <= t < self._next:
            return None
        self._next = t + period_s
        if self._landmarks is None:
            self._collect(image, found)
            return None
        fit = compare(self._landmarks, image, self._hidden(image) | people_area(image.shape, found.xyxy_px))
        if not self._is_confirmed and fit.verdict != "fits":
            self._landmarks = None  # taken in a bad moment
            return None
        self._is_confirmed = True
        return Change(self.view, fit, self._since_setup) if self._standing.take(fit) else None

    def _collect(self, image: U8, found: Detections) -> None:
        self._still.offer(image, found)
        if len(self._still) < _REFERENCE_PICTURES:
            return
        empty, nobody_knows = self._still.median(), self._still.never_free()
        self._still = _new_still()
        if empty is not None and nobody_knows is not None:
            landmarks = find_landmarks(empty, self._hidden(empty) | nobody_knows)
            self._landmarks = landmarks if len(landmarks) >= LEAST_LANDMARKS else None

    def _hidden(self, image: U8) -> Bool:
        return self._mask.area(image.shape)


def _new_still() -> Still:
    return Still(samples=_REFERENCE_PICTURES + 1, width_px=WIDTH_PX)
