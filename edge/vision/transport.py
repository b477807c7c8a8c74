"""Who is with a bicycle, a suitcase, a car: other detections that go where a person goes, over seconds.

Standing beside something says nothing: walkers pass parked cars, shoppers stand before a shelf of bags. What counts is
that both move, and alike. Only vehicles also count by standing at them for long.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from contract.segments import TRANSPORT, Transport
from edge.arrays import F64, I64, U16, Bool, Detections, Tracks, TrackState
from edge.vision.boxes import non_maximum_suppression

WITH_S, WITH_SHARE = 1.5, 0.3
"""Seconds of going together that are needed, and their share of the time that the person was seen to move."""

AT_VEHICLE_S = 8.0
"""Who stands so long at a vehicle has come by it, or will go by it."""

_WALKED_ON_S = 2.0
"""So much less someone stood at a vehicle for each step; walkers do one in half a second."""

_MEMORY_S = 30.0
_STEP, _LOST = 0.4, 1.5
"""In heights of the person: after such a step it is asked what moved along; what was not seen for so long is left."""

_ALIKE = 0.4
"""By so much of the person's step may the other's differ: a parked thing differs by all of it."""

_SAME_THING_IOU = 0.6
_MOST_DT_S = 1.0


@dataclass(frozen=True, slots=True)
class _Fit:
    """Where a thing lies by a person it belongs to, in heights of the person.

    `beside`: its middle from theirs, or for vehicles its nearer side from theirs; `bottom`: its lower edge below their
    feet; `height`: its own.
    """

    beside: float
    bottom: tuple[float, float]
    height: tuple[float, float]
    is_vehicle: bool = False


_FITS: dict[Transport, _Fit] = {
    "bicycle": _Fit(0.7, (-0.4, 0.3), (0.25, 1.1)),
    "motorcycle": _Fit(0.7, (-0.4, 0.3), (0.25, 1.1)),
    "car": _Fit(0.4, (-0.6, 0.8), (0.5, 4.0), is_vehicle=True),
    "bus": _Fit(0.4, (-0.6, 0.8), (0.8, 8.0), is_vehicle=True),
    "truck": _Fit(0.4, (-0.6, 0.8), (0.6, 8.0), is_vehicle=True),
    "suitcase": _Fit(0.7, (-0.4, 0.2), (0.12, 0.7)),
    "backpack": _Fit(0.4, (-0.75, -0.15), (0.1, 0.5)),
    "handbag": _Fit(0.45, (-0.7, 0.05), (0.06, 0.4)),
    "umbrella": _Fit(0.5, (-1.2, -0.1), (0.08, 0.9)),
    "skateboard": _Fit(0.4, (-0.2, 0.15), (0.02, 0.3)),
    "dog": _Fit(1.2, (-0.3, 0.3), (0.12, 0.7)),
    "stroller": _Fit(0.9, (-0.3, 0.3), (0.3, 0.9)),
    "cart": _Fit(0.9, (-0.3, 0.3), (0.3, 1.0)),
}
_C = len(TRANSPORT)
_BESIDE = np.array([_FITS[name].beside for name in TRANSPORT])
_BOTTOM = np.array([_FITS[name].bottom for name in TRANSPORT])
_HEIGHT = np.array([_FITS[name].height for name in TRANSPORT])
_VEHICLE = np.array([_FITS[name].is_vehicle for name in TRANSPORT])
_BITS = (1 << np.arange(_C)).astype(np.uint16)


class _Nearest(NamedTuple):
    """`has` bool (m, C): a thing of the class; `places` f64 (m, C, 2): its middle, px."""

    has: Bool
    places: F64


class TransportFinder:
    """Follows the tracks of one camera, and what may belong to them; per class, a row per track."""

    def __init__(self, classes: Mapping[int, Transport], *, least_score: float) -> None:
        """`classes`: the model's class ids of what is looked for; what is less sure than `least_score` is not."""
        self.classes = classes
        self._least_score = least_score
        self._column = np.full(max(classes, default=0) + 1, -1)
        for class_id, name in classes.items():
            self._column[class_id] = TRANSPORT.index(name)
        self.restart()

    def restart(self) -> None:
        """A new stream: nobody is known any more."""
        self._t = -np.inf
        self._ids: I64 = np.empty(0, np.int64)
        self._state: _Rows = np.zeros(0, _ROW)

    def step(self, t: float, tracks: Tracks, others: Detections) -> U16:
        """Advance to `t`, with everything found that is no person; what each track is with, as in `Traits` (m,)."""
        dt = min(t - self._t, _MOST_DT_S)
        self._t = t
        self._follow(tracks)
        seen = tracks.state == TrackState.SEEN
        if dt > 0 and seen.any():
            people = tracks.xyxy_px[seen].astype(np.float64)
            rows = np.searchsorted(self._ids, tracks.track_id[seen])
            self._state[rows] = _advanced(self._state[rows], people, self._nearest(people, others), dt)
        result: U16 = self._told()[np.searchsorted(self._ids, tracks.track_id)]
        return result

    def _follow(self, tracks: Tracks) -> None:
        """A row for each living track, in the order of their ids."""
        ids = np.setdiff1d(np.union1d(self._ids, tracks.track_id), tracks.ended)
        state = np.zeros(len(ids), _ROW)
        state["own_from"], state["person_from"] = np.nan, np.nan
        known = np.isin(ids, self._ids)
        state[known] = self._state[np.searchsorted(self._ids, ids[known])]
        self._ids, self._state = ids, state

    def _nearest(self, people: F64, others: Detections) -> _Nearest:
        """Per person and class, the nearest that lies where such a thing would."""
        has, places = np.zeros((len(people), _C), np.bool_), np.zeros((len(people), _C, 2))
        things = self._things(others)
        if not len(things):
            return _Nearest(has, places)
        column, box = self._column[things.class_id], things.xyxy_px.astype(np.float64)
        away = _away(people, box, column)
        sole = np.arange(len(people))[:, None] == away.argmin(axis=0)
        away = np.where(sole | _VEHICLE[column], away, np.inf)
        middle = np.stack([box[:, [0, 2]].mean(axis=1), box[:, [1, 3]].mean(axis=1)], axis=1)
        for c in np.unique(column).tolist():
            of_class = np.flatnonzero(column == c)
            best = of_class[away[:, of_class].argmin(axis=1)]
            has[:, c] = np.isfinite(away[np.arange(len(people)), best])
            places[:, c] = middle[best]
        return _Nearest(has, places)

    def _things(self, others: Detections) -> Detections:
        """Each thing once, as what it most probably is."""
        sure = others[others.confidence >= self._least_score]
        alike = Detections(sure.xyxy_px, sure.confidence, np.zeros(len(sure), np.int16))
        if not len(sure):
            return sure
        kept = non_maximum_suppression(alike, _SAME_THING_IOU)
        first = [int(np.flatnonzero((sure.xyxy_px == box).all(axis=1))[0]) for box in kept.xyxy_px]
        return sure[np.array(first, np.int64)]

    def _told(self) -> U16:
        moving_s = self._state["moving_s"][:, None]
        along = (self._state["with_s"] >= WITH_S) & (self._state["with_s"] >= WITH_SHARE * moving_s)
        at_it = _VEHICLE & (self._state["still_s"] >= AT_VEHICLE_S)
        result: U16 = ((along | at_it) * _BITS).sum(axis=1).astype(np.uint16)
        return result


_Rows = np.ndarray[tuple[int, ...], np.dtype[np.void]]
_ROW = np.dtype(
    [
        ("moving_s", np.float64),
        ("own_from", np.float64, 2),
        ("own_s", np.float64),
        ("with_s", np.float64, _C),
        ("still_s", np.float64, _C),
        ("pending_s", np.float64, _C),
        ("person_from", np.float64, (_C, 2)),
        ("thing_from", np.float64, (_C, 2)),
    ]
)
"""Of one track: seconds of moving, with each thing, and still at each; since where from steps are measured."""


def _away(people: F64, box: F64, column: I64) -> F64:
    """How far things (k, 4) of classes (k,) are beside people (m, 4), in their heights; infinite where none fits."""
    tall = (people[:, 3] - people[:, 1])[:, None].clip(1.0)
    half = (box[:, 2] - box[:, 0]) / 2 * _VEHICLE[column]
    apart = np.abs(people[:, [0, 2]].mean(axis=1)[:, None] - box[:, [0, 2]].mean(axis=1))
    beside = (apart - half).clip(0) / tall
    bottom = (box[:, 3] - people[:, 3][:, None]) / tall
    height = (box[:, 3] - box[:, 1]) / tall
    low, high = _BOTTOM[column].T
    least, most = _HEIGHT[column].T
    fits = (beside <= _BESIDE[column]) & (low <= bottom) & (bottom <= high) & (least <= height) & (height <= most)
    return np.where(fits, beside, np.inf)


def _advanced(now: _Rows, people: F64, nearest: _Nearest, dt: float) -> _Rows:
    """Rows (m,) of `people` (m, 4) after `dt` seconds more."""
    tall = (people[:, 3] - people[:, 1]).clip(1.0)
    middle = np.stack([people[:, [0, 2]].mean(axis=1), people[:, [1, 3]].mean(axis=1)], axis=1)
    kept = np.exp(-dt / _MEMORY_S)
    for name in ("with_s", "moving_s"):
        now[name] *= kept
    _move(now, middle, tall, dt)
    _go_along(now, middle[:, None, :], tall[:, None], nearest, dt)
    return now


def _move(now: _Rows, middle: F64, tall: F64, dt: float) -> None:
    """Time is moving time once it brought the person a step on."""
    new = np.isnan(now["own_from"][:, 0])
    stepped = np.linalg.norm(middle - now["own_from"], axis=1) >= _STEP * tall
    now["own_s"] = np.minimum(now["own_s"] + dt, 2 * _MOST_DT_S)
    now["moving_s"] += np.where(stepped, now["own_s"], 0.0)
    now["own_s"] = np.where(stepped | new, 0.0, now["own_s"])
    now["own_from"] = np.where((stepped | new)[:, None], middle, now["own_from"])


def _go_along(now: _Rows, middle: F64, tall: F64, nearest: _Nearest, dt: float) -> None:
    """After each step of a person (m, 1) it is asked of each thing (m, C) whether it made the same."""
    has, places = nearest
    way, its_way = middle - now["person_from"], places - now["thing_from"]
    step = np.linalg.norm(way, axis=2)
    new = has & np.isnan(step)
    left = ~has & (step > _LOST * tall)
    moved = has & (step >= _STEP * tall)
    alike = np.linalg.norm(its_way - way, axis=2) <= _ALIKE * step
    pending = now["pending_s"] + dt * (has & ~new)
    now["with_s"] = (now["with_s"] + np.where(moved, np.where(alike, pending, -pending), 0.0)).clip(0)
    now["still_s"] = (now["still_s"] + np.where(has, dt, 0.0) - np.where(moved, _WALKED_ON_S, 0.0)).clip(0)
    now["still_s"][left] = 0.0
    now["pending_s"] = np.where(moved | new | left, 0.0, pending)
    again = (moved | new)[:, :, None]
    gone = left[:, :, None]
    now["person_from"] = np.where(gone, np.nan, np.where(again, middle, now["person_from"]))
    now["thing_from"] = np.where(gone, np.nan, np.where(again, places, now["thing_from"]))
