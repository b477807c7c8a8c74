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
from edge.vision.boxes import iou, surest_first, without_rivals

WITH_S, WITH_SHARE = 1.5, 0.3
"""Seconds of going together that are needed, and their share of the time that the person was seen to move."""

AT_VEHICLE_S = 8.0
"""Who stands so long at a vehicle has come by it, or will go by it."""

_WALKED_ON_S = 2.0
"""So much less someone stood at a vehicle for each step; walkers do one in half a second."""

_MEMORY_S = 30.0
_STEP, _LOST = 0.4, 1.5
"""In heights of the person: after such a step it is asked what moved along; what was not seen for so long is left."""

_ALIKE, _LOOSE = 0.4, 0.15
"""By so much of the person's step may the other's differ, and by so much of their height: a parked thing differs by all
of the step, and the next one in a rack is another."""

EVERY_S = 0.25
"""Looking seldom costs less."""

_EPS_S = 1e-6
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


class TransportFinder:
    """Follows the tracks of one camera, and what may belong to them: a row per track, a column per class."""

    def __init__(self, classes: Mapping[int, Transport], *, least_score: float) -> None:
        """`classes`: the model's class ids of what is looked for; what is less sure than `least_score` is not."""
        self.classes = classes
        self._least_score = least_score
        self._column = np.zeros(max(classes, default=0) + 1, np.int64)
        self._column[list(classes)] = np.arange(len(classes))
        self._fits = _Fits.of([_FITS[name] for name in classes.values()])
        self._bits = np.array([1 << TRANSPORT.index(name) for name in classes.values()], np.uint16)
        self.restart()

    def restart(self) -> None:
        """A new stream: nobody is known any more."""
        self._t = -np.inf
        self._ids: I64 = np.empty(0, np.int64)
        self._rows = _Rows.of(0, len(self.classes))
        self._told: U16 = np.zeros(0, np.uint16)

    def step(self, t: float, tracks: Tracks, others: Detections) -> U16:
        """Advance to `t`, with everything found that is no person; what each track is with, as in `Traits` (m,)."""
        at = self._follow(tracks)
        dt = min(t - self._t, _MOST_DT_S)
        if dt >= EVERY_S - _EPS_S:
            self._t = t
            seen = tracks.state == TrackState.SEEN
            people = tracks.xyxy_px[seen].astype(np.float64)
            self._rows.advance(at[seen], people, self._nearest(people, others), self._fits.is_vehicle, dt=dt)
            self._told = (self._rows.belongs(self._fits.is_vehicle) * self._bits).sum(axis=1, dtype=np.uint16)
        result: U16 = self._told[at]
        return result

    def _follow(self, tracks: Tracks) -> I64:
        """A row for each living track, in the order of their ids; those of `tracks` (m,)."""
        at = np.searchsorted(self._ids, tracks.track_id)
        if not len(tracks.ended) and (at < len(self._ids)).all() and (self._ids[at] == tracks.track_id).all():
            return at
        new = np.setdiff1d(tracks.track_id, self._ids, assume_unique=True)
        stay = ~np.isin(self._ids, tracks.ended)
        order = np.argsort(np.concatenate([self._ids[stay], new]))
        self._ids = np.concatenate([self._ids[stay], new])[order]
        self._told = np.concatenate([self._told[stay], np.zeros(len(new), np.uint16)])[order]
        self._rows = self._rows[stay].followed_by(_Rows.of(len(new), len(self.classes)))[order]
        return np.searchsorted(self._ids, tracks.track_id)

    def _nearest(self, people: F64, others: Detections) -> "_Nearest":
        """Per person and class, the nearest that lies where such a thing would."""
        count = (len(people), len(self.classes))
        has, places = np.zeros(count, np.bool_), np.zeros((*count, 2))
        things = _once(others, self._least_score)
        if not len(things) or not len(people):
            return _Nearest(has, places)
        column, box = self._column[others.class_id[things]], others.xyxy_px[things].astype(np.float64)
        away = self._fits.away(people, box, column)
        sole = np.arange(len(people))[:, None] == away.argmin(axis=0)
        away = np.where(sole | self._fits.is_vehicle[column], away, np.inf)
        middle = _middle(box)
        for c in range(len(self.classes)):
            of_class = np.flatnonzero(column == c)
            if not len(of_class):
                continue
            best = of_class[away[:, of_class].argmin(axis=1)]
            has[:, c] = np.isfinite(away[np.arange(len(people)), best])
            places[:, c] = middle[best]
        return _Nearest(has, places)


class _Nearest(NamedTuple):
    """`has` bool (m, C): a thing of the class; `places` f64 (m, C, 2): its middle, px."""

    has: Bool
    places: F64


@dataclass(frozen=True, slots=True)
class _Fits:
    """`_Fit` of C classes, as arrays (C,), or (C, 2) from and to."""

    beside: F64
    bottom: F64
    height: F64
    is_vehicle: Bool

    @classmethod
    def of(cls, fits: list[_Fit]) -> "_Fits":
        return cls(
            np.array([fit.beside for fit in fits]),
            np.array([fit.bottom for fit in fits]).reshape(-1, 2),
            np.array([fit.height for fit in fits]).reshape(-1, 2),
            np.array([fit.is_vehicle for fit in fits], np.bool_),
        )

    def away(self, people: F64, box: F64, column: I64) -> F64:
        """How far things (k, 4) of classes (k,) are beside people (m, 4), in their heights; infinite if none fits."""
        tall = (people[:, 3] - people[:, 1])[:, None].clip(1.0)
        half = (box[:, 2] - box[:, 0]) / 2 * self.is_vehicle[column]
        beside = (np.abs(_middle(people)[:, :1] - _middle(box)[:, 0]) - half).clip(0) / tall
        bottom = (box[:, 3] - people[:, 3:]) / tall
        height = (box[:, 3] - box[:, 1]) / tall
        low, high = self.bottom[column].T
        least, most = self.height[column].T
        fits = (
            (beside <= self.beside[column]) & (low <= bottom) & (bottom <= high) & (least <= height) & (height <= most)
        )
        return np.where(fits, beside, np.inf)


@dataclass(slots=True)
class _Rows:
    """Of n tracks: seconds of moving (n,), and per class (n, C) with a thing, still at one, and since the last step.

    `own_from` (n, 2), `person_from`, `thing_from` (n, C, 2): since where steps are measured, px; NaN: nowhere yet.
    """

    moving_s: F64
    own_s: F64
    own_from: F64
    with_s: F64
    still_s: F64
    pending_s: F64
    person_from: F64
    thing_from: F64

    @classmethod
    def of(cls, n: int, classes: int) -> "_Rows":
        """Nothing is known of n tracks."""
        seconds = (np.zeros((n, classes)) for _ in range(3))
        places = (np.full((n, classes, 2), np.nan) for _ in range(2))
        return cls(np.zeros(n), np.zeros(n), np.full((n, 2), np.nan), *seconds, *places)

    def __getitem__(self, keep: Bool | I64) -> "_Rows":
        return _Rows(*(getattr(self, name)[keep] for name in self.__slots__))

    def followed_by(self, other: "_Rows") -> "_Rows":
        """These, then those of `other`."""
        return _Rows(*(np.concatenate([getattr(self, name), getattr(other, name)]) for name in self.__slots__))

    def advance(self, rows: I64, people: F64, nearest: _Nearest, is_vehicle: Bool, *, dt: float) -> None:
        """`people` (m, 4) in `rows` (m,) were seen, `dt` seconds after the look before."""
        kept = np.exp(-dt / _MEMORY_S)
        self.with_s *= kept
        self.moving_s *= kept
        tall, middle = (people[:, 3] - people[:, 1]).clip(1.0), _middle(people)
        self._move(rows, middle, tall, dt)
        asked = nearest.has.any(axis=1) | self.pending_s[rows].any(axis=1) | self.still_s[rows].any(axis=1)
        if asked.any():
            things = _Nearest(nearest.has[asked], nearest.places[asked])
            self._go_along(rows[asked], middle[asked, None, :], tall[asked, None], things, is_vehicle, dt=dt)

    def _move(self, rows: I64, middle: F64, tall: F64, dt: float) -> None:
        """Time is moving time once it brought the person a step on."""
        begun = self.own_from[rows]
        new = np.isnan(begun[:, 0])
        stepped = _length(middle - begun) >= _STEP * tall
        own_s = np.minimum(self.own_s[rows] + dt, 2 * _MOST_DT_S)
        self.moving_s[rows] += np.where(stepped, own_s, 0.0)
        over = stepped | new
        self.own_s[rows] = np.where(over, 0.0, own_s)
        self.own_from[rows] = np.where(over[:, None], middle, begun)

    def _go_along(self, rows: I64, middle: F64, tall: F64, nearest: _Nearest, is_vehicle: Bool, *, dt: float) -> None:
        """After each step of a person (m, 1) it is asked of each thing (m, C) whether it made the same."""
        has, places = nearest
        person_from, thing_from = self.person_from[rows], self.thing_from[rows]
        way = middle - person_from
        step = _length(way)
        new = has & np.isnan(step)
        left = ~has & (step > _LOST * tall)
        moved = has & (step >= _STEP * tall)
        apart = has & (_length(places - thing_from - way) > np.maximum(_ALIKE * step, _LOOSE * tall))
        pending = self.pending_s[rows] + dt * (has & ~new)
        gained = np.where(apart, -pending, np.where(moved, pending, 0.0))
        self.with_s[rows] = (self.with_s[rows] + gained).clip(0)
        stood = is_vehicle * (self.still_s[rows] + dt * has - _WALKED_ON_S * moved).clip(0)
        self.still_s[rows] = np.where(left, 0.0, stood)
        asked = moved | apart | new
        self.pending_s[rows] = np.where(asked | left, 0.0, pending)
        again, gone = asked[:, :, None], left[:, :, None]
        self.person_from[rows] = np.where(gone, np.nan, np.where(again, middle, person_from))
        self.thing_from[rows] = np.where(gone, np.nan, np.where(again, places, thing_from))

    def belongs(self, is_vehicle: Bool) -> Bool:
        """Which things are with which tracks (n, C)."""
        along = (self.with_s >= WITH_S) & (self.with_s >= WITH_SHARE * self.moving_s[:, None])
        return along | (is_vehicle & (self.still_s >= AT_VEHICLE_S))


def _once(found: Detections, least_score: float) -> I64:
    """Which detections are things, each once, as what it most probably is."""
    order = surest_first(found)
    order = order[found.confidence[order] >= least_score]
    boxes = found.xyxy_px[order]
    return order[without_rivals(iou(boxes, boxes) > _SAME_THING_IOU)]


def _middle(box: F64) -> F64:
    """Of boxes (n, 4); (n, 2)."""
    result: F64 = (box[:, :2] + box[:, 2:]) / 2
    return result


def _length(vectors: F64) -> F64:
    result: F64 = np.sqrt((vectors**2).sum(axis=-1))
    return result
