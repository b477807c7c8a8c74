"""Everything after the tracker: points in, windows out. The order is here, the rules are in analytics."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from contract.messages import DWELL_BINS_S
from edge.analytics.dwell import Visits
from edge.analytics.heatmap import add_events, add_presence
from edge.analytics.passes import PassCounter
from edge.analytics.slots import CAPACITY, Slots
from edge.analytics.stops import StopCounter
from edge.analytics.window import WindowStats, window_start
from edge.analytics.zones import ZoneMap
from edge.arrays import F64, I64, Bool, PlanePoints
from edge.handover import Board
from edge.journeys import Journeys
from edge.layout import Layout
from edge.onlookers import Crowd, Onlookers
from edge.sighting import Sighting

_EPS_S = 1e-6
_BRIDGE_STEP_S = 0.2
"""Spacing of the points that stand for a person who was hidden for a moment."""


@dataclass(frozen=True, slots=True)
class LiveCounts:
    """Who is there at `t`: people in view, per zone i64 (Z,), and before each of the layout's screens."""

    t: float
    occupancy: int
    zones: I64
    screens: tuple[Crowd, ...] = ()


class Watch:
    """Counts what one camera sees on its plane.

    An observation stands for the time until the next one, at most `hold_s`; presence, heat and dwell all add it up
    that way. A track unseen for up to `bridge_s` that comes back was there in between, on the straight line. Presence
    is counted in the camera's own area only; who goes over its border is passed on by the `board`, which the cameras
    of one floor share.
    """

    def __init__(
        self,
        layout: Layout,
        *,
        board: Board | None = None,
        window_s: float = 60.0,
        hold_s: float = 2.0,
        bridge_s: float = 3.0,
        on_visits: Callable[[Visits], None] = lambda _: None,
    ) -> None:
        self._layout = layout
        self._window_s, self._hold_s, self._bridge_s = window_s, hold_s, bridge_s
        self._zones = ZoneMap(list(layout.polygons))
        self._slots = Slots()
        self._onlookers = Onlookers(layout)
        self._journeys = Journeys(layout, board or Board(), self._onlookers, bridge_s=bridge_s, on_visits=on_visits)
        self._passes = PassCounter(layout.grid, gap_s=layout.gap_s)
        self._stops = StopCounter(reach=layout.standing)
        self._seen_until = np.full(CAPACITY, -np.inf)
        self._seen_at = np.zeros((CAPACITY, 2))
        self._step_s = 0.0
        self._last: Sighting | None = None
        self._window: WindowStats | None = None

    def observe(self, t: float, points: PlanePoints) -> list[WindowStats]:
        """Take in who is where at `t`, which may be nobody; returns the windows that closed.

        Observations that are not later than the one before are ignored: time does not run backwards.
        """
        if self._last is not None and t <= self._last.t:
            return []
        closed = self._advance(t)
        window = self._window = self._window or self._open(window_start(t, self._window_s))
        self._end(t, self._slots.release(points.ended), window)
        rows, new = self._slots.take(points.track_id)
        hidden_s = np.where(new, np.inf, t - self._seen_until[rows])
        fresh = hidden_s > self._bridge_s + _EPS_S
        cell, inside = self._layout.grid.cells(points.xy), self._zones.contains(points.xy)
        depth = self._layout.area.depth_at(points.xy, cell)
        seen = Sighting(t, rows, new, fresh, points.xy, cell, depth, inside, points.at_edge)
        self._bridge(hidden_s, seen, window)
        self._onlookers.look(seen, points.traits)
        self._journeys.step(seen, window)
        self._count_places(seen, window)
        window.frames += 1
        window.occupancy_max = max(window.occupancy_max, int(seen.own.sum()))
        window.zone_max = np.maximum(window.zone_max, seen.own @ inside.astype(np.int64))
        self._last = seen
        return closed

    def _count_places(self, seen: Sighting, window: WindowStats) -> None:
        entered = self._passes.step(seen.t, seen.rows, seen.fresh, seen.xy)
        add_events(window.passes, entered[self._layout.area.depth[entered] > 0])
        stopped = self._stops.step(seen.t, seen.rows, seen.fresh, seen.xy)
        if len(stopped):
            self._onlookers.stood(seen.rows[stopped], seen.inside[stopped])
            self._journeys.stood(seen.rows[stopped], seen.inside[stopped], window)
            add_events(window.stood, seen.cell[stopped][seen.own[stopped]])

    def showing(self, screen: str, creative: str | None, t_start: float, t_end: float) -> None:
        """`screen` shows `creative`, None for the default, from `t_start` to `t_end` s UTC of the stream.

        What is told later holds, of that time and what comes after. Screens not seen from here are passed over.
        """
        self._onlookers.show(screen, creative, t_start, t_end)

    def restart(self) -> list[WindowStats]:
        """The stream broke: nobody seen before is known any more, and nothing is observed until the next frame."""
        if self._last is None or self._window is None:
            return []
        until, window = self._last.t + self._step_s, self._window
        closed = self._advance(until)
        rows = self._slots.release_all()
        self._journeys.stop(until, rows, window)
        self._onlookers.end(rows)
        self._onlookers.restart()
        self._last = None
        return closed

    def finish(self) -> list[WindowStats]:
        """The recording ended: its last observation stands for one more step, who is inside is censored."""
        closed = self.restart()
        if self._window is not None:
            closed.append(self._window)
        self._window = None
        return closed

    def live(self) -> LiveCounts | None:
        """Who is there now; None before the first observation."""
        if self._last is None:
            return None
        own = self._last.own
        zones = self._last.inside[own].sum(axis=0)
        return LiveCounts(self._last.t, int(own.sum()), zones, tuple(self._onlookers.crowds()))

    def _open(self, t_start: float) -> WindowStats:
        return WindowStats.empty(
            t_start,
            t_start + self._window_s,
            lines=len(self._layout.line_ids),
            zones=len(self._layout.zone_ids),
            bins=len(DWELL_BINS_S),
            cells=len(self._layout.grid),
            segments=len(self._layout.segments),
        )

    def _advance(self, t: float) -> list[WindowStats]:
        """The last observation stands until `t`, at most `hold_s`; windows that end by `t` are closed."""
        closed = []
        start, until = t, -np.inf
        if self._last is not None:
            start, until = self._last.t, min(t, self._last.t + self._hold_s)
        while self._window is not None and self._window.t_end <= t:
            end = self._window.t_end
            self._credit(self._window, start, min(until, end))
            start = max(start, end)
            closed.append(self._window)
            self._window = self._open(end) if end < until else None
        if self._window is not None:
            self._credit(self._window, start, until)
        self._remember(until)
        return closed

    def _remember(self, until: float) -> None:
        if self._last is not None:
            self._step_s = until - self._last.t
            self._journeys.hold(self._last.rows, self._last.inside, until)
            self._seen_until[self._last.rows] = until
            self._seen_at[self._last.rows] = self._last.xy

    def _credit(self, window: WindowStats, start: float, end: float) -> None:
        seconds = end - start
        if seconds > 0 and self._last is not None:
            window.observed_s += seconds
            last = self._last
            self._add_presence(window, last.cell, last.inside, np.where(last.own, seconds, 0.0))
            self._onlookers.hold(self._journeys.follows(last.rows), start=start, end=end, window=window)

    def _add_presence(self, window: WindowStats, cell: I64, inside: Bool, seconds: F64) -> None:
        window.presence_s += float(seconds.sum())
        window.zone_presence_s += seconds @ inside
        add_presence(window.heat_s, cell, seconds)

    def _bridge(self, hidden_s: F64, seen: Sighting, window: WindowStats) -> None:
        back = (hidden_s > _EPS_S) & ~seen.fresh
        if not back.any():
            return
        steps = np.ceil(hidden_s[back] / _BRIDGE_STEP_S).astype(np.int64)
        which = np.repeat(np.arange(len(steps)), steps)
        share = (np.arange(len(which)) - np.repeat(np.cumsum(steps) - steps, steps) + 0.5) / steps[which]
        path = self._seen_at[seen.rows[back]][which] * (1 - share[:, None]) + seen.xy[back][which] * share[:, None]
        cell = self._layout.grid.cells(path)
        own = self._layout.area.depth_at(path, cell) > 0
        seconds: F64 = (hidden_s[back] / steps)[which] * own
        self._add_presence(window, cell, self._zones.contains(path), seconds)

    def _end(self, t: float, rows: I64, window: WindowStats) -> None:
        if len(rows):
            self._journeys.end(t, rows, self._seen_until[rows], self._seen_at[rows], window)
            self._onlookers.end(rows)
