"""Who is who: what it costs to take a detection for a track, and the cheapest pairing.

The cost is twice the negative log-likelihood of the detection under the track's prediction (Bar-Shalom, Fortmann 1988:
the spread counts too, so that a track that could be anywhere does not take what fits another closely), plus the boxes'
lack of overlap, which tells neighbours in a crowd apart better than their feet do.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from edge.arrays import F64, I64, Bool
from edge.tracking.kalman import Gait, Table, to_corners

FOOT_X, FOOT_Y, WIDTH, HEIGHT = range(4)


@dataclass(frozen=True, slots=True)
class Gate:
    """What makes a pair likely.

    `height_weight`, `overlap_weight`: of the height's surprise and of 1 - IoU beside the foot's surprise (the height
    counts less than full, because a hidden foot spoils both at once). `absence_per_s`: how much less likely a person
    is to return with each second away. `price`: cost up to which a pair is believed. `fastest` body heights per
    second and `slack` body heights: nobody is taken for someone further away than this reaches.
    """

    height_weight: float = 0.5
    overlap_weight: float = 3.0
    absence_per_s: float = 1.5
    price: float = 4.5
    fastest: float = 1.5
    slack: float = 0.5


@dataclass(frozen=True, slots=True)
class Pairs:
    """Tracks and detections who may be one: `track` (k,) and `detection` (k,) are indices, `cost` (k,)."""

    track: I64
    detection: I64
    cost: F64

    def __getitem__(self, keep: Bool) -> "Pairs":
        return Pairs(self.track[keep], self.detection[keep], self.cost[keep])


def within(low: F64, high: F64, values: F64) -> tuple[I64, I64]:
    """Which `values` (n,) lie between `low` and `high` (m,): indices (k,) of intervals, ascending, and of values.

    Sorting finds them without looking at all m × n pairs.
    """
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    first = ordered.searchsorted(low)
    count = np.maximum(ordered.searchsorted(high) - first, 0)
    interval = np.repeat(np.arange(len(low)), count)
    start = first - count.cumsum() + count
    return interval, order[start[interval] + np.arange(len(interval))]


def overlap(a: F64, b: F64) -> F64:
    """Common area of corners `a` (k, 4) and `b` (k, 4), pair by pair -> (k,) px²."""
    sides = np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2])
    np.maximum(sides, 0, out=sides)
    common: F64 = sides[:, 0] * sides[:, 1]
    return common


def sticking_out(outer: F64, inner: F64) -> Pairs:
    """Those of `outer` (m, 4) and `inner` (n, 4) of which the inner's middle column lies in the outer.

    The cost is the share of the inner's area that lies outside.
    """
    t, d = within(outer[:, 0], outer[:, 2], (inner[:, 0] + inner[:, 2]) / 2)
    size = (inner[:, 2:] - inner[:, :2]).prod(axis=1)
    return Pairs(t, d, 1 - overlap(outer[t], inner[d]) / size[d])


def contained(corners: F64, share: float) -> Bool:
    """Which of `corners` (n, 4), best first, lie with `share` (over a half) of their area in a better one -> (n,)."""
    pairs = sticking_out(corners, corners)
    inside = np.zeros(len(corners), bool)
    inside[pairs.detection[(pairs.track < pairs.detection) & (pairs.cost < 1 - share)]] = True
    return inside


def covered(corners: F64, by: F64) -> F64:
    """Largest share of each of `corners` (n, 4) that lies in one of `by` (m, 4), if its middle is there too -> (n,)."""
    pairs = sticking_out(by, corners)
    share = np.zeros(len(corners))
    np.maximum.at(share, pairs.detection, 1 - pairs.cost)
    return share


def compare(tracks: Table, absent_s: F64, places: F64, gait: Gait, gate: Gate) -> Pairs:
    """What it costs to take `places` (n, 4) for `tracks` (m,), unseen for `absent_s` (m,), where that is believable."""
    place, spread = tracks["place"], tracks["place_var"] + np.square(gait.measured)
    height = place[:, HEIGHT]
    unsure = np.log(spread[:, FOOT_X] * spread[:, FOOT_Y]) + gate.absence_per_s * absent_s
    reach = np.square(gate.slack + gate.fastest * absent_s)
    aside = height * np.sqrt(np.clip((gate.price - unsure) * spread[:, FOOT_X], 0, reach))
    t, d = within(place[:, FOOT_X] - aside, place[:, FOOT_X] + aside, places[:, FOOT_X])
    away = np.square((places[d] - place[t]) / height[t, None])
    surprise = (away / spread[t]) @ np.array([1, 1, 0, gate.height_weight])
    common = overlap(to_corners(place)[t], to_corners(places)[d])
    iou = common / (place[t, WIDTH] * height[t] + places[d, WIDTH] * places[d, HEIGHT] - common)
    cost = unsure[t] + surprise + gate.overlap_weight * (1 - iou)
    return Pairs(t, d, cost)[(cost < gate.price) & (away[:, FOOT_X] + away[:, FOOT_Y] <= reach[t])]


def match(pairs: Pairs, price: float) -> tuple[I64, I64]:
    """The cheapest choice of `pairs` that takes each track and detection at most once; two left alone cost `price`.

    Returns indices of tracks (k,) and of detections (k,).
    """
    rivals = np.maximum(np.bincount(pairs.track)[pairs.track], np.bincount(pairs.detection)[pairs.detection])
    clear, contested = pairs[rivals == 1], pairs[rivals > 1]
    if not len(contested.cost):
        return clear.track, clear.detection
    tracks, rows = _numbered(contested.track)
    detections, cols = _numbered(contested.detection)
    cost = np.full((len(tracks), len(detections)), price)
    cost[rows, cols] = contested.cost
    row, col = linear_sum_assignment(cost)
    worth = cost[row, col] < price
    return np.append(clear.track, tracks[row[worth]]), np.append(clear.detection, detections[col[worth]])


def _numbered(indices: I64) -> tuple[I64, I64]:
    """The distinct `indices`, ascending, and the number of each of `indices` among them (np.unique, but quicker)."""
    there = np.zeros(indices.max() + 1, bool)
    there[indices] = True
    return np.flatnonzero(there), there.cumsum()[indices] - 1
