"""What one camera tells of each track as a whole: its visits, its stops, and its way from zone to zone."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from contract.messages import DWELL_BINS_S
from edge.analytics.dwell import VisitCounter, Visits
from edge.analytics.flows import FlowCounter
from edge.analytics.slots import CAPACITY
from edge.analytics.window import WindowStats
from edge.arrays import F64, I64, Bool
from edge.layout import Layout


@dataclass(frozen=True, slots=True)
class Sighting:
    """Who was where at `t`.

    `rows` i64 (m,) of the tracks; `new` (m,): first seen now; `fresh` (m,): new, or unseen for so long that nobody
    knows how they got here; `xy` f64 (m, 2); `cell` i64 (m,); `inside` bool (m, Z); `at_edge` (m,): stand where the
    view ends.
    """

    t: float
    rows: I64
    new: Bool
    fresh: Bool
    xy: F64
    cell: I64
    inside: Bool
    at_edge: Bool


class Journeys:
    """Follows tracks through the zones of a layout, into the window that is given."""

    def __init__(self, layout: Layout, *, bridge_s: float, on_visits: Callable[[Visits], None]) -> None:
        self._doors = layout.door
        self._on_visits = on_visits
        self._visits = VisitCounter(len(layout.zone_ids), gap_s=layout.gap_s, bridge_s=bridge_s)
        self._flows = FlowCounter(list(layout.polygons), ~layout.door)
        self._at_door = np.zeros(CAPACITY, np.bool_)

    def hold(self, rows: I64, inside: Bool, until: float) -> None:
        """The last observation of `rows` (m,), with `inside` (m, Z), stands until `until`."""
        self._visits.hold(rows, inside, until)

    def step(self, seen: Sighting, way: I64, window: WindowStats) -> None:
        """Advance; `way` (m,): which way the tracks last crossed an entrance."""
        t, rows, new, inside = seen.t, seen.rows, seen.new, seen.inside
        door = inside & (seen.at_edge[:, None] | self._doors)
        at_door = seen.at_edge | door.any(axis=1)
        if new.any():
            self._flows.begin(rows[new], at_door[new])
        begun, ended = self._visits.step(t, rows, new, inside, door)
        window.entries += begun.entries
        window.reentries += begun.reentries
        self._add_visits(ended, window)
        self._add_flows(self._flows.step(rows, self._visits.settled(t, rows), way > 0), window)
        self._at_door[rows] = at_door

    def stood(self, rows: I64, inside: Bool, window: WindowStats) -> None:
        """The tracks in `rows` (m,) have stopped."""
        window.stops += self._visits.stood(rows, inside)

    def end(self, rows: I64, way: I64, window: WindowStats) -> Bool:
        """The tracks in `rows` (m,) ended; which of them broke off, away from any way out (m,)."""
        left = self._at_door[rows] | (way < 0)
        self._add_flows(self._flows.end(rows, left, way > 0), window)
        self._add_visits(self._visits.end(rows), window)
        return ~left

    def stop(self, rows: I64, way: I64, window: WindowStats) -> None:
        """The recording or stream stopped: nobody knows how the tracks in `rows` went on."""
        self._add_flows(self._flows.end(rows, np.zeros(len(rows), np.bool_), way > 0), window)
        self._add_visits(self._visits.stop(rows), window)

    def _add_flows(self, moves: I64, window: WindowStats) -> None:
        if len(moves):
            np.add.at(window.flows, (moves[:, 0], moves[:, 1]), 1)

    def _add_visits(self, visits: Visits, window: WindowStats) -> None:
        if not len(visits.zone):
            return
        bins = np.searchsorted(DWELL_BINS_S, visits.dwell_s, side="right") - 1
        np.add.at(window.visits, visits.zone, 1)
        np.add.at(window.dwell_sum_s, visits.zone, visits.dwell_s)
        np.add.at(window.dwell, (visits.zone, visits.how, bins), 1)
        self._on_visits(visits)
