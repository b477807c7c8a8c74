"""Tracks of one camera: detections of people in, lasting ids out.

Built from SORT (Bewley et al. 2016), ByteTrack's second look at weak detections (Zhang et al. 2022) and one assignment
over the seen and the lost alike, priced by likelihood, so that who was hidden a moment ago competes with who was not.
"""

from dataclasses import dataclass, field

import numpy as np

from edge.arrays import F64, I64, Bool, Detections, Tracks, TrackState
from edge.tracking.association import Gate, compare, contained, covered, match, sticking_out
from edge.tracking.kalman import MOTION, Gait, Table, begin, correct, predict, to_corners, to_places
from edge.tracking.pace import Pace
from edge.tracking.perspective import Perspective

CONFIRMED = 2
"""Detections that make a track; a single one may be a ghost."""

TRACK = np.dtype(
    [
        ("track_id", np.int64),
        ("confidence", np.float64),
        ("seen_t", np.float64),
        ("glimpsed_t", np.float64),
        ("seen_s", np.float64),
        ("hits", np.int64),
        ("shown", np.float64, (4,)),
        *MOTION,
    ]
)
"""A row of the track table: when last seen and glimpsed, seen how long and how often, and the place that is told."""


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """The scores belong to the detector, the rest to people.

    `low`: weaker detections are of no place, but down to `faint` they tell that someone known is still there; `high`:
    strong enough to call back the lost; `new`: strong enough to begin a track; `crowding`: how much surer yet, as a
    share of what is left to 1, where someone known already stands.
    `memory_s`: how long the lost are waited for; `recent_s`: how long a weak detection will do; `doubt_s`: how long a
    first detection waits for its second. `coast_s`: how long the prediction stands in for someone unseen, once seen
    for `mature_s`. `sharpness`: share of the detection in the told box, the rest is the filter's. `inside_share`: boxes
    with this share inside a better box are dropped; `glimpse_share`: how much of a faint box lies inside the prediction
    that it speaks for. `max_tracks`: no more at once.
    """

    faint: float = 0.2
    low: float = 0.4
    high: float = 0.45
    new: float = 0.55
    crowding: float = 0.5
    memory_s: float = 3.0
    recent_s: float = 0.5
    doubt_s: float = 0.25
    coast_s: float = 0.8
    mature_s: float = 0.3
    sharpness: float = 0.3
    inside_share: float = 0.95
    glimpse_share: float = 0.75
    max_tracks: int = 1024
    gait: Gait = field(default_factory=Gait)
    gate: Gate = field(default_factory=Gate)


class Tracker:
    """Tracks of one camera; memory and time per frame are bounded by `settings.max_tracks`."""

    def __init__(self, settings: TrackerSettings) -> None:
        self._settings = settings
        self._next_id = 1
        self._begin_epoch()

    def update(self, t: float, detections: Detections) -> Tracks:
        """The tracks at `t` (seconds, ascending) after `detections` of people; an empty frame is an observation too.

        Time that steps back counts as no time passing.
        """
        places, scores = self._usable(detections)
        firm = scores >= self._settings.low
        faint, places, scores = places[~firm], places[firm], scores[firm]
        dt_s = self._advance(t)
        free = self._recognise(places, scores)
        self._glimpse(faint)
        self._learn(dt_s)
        ended = self._forget()
        self._welcome(places[free], scores[free])
        return self._tell(ended)

    def restart(self) -> Tracks:
        """The stream broke: whoever was known has ended, and ids go on, so that no two people share one."""
        ended = self._known["track_id"][self._known["hits"] >= CONFIRMED].copy()
        self._begin_epoch()
        return self._tell(ended)

    def _begin_epoch(self) -> None:
        self._t = -np.inf
        self._known: Table = np.empty(0, TRACK)
        self._perspective = Perspective()
        self._pace = Pace(self._settings.gait)
        self._view = np.array([np.inf, np.inf, -np.inf, -np.inf])

    def _usable(self, detections: Detections) -> tuple[F64, F64]:
        """Places (n, 4) and scores (n,), best first, without nonsense and doubles."""
        s = self._settings
        corners, scores = detections.xyxy_px.astype(np.float64), detections.confidence.astype(np.float64)
        sound = np.isfinite(corners).all(axis=1) & (corners[:, 2:] > corners[:, :2]).all(axis=1)
        sound &= scores >= min(s.faint, s.low)
        best = np.flatnonzero(sound)[np.argsort(-scores[sound], kind="stable")]
        best = best[~contained(corners[best], s.inside_share)]
        corners = corners[best]
        self._view[:2] = np.minimum(self._view[:2], corners[:, :2].min(axis=0, initial=np.inf))
        self._view[2:] = np.maximum(self._view[2:], corners[:, 2:].max(axis=0, initial=-np.inf))
        return self._perspective.cut(to_places(corners)), scores[best]

    def _advance(self, t: float) -> float:
        dt_s = max(t - self._t, 0.0) if len(self._known) else 0.0
        self._t = max(t, self._t)
        predict(self._known, dt_s, self._pace.gait)
        self._known["shown"] = self._known["place"]
        return dt_s

    def _recognise(self, places: F64, scores: F64) -> Bool:
        """Give the known what was detected of them; which detections are left over (n,)."""
        s, known = self._settings, self._known
        absent_s = self._t - known["seen_t"]
        sure, strong = known["hits"] >= CONFIRMED, scores >= s.high
        pairs = compare(known, absent_s, places, s.gait, s.gate)
        lost, free = np.ones(len(known), bool), np.ones(len(places), bool)
        sure, strong = sure[pairs.track], strong[pairs.detection]
        recent = absent_s[pairs.track] <= s.recent_s
        for turn in (sure & strong, sure & recent & ~strong, ~sure):
            still = pairs[turn & lost[pairs.track] & free[pairs.detection]]
            if len(still.cost):
                rows, cols = match(still, s.gate.price)
                self._meet(rows, places[cols], scores[cols])
                lost[rows], free[cols] = False, False
        return free

    def _glimpse(self, places: F64) -> None:
        """Faint detections (n, 4) inside the predictions of who was not seen: still there, though not known where."""
        if not len(places):
            return
        missing = np.flatnonzero(self._lately() & (self._known["seen_t"] < self._t))
        pairs = sticking_out(to_corners(self._known["place"][missing]), to_corners(places))
        outside = 1 - self._settings.glimpse_share
        rows, _ = match(pairs[pairs.cost < outside], outside)
        self._known["glimpsed_t"][missing[rows]] = self._t

    def _meet(self, rows: I64, places: F64, scores: F64) -> None:
        known, sharp = self._known, self._settings.sharpness
        correct(known, rows, places, self._settings.gait)
        known["shown"][rows] = sharp * places + (1 - sharp) * known["place"][rows]
        known["confidence"][rows] = scores
        known["seen_t"][rows] = self._t
        known["hits"][rows] += 1

    def _learn(self, dt_s: float) -> None:
        seen = self._known["seen_t"] == self._t
        self._known["seen_s"][seen] += dt_s
        self._perspective.learn(self._t, self._known["shown"][seen])
        self._pace.learn(self._t, self._known[seen & (self._known["seen_s"] >= self._settings.mature_s)])

    def _forget(self) -> I64:
        """Let go of who has been away too long; ids (k,) that had been told."""
        s, known = self._settings, self._known
        sure = known["hits"] >= CONFIRMED
        gone = self._t - known["seen_t"] > np.where(sure, s.memory_s, s.doubt_s)
        if gone.any():
            self._known = known[~gone]
        return known["track_id"][gone & sure]

    def _welcome(self, places: F64, scores: F64) -> None:
        new = self._newcomers(places, scores)
        if not len(new):
            return
        born = np.empty(len(new), TRACK)
        begin(born, places[new], self._settings.gait)
        born["track_id"] = np.arange(self._next_id, self._next_id + len(new))
        born["confidence"], born["shown"] = scores[new], places[new]
        born["seen_t"], born["glimpsed_t"], born["seen_s"], born["hits"] = self._t, -np.inf, 0.0, 1
        self._known = np.concatenate([self._known, born])
        self._next_id += len(new)

    def _newcomers(self, places: F64, scores: F64) -> I64:
        """Which unclaimed detections begin a track: the more of one lies over someone known, the surer it must be."""
        s = self._settings
        new = np.flatnonzero(scores >= s.new)
        if not len(new):
            return new
        known = self._known["shown"][self._known["hits"] >= CONFIRMED]
        surer = s.crowding * (1 - s.new) * covered(to_corners(places[new]), to_corners(known))
        return new[scores[new] >= s.new + surer][: s.max_tracks - len(self._known)]

    def _tell(self, ended: I64) -> Tracks:
        known = self._known
        there = (known["seen_t"] == self._t) | (known["glimpsed_t"] == self._t)
        telling = (known["hits"] >= CONFIRMED) & (there | self._coasting())
        told = known[telling]
        return Tracks(
            track_id=told["track_id"].copy(),
            xyxy_px=to_corners(told["shown"]).astype(np.float32),
            confidence=told["confidence"].astype(np.float32),
            state=np.where(there[telling], TrackState.SEEN, TrackState.COASTED).astype(np.uint8),
            ended=ended,
        )

    def _coasting(self) -> Bool:
        """Whose prediction is worth telling (m,): lately seen, and not on the way out of the view."""
        known = self._known
        x, y, width = known["place"][:, 0], known["place"][:, 1], known["place"][:, 2]
        margin = 0.4 * width
        within = (x - margin > self._view[0]) & (x + margin < self._view[2]) & (y - margin < self._view[3])
        coasting: Bool = within & self._lately()
        return coasting

    def _lately(self) -> Bool:
        """Who was seen long and lately enough for a prediction to be worth something (m,)."""
        s, known = self._settings, self._known
        lately: Bool = (self._t - known["seen_t"] <= s.coast_s) & (known["seen_s"] >= s.mature_s)
        return lately
