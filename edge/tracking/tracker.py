"""Tracks of one camera: detections in, lasting ids out."""

from dataclasses import dataclass, field

import numpy as np

from edge.arrays import F64, I64, Bool, Detections, Tracks, TrackState
from edge.tracking.association import contained, iou, pair
from edge.tracking.kalman import Gait, Motion, to_corners, to_places


def _gait() -> Gait:
    return Gait(pace=np.array([0.4, 0.2, 0.06, 0.06]), measured=np.full(4, 0.1), persistence_s=6.0)


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """Scores belong to the detector, the rest to people.

    `low`: weaker detections are ignored; `high`: strong enough to be paired first; `new`: strong enough to begin a
    track. `memory_s`: how long a person out of sight is waited for. `fastest` body heights per second: nobody is
    paired further than this reaches. `coast_s`: how long a prediction stands in for a missing detection.
    """

    low: float = 0.4
    high: float = 0.45
    new: float = 0.55
    memory_s: float = 2.0
    fastest: float = 1.0
    slack: float = 0.5
    coast_s: float = 0.5
    tentative_s: float = 0.3
    show_s: float = 0.0
    joint: bool = True
    price: float = 5.0
    wsize: float = 0.5
    wdet: float = 1.0
    gate: float = 100.0
    lost_gate: float = 100.0
    min_iou: float = 0.15
    iou_weight: float = 3.0
    contained_share: float = 0.85
    max_tracks: int = 1024
    gait: Gait = field(default_factory=_gait)


@dataclass(frozen=True, slots=True)
class _Known:
    """State of all living tracks, in order of birth: every array has one row per track."""

    track_id: I64
    motion: Motion
    confidence: F64
    seen_t: F64
    hits: I64

    def __len__(self) -> int:
        return len(self.track_id)

    def __getitem__(self, keep: Bool | I64) -> "_Known":
        return _Known(self.track_id[keep], self.motion[keep], self.confidence[keep], self.seen_t[keep], self.hits[keep])

    def join(self, other: "_Known") -> "_Known":
        return _Known(
            np.concatenate([self.track_id, other.track_id]),
            self.motion.join(other.motion),
            np.concatenate([self.confidence, other.confidence]),
            np.concatenate([self.seen_t, other.seen_t]),
            np.concatenate([self.hits, other.hits]),
        )


class Tracker:
    """Tracks of one camera."""

    def __init__(self, settings: TrackerSettings) -> None:
        self._settings = settings
        self._next_id = 1
        self._t = -np.inf
        self._known = self._born(np.empty((0, 4)), np.empty(0), 0.0)

    def update(self, t: float, detections: Detections) -> Tracks:
        """The tracks at `t` seconds, after what was detected then."""
        places, scores = self._usable(detections)
        self._advance(t)
        free = self._recognise(t, places, scores)
        ended = self._forget(t)
        self._welcome(t, places[free], scores[free])
        self._t = t
        return self._seen(t, ended)

    def restart(self) -> Tracks:
        """A new epoch: whoever was known has ended; ids go on."""
        ended = self._known.track_id[self._known.hits > 1]
        self._known = self._known[np.zeros(len(self._known), bool)]
        self._t = -np.inf
        return self._seen(self._t, ended)

    def _usable(self, detections: Detections) -> tuple[F64, F64]:
        boxes, scores = detections.xyxy_px.astype(float), detections.confidence.astype(float)
        keep = (
            (scores >= self._settings.low) & np.isfinite(boxes).all(axis=1) & (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
        )
        order = np.flatnonzero(keep)[np.argsort(-scores[keep], kind="stable")]
        order = order[~contained(boxes[order], self._settings.contained_share)]
        return to_places(boxes[order]), scores[order]

    def _advance(self, t: float) -> None:
        k = self._known
        dt = max(t - self._t, 0.0) if len(k) else 0.0
        self._known = _Known(k.track_id, k.motion.predict(dt, self._settings.gait), k.confidence, k.seen_t, k.hits)

    def _recognise(self, t: float, places: F64, scores: F64) -> I64:
        s, k = self._settings, self._known
        rows_free, cols_free = np.arange(len(k)), np.arange(len(places))
        if not len(k) or not len(places):
            return cols_free
        cost, near, overlapping = self._compare(t, places, scores)
        fresh = t - k.seen_t < s.coast_s + 1e-9
        strong = scores >= s.high
        rows_all, cols_all = [], []
        stages = (
            (
                (((k.hits > 1) | fresh)[:, None] & strong & near & (overlapping | ~fresh[:, None])),
                (((k.hits > 1) | fresh)[:, None] & near & (overlapping | ~fresh[:, None])),
            )
            if s.joint
            else (
                (fresh[:, None] & strong & near & overlapping),
                (fresh[:, None] & near & overlapping),
                ((k.hits > 1)[:, None] & strong & near),
            )
        )
        for possible in stages:
            c = cost[np.ix_(rows_free, cols_free)]
            rows, cols = pair(
                np.minimum(c, s.price) + 100, possible[np.ix_(rows_free, cols_free)] & (c < s.price), s.price + 100
            )
            rows_all.append(rows_free[rows])
            cols_all.append(cols_free[cols])
            rows_free, cols_free = np.delete(rows_free, rows), np.delete(cols_free, cols)
        self._correct(t, np.concatenate(rows_all), np.concatenate(cols_all), places, scores)
        return cols_free

    def _compare(self, t: float, places: F64, scores: F64) -> tuple[F64, Bool, Bool]:
        s, k = self._settings, self._known
        noise = s.gait.measured**2
        away = (places[None] - k.motion.place[:, None]) / k.motion.place[:, None, 3:]
        doubt = k.motion.place_var + noise
        d2 = (away**2 / doubt[:, None])[..., :2].sum(-1)
        size = away[..., 3] ** 2 / doubt[:, None, 3]
        reach = s.slack + s.fastest * (t - k.seen_t)
        dist = np.hypot(away[..., 0], away[..., 1])
        over = iou(to_corners(k.motion.place), to_corners(places))
        cost = d2 + s.wsize * size + s.wdet * np.log(doubt[:, :2]).sum(1)[:, None] + s.iou_weight * (1 - over)
        near = dist < reach[:, None]
        overlapping = over > s.min_iou
        return cost, near & ((d2 < s.gate) | overlapping), overlapping | (d2 < s.lost_gate)

    def _correct(self, t: float, rows: I64, cols: I64, places: F64, scores: F64) -> None:
        k = self._known
        seen = k.motion[rows].correct(places[cols], np.broadcast_to(self._settings.gait.measured**2, (len(rows), 4)))
        for name in ("place", "speed", "place_var", "cross_var", "speed_var"):
            getattr(k.motion, name)[rows] = getattr(seen, name)
        k.confidence[rows] = scores[cols]
        k.seen_t[rows] = t
        k.hits[rows] += 1

    def _forget(self, t: float) -> I64:
        k, s = self._known, self._settings
        patience = np.where(k.hits > 1, s.memory_s, s.tentative_s)
        gone = t - k.seen_t > patience
        ended = k.track_id[gone & (k.hits > 1)]
        self._known = k[~gone]
        return ended

    def _born(self, places: F64, scores: F64, t: float) -> _Known:
        n = len(places)
        ids = np.arange(self._next_id, self._next_id + n)
        self._next_id += n
        return _Known(ids, Motion.begin(places, self._settings.gait), scores, np.full(n, t), np.ones(n, np.int64))

    def _welcome(self, t: float, places: F64, scores: F64) -> None:
        new = scores >= self._settings.new
        room = max(self._settings.max_tracks - len(self._known), 0)
        self._known = self._known.join(self._born(places[new][:room], scores[new][:room], t))

    def _seen(self, t: float, ended: I64) -> Tracks:
        s = self._settings
        shown = self._known[(self._known.hits > 1) & (t - self._known.seen_t <= s.show_s)]
        state = np.where(shown.seen_t == t, TrackState.SEEN, TrackState.COASTED).astype(np.uint8)
        boxes = to_corners(shown.motion.place).astype(np.float32)
        return Tracks(shown.track_id, boxes, shown.confidence.astype(np.float32), state, ended)
