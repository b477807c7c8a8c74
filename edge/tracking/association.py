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

FOOT_X, FOOT_Y, HEIGHT = 0, 1, 3


@dataclass(frozen=True, slots=True)
class Gate:
    """What makes a pair likely.

    `height_weight`, `overlap_weight`: of the height's surprise and of 1 - IoU beside the foot's surprise (the height
    counts less than full, because a hidden foot spoils both at once). `absence_per_s`: how much less likely a person
    is to return with each second away. `fastest` body heights per second and `slack` body heights: nobody is taken
    for someone further away than this reaches.
    """

    height_weight: float = 0.5
    overlap_weight: float = 3.0
    absence_per_s: float = 1.5
    fastest: float = 1.5
    slack: float = 0.5


def overlap(a: F64, b: F64) -> F64:
    """Common area of corners `a` (n, 4) and `b` (m, 4) -> (n, m) px²."""
    width = np.minimum(a[:, 2, None], b[:, 2]) - np.maximum(a[:, 0, None], b[:, 0])
    height = np.minimum(a[:, 3, None], b[:, 3]) - np.maximum(a[:, 1, None], b[:, 1])
    common: F64 = np.maximum(width, 0, out=width) * np.maximum(height, 0, out=height)
    return common


def area(corners: F64) -> F64:
    """(n, 4) -> (n,) px²."""
    return (corners[:, 2] - corners[:, 0]) * (corners[:, 3] - corners[:, 1])


def contained(corners: F64, share: float) -> Bool:
    """Which of `corners` (n, 4), best first, lie with `share` of their area inside a better one -> (n,)."""
    inside = overlap(corners, corners) > share * area(corners)[:, None]
    return np.asarray(np.tril(inside, -1).any(axis=1))


def compare(tracks: Table, absent_s: F64, places: F64, gait: Gait, gate: Gate) -> F64:
    """Cost (m, n) of taking `places` (n, 4) for `tracks` (m,), unseen for `absent_s` (m,); infinite if too far."""
    place = tracks["place"]
    height = place[:, HEIGHT]
    spread = tracks["place_var"] + np.square(gait.measured)
    away = places.T[:, None] - place.T[:, :, None]
    away /= height[:, None]
    away *= away
    surprise = away / spread.T[:, :, None]
    common = overlap(to_corners(place), to_corners(places))
    iou = common / ((place[:, 2] * height)[:, None] + places[:, 2] * places[:, 3] - common)
    alone = np.log(spread[:, FOOT_X] * spread[:, FOOT_Y]) + gate.absence_per_s * absent_s + gate.overlap_weight
    cost: F64 = surprise[FOOT_X] + surprise[FOOT_Y] + gate.height_weight * surprise[HEIGHT] - gate.overlap_weight * iou
    cost += alone[:, None]
    reach = gate.slack + gate.fastest * absent_s
    cost[away[FOOT_X] + away[FOOT_Y] > np.square(reach)[:, None]] = np.inf
    return cost


def pair(cost: F64, price: float) -> tuple[I64, I64]:
    """The cheapest pairing of rows and columns of `cost` (m, n), where two left alone cost `price`: indices (k,), (k,)."""
    rows, cols = linear_sum_assignment(np.minimum(cost, price))
    worth = cost[rows, cols] < price
    return rows[worth], cols[worth]
