"""Visits and their dwell, one track at a time, and how each was seen to begin and to end."""

from dataclasses import dataclass

import numpy as np

from edge.analytics.slots import CAPACITY
from edge.arrays import F64, I64, Bool

LEFT, LOST, LATE_LEFT, LATE_LOST = range(4)
"""How a visit ended; `late` ones began with a track that appeared inside, so their true start is unknown."""

SETTLED_S = 1.0
"""Who is in a zone for less only brushes it: on the way from zone to zone it is none."""

_EPS_S = 1e-6
"""Timestamps are floats; a gap of exactly `gap_s` is still one visit."""


@dataclass(frozen=True, slots=True)
class Visits:
    """Visits that ended. `zone` i64 (v,) index; `dwell_s` f64 (v,); `how` i64 (v,) of LEFT, LOST, LATE_*.

    `row` i64 (v,): whose they were, -1 where another camera followed them.
    """

    zone: I64
    dwell_s: F64
    how: I64
    row: I64


_NO_VISITS = Visits(np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64), np.empty(0, np.int64))


@dataclass(frozen=True, slots=True)
class Entries:
    """Visits that began by coming in: `entries` i64 (Z,), and those of them by someone who was there before."""

    entries: I64
    reentries: I64


@dataclass(frozen=True, slots=True)
class Stay:
    """A visit under way: from `start` to `end` s so far; `late`: its true start is unknown; `stood`: made a stop."""

    start: float
    end: float
    late: bool
    stood: bool

    @property
    def if_lost(self) -> int:
        """How it ended if nobody is seen going on with it."""
        return LATE_LOST if self.late else LOST


class VisitCounter:
    """Follows every track through Z zones.

    A visit is a track inside a zone, absences up to `gap_s` merged. Its dwell runs from the first instant inside to
    the end of the last observation inside, never through the tracker's memory of someone who vanished. A track that
    is not seen for up to `bridge_s` and comes back inside was there all the while.
    """

    def __init__(self, zones: int, *, gap_s: float, bridge_s: float) -> None:
        self._gap_s, self._bridge_s = gap_s, bridge_s
        self._open = np.zeros((CAPACITY, zones), np.bool_)
        self._late = np.zeros((CAPACITY, zones), np.bool_)
        self._stood = np.zeros((CAPACITY, zones), np.bool_)
        self._been = np.zeros((CAPACITY, zones), np.bool_)
        self._start = np.zeros((CAPACITY, zones))
        self._end = np.zeros((CAPACITY, zones))
        self._seen_until = np.zeros(CAPACITY)

    def hold(self, rows: I64, inside: Bool, until: float) -> None:
        """The last observation of `rows` (m,), with `inside` (m, Z), stands until `until`."""
        self._end[rows] = np.where(inside, until, self._end[rows])
        self._seen_until[rows] = until

    def step(self, t: float, rows: I64, new: Bool, inside: Bool, door: Bool) -> tuple[Entries, Visits]:
        """Advance to `t`: tracks in `rows` (m,) are `inside` (m, Z).

        `door` (m, Z): appearing here is coming in, not a broken track.

        Returns:
            what began now, and the visits that are known to have ended.
        """
        if new.any():
            self._forget(rows[new], t)
        opened, end = self._open[rows], self._end[rows]
        away_s = t - end
        unseen_s = (t - self._seen_until[rows])[:, None]
        vanished_inside = (unseen_s > _EPS_S) & (away_s <= unseen_s + _EPS_S)
        bridged = inside & vanished_inside & (unseen_s <= self._bridge_s + _EPS_S)
        over = opened & (away_s > self._gap_s + _EPS_S) & ~bridged
        broken = over & vanished_inside
        ended = self._close(rows, over, lost=broken)
        begins = inside & ~(opened & ~over)
        begun = self._begin(t, rows, begins, begins & (broken | new[:, None]) & ~door)
        self._end[rows] = np.where(inside, t, end)
        return begun, ended

    def _forget(self, rows: I64, t: float) -> None:
        self._open[rows] = self._been[rows] = False
        self._seen_until[rows] = t

    def _begin(self, t: float, rows: I64, begins: Bool, late: Bool) -> Entries:
        if not begins.any():
            none = np.zeros(begins.shape[1], np.int64)
            return Entries(none, none)
        self._open[rows] |= begins
        self._stood[rows] &= ~begins
        self._late[rows] = np.where(begins, late, self._late[rows])
        self._start[rows] = np.where(begins, t, self._start[rows])
        entered = begins & ~late
        again = entered & self._been[rows]
        return Entries(entered.sum(axis=0), again.sum(axis=0))

    def under_way(self, row: int) -> tuple[dict[int, Stay], list[int]]:
        """Of the track in `row` the visits under way by zone, and the zones it visited before."""
        stays = {
            int(zone): Stay(
                float(self._start[row, zone]),
                float(self._end[row, zone]),
                bool(self._late[row, zone]),
                bool(self._stood[row, zone]),
            )
            for zone in np.flatnonzero(self._open[row])
        }
        return stays, np.flatnonzero(self._been[row]).tolist()

    def drop(self, row: int) -> None:
        """Stop following the track in `row`, its visits go on elsewhere."""
        self._open[row] = self._been[row] = False

    def take_over(self, row: int, stays: dict[int, Stay], been: list[int]) -> Entries:
        """The track in `row` was followed elsewhere until it came here: its visits go on.

        Returns:
            visits that seemed to begin unseen, of which it is known now that it was outside before.
        """
        self._been[row, been] = True
        outside = np.ones((1, self._open.shape[1]), np.bool_)
        outside[0, list(stays)] = False
        came = self.came_in(np.array([row]), outside)
        for zone, stay in stays.items():
            under_way = self._open[row, zone]
            self._end[row, zone] = max(self._end[row, zone], stay.end) if under_way else stay.end
            self._start[row, zone], self._late[row, zone] = stay.start, stay.late
            self._stood[row, zone] = stay.stood | (under_way & self._stood[row, zone])
            self._open[row, zone] = True
        return came

    def came_in(self, rows: I64, outside: Bool) -> Entries:
        """Tracks in `rows` (m,) were `outside` (m, Z) a moment ago: visits that seemed to begin unseen are entries."""
        came = self._open[rows] & self._late[rows] & outside
        self._late[rows] &= ~came
        return Entries(came.sum(axis=0), (came & self._been[rows]).sum(axis=0))

    def stood(self, rows: I64, inside: Bool) -> I64:
        """The tracks in `rows` (m,) have stopped, `inside` (m, Z); the visits it is the first stop of (Z,)."""
        first = inside & self._open[rows] & ~self._stood[rows]
        self._stood[rows] |= first
        result: I64 = first.sum(axis=0)
        return result

    def settled(self, t: float, rows: I64) -> Bool:
        """Zones the tracks in `rows` (m,) are in for SETTLED_S or more at `t`, or were less than that ago; (m, Z)."""
        end = self._end[rows]
        long_enough = end - self._start[rows] >= SETTLED_S - _EPS_S
        result: Bool = self._open[rows] & long_enough & (t - end < SETTLED_S - _EPS_S)
        return result

    def end(self, rows: I64, door: Bool) -> Visits:
        """The tracks in `rows` ended: who was last seen inside is lost, unless it was at a `door` (m, Z)."""
        last_inside = self._end[rows] >= self._seen_until[rows, None] - _EPS_S
        return self._close(rows, self._open[rows], lost=last_inside & ~door)

    def stop(self, rows: I64) -> Visits:
        """The recording or stream stopped: who is still inside is censored, wherever."""
        last_inside = self._end[rows] >= self._seen_until[rows, None] - _EPS_S
        return self._close(rows, self._open[rows], lost=last_inside)

    def _close(self, rows: I64, over: Bool, lost: Bool) -> Visits:
        if not over.any():
            return _NO_VISITS
        which, zone = np.nonzero(over)
        row = rows[which]
        how = lost[which, zone] + 2 * self._late[row, zone]
        self._open[row, zone] = False
        self._been[row, zone] = True
        return Visits(zone, self._end[row, zone] - self._start[row, zone], how.astype(np.int64), row)
