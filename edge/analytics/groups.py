"""Groups: who moves together, by place and velocity only."""

import numpy as np

from edge.analytics.slots import CAPACITY
from edge.arrays import F64, I64, Bool

EVERY_S = 0.4
"""Looking seldom costs less."""

NEAR_M, AHEAD_M, APART_M = 1.5, 1.0, 3.0
"""Companions walk this close, and abreast rather than behind each other (Moussaïd et al. 2010, "The walking behaviour
of pedestrian social groups"); who is farther from one than APART_M is not with them."""

_ALIKE_M_S = 0.4
"""By so much companions' velocities differ at most while both walk: one steps aside, one catches up."""

_WALKS_M_S = 0.3
_TOGETHER_S, _STILL_S, _MOST_S = 2.0, 0.5, 6.0
"""Evidence that makes a pair, that keeps it one, and that is remembered."""

_EPS_S = 1e-6
_STRANGE = 2.0
"""A second of walking differently takes so much more than one of walking alike gives."""


class GroupFinder:
    """Pairs gather evidence while they walk near each other at one velocity, and lose it while they part.

    Standing near each other says nothing: who came together stays together, who queues beside strangers does not join
    them. Groups are the connected components of pairs.
    """

    def __init__(self) -> None:
        self._rows: I64 = np.empty(0, np.int64)
        self._at = np.full(CAPACITY, -1, np.int64)
        self._evidence_s = np.zeros((0, 0))
        self._paired = np.zeros((0, 0), np.bool_)
        self._t = -np.inf
        self._size = np.ones(CAPACITY, np.int64)

    def step(self, t: float, rows: I64, xy: F64, velocity_m_s: F64, per_metre: F64) -> None:
        """Advance to `t`: tracks in `rows` (m,) are at `xy` (m, 2), where `per_metre` (m,) of the plane is a metre."""
        dt = min(t - self._t, 2 * EVERY_S)
        if dt < EVERY_S - _EPS_S:
            return
        self._t = t
        self._admit(rows[self._at[rows] < 0])
        here = np.ix_(self._at[rows], self._at[rows])
        evidence = (self._evidence_s[here] + dt * _gain(xy, velocity_m_s, per_metre)).clip(0, _MOST_S)
        self._evidence_s[here] = evidence
        self._paired[here] = evidence >= np.where(self._paired[here], _STILL_S, _TOGETHER_S)
        self._size[self._rows] = _component_sizes(self._paired)

    def sizes(self, rows: I64) -> I64:
        """How many people the tracks in `rows` (m,) move with, themselves included (m,)."""
        result: I64 = self._size[rows]
        return result

    def end(self, rows: I64) -> None:
        """The tracks in `rows` (m,) ended; their companions go on without them."""
        self._at[rows] = -1
        stays = self._at[self._rows] >= 0
        kept = np.ix_(stays, stays)
        self._rows, self._evidence_s, self._paired = self._rows[stays], self._evidence_s[kept], self._paired[kept]
        self._at[self._rows] = np.arange(len(self._rows))
        self._size[rows] = 1

    def _admit(self, new: I64) -> None:
        if len(new):
            more = (0, len(new))
            self._evidence_s, self._paired = np.pad(self._evidence_s, more), np.pad(self._paired, more)
            self._rows = np.concatenate([self._rows, new])
            self._at[self._rows] = np.arange(len(self._rows))


def _gain(xy: F64, velocity_m_s: F64, per_metre: F64) -> F64:
    """Evidence per second for each pair (m, m)."""
    scale = (per_metre[:, None] + per_metre[None, :]) / 2
    apart = (xy[:, None] - xy[None, :]) / scale[:, :, None]
    apart_m, unlike_m_s = _norm(apart), _norm(velocity_m_s[:, None] - velocity_m_s[None, :])
    way = velocity_m_s[:, None] + velocity_m_s[None, :]
    ahead_m = np.abs((apart * way).sum(axis=2)) / np.maximum(_norm(way), 1e-9)
    walks = _norm(velocity_m_s) >= _WALKS_M_S
    both, one = walks[:, None] & walks[None, :], walks[:, None] | walks[None, :]
    alike = both & (apart_m <= NEAR_M) & (ahead_m <= AHEAD_M) & (unlike_m_s <= _ALIKE_M_S)
    strange = (apart_m > APART_M) | (one & (apart_m > NEAR_M) & (unlike_m_s > 2 * _ALIKE_M_S))
    result: F64 = np.where(alike, 1.0, np.where(strange, -_STRANGE, 0.0))
    np.fill_diagonal(result, 0.0)
    return result


def _norm(vectors: F64) -> F64:
    result: F64 = np.sqrt((vectors**2).sum(axis=-1))
    return result


def _component_sizes(paired: Bool) -> I64:
    """Of each of n the size of the connected component it is in (n,): labels spread until none changes."""
    linked = paired | np.eye(len(paired), dtype=np.bool_)
    label = np.arange(len(paired))
    while True:
        least = np.where(linked, label[None, :], len(paired)).min(axis=1, initial=len(paired))
        if (least == label).all():
            return np.bincount(label, minlength=1)[label]
        label = least[least]
