"""Everything after the tracker: points in, windows out. The order is here, the rules are in analytics."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from contract.messages import DWELL_BINS_S
from edge.analytics.dwell import VisitCounter, Visits
from edge.analytics.heatmap import add_presence
from edge.analytics.lines import LineCounter
from edge.analytics.slots import CAPACITY, Slots
from edge.analytics.window import OpenWindow, WindowStats, window_start
from edge.analytics.zones import ZoneMap
from edge.arrays import F64, I64, Bool, PlanePoints
from edge.layout import Layout

_EPS_S = 1e-6
_BRIDGE_STEP_S = 0.2
"""Spacing of the points that stand for a person who was hidden for a moment."""


@dataclass(frozen=True, slots=True)
class LiveCounts:
    """Who is there at `t`: people in view, and per zone i64 (Z,)."""

    t: float
    occupancy: int
    zones: I64


@dataclass(frozen=True, slots=True)
class _Last:
    """The observation that stands until the next one."""

    t: float
    rows: I64
    xy: F64
    inside: Bool


class Watch:
    """Counts what one camera sees on its plane.

    An observation stands for the time until the next one, at most `hold_s`; presence, heat and dwell all add it up
    that way. A track unseen for up to `bridge_s` that comes back was there in between, on the straight line.
    """

    def __init__(
        self,
        layout: Layout,
        *,
        window_s: float = 60.0,
        hold_s: float = 2.0,
        bridge_s: float = 3.0,
        on_visits: Callable[[Visits], None] = lambda _: None,
    ) -> None:
        self._layout = layout
        self._window_s, self._hold_s, self._bridge_s = window_s, hold_s, bridge_s
        self._on_visits = on_visits
        self._zones = ZoneMap(list(layout.polygons))
        self._slots = Slots()
        self._visits = VisitCounter(len(self._zones), gap_s=layout.gap_s, bridge_s=bridge_s)
        self._lines = LineCounter(layout.ends, clear=layout.clear, bridge_s=bridge_s)
        self._seen_until = np.zeros(CAPACITY)
        self._seen_at = np.zeros((CAPACITY, 2))
        self._step_s = 0.0
        self._last: _Last | None = None
        self._window: OpenWindow | None = None

    def observe(self, t: float, points: PlanePoints) -> list[WindowStats]:
        """Take in who is where at `t`, which may be nobody; returns the windows that closed.

        Observations that are not later than the one before are ignored: time does not run backwards.
        """
        if self._last is not None and t <= self._last.t:
            return []
        closed = self._advance(t)
        window = self._window = self._window or self._open(window_start(t, self._window_s))
        self._end(self._slots.release(points.ended), window)
        rows, new = self._slots.take(points.track_id)
        inside = self._zones.contains(points.xy)
        self._bridge(t, rows, new, points.xy, window)
        window.lines += self._lines.step(t, rows, new, points.xy)
        door = inside & (points.at_edge[:, None] | self._layout.door)
        entries, ended = self._visits.step(t, rows, new, inside, door)
        window.entries += entries
        self._add_visits(ended, window)
        window.frames += 1
        window.occupancy_max = max(window.occupancy_max, len(points))
        window.zone_max = np.maximum(window.zone_max, inside.sum(axis=0))
        self._last = _Last(t, rows, points.xy, inside)
        return closed

    def restart(self) -> list[WindowStats]:
        """The stream broke: nobody seen before is known any more, and nothing is observed until the next frame."""
        if self._last is None or self._window is None:
            return []
        until = self._last.t + self._step_s
        self._visits.hold(self._last.rows, self._last.inside, until)
        rows = self._slots.release_all()
        self._window.lines += self._lines.end(rows)
        self._add_visits(self._visits.stop(rows), self._window)
        closed = self._advance(until)
        self._last = None
        return closed

    def finish(self) -> list[WindowStats]:
        """The recording ended: its last observation stands for one more step, who is inside is censored."""
        closed = self.restart()
        if self._window is not None:
            closed.append(self._window.close(self._window.t_start + self._window_s))
        self._window = None
        return closed

    def live(self) -> LiveCounts | None:
        """Who is there now; None before the first observation."""
        if self._last is None:
            return None
        return LiveCounts(self._last.t, len(self._last.rows), self._last.inside.sum(axis=0))

    def _open(self, t_start: float) -> OpenWindow:
        rows, columns = self._layout.grid.shape
        return OpenWindow(
            t_start,
            lines=len(self._layout.line_ids),
            zones=len(self._layout.zone_ids),
            bins=len(DWELL_BINS_S),
            cells=rows * columns,
        )

    def _advance(self, t: float) -> list[WindowStats]:
        """The last observation stands until `t`, at most `hold_s`; windows that end by `t` are closed."""
        closed = []
        start, until = t, -np.inf
        if self._last is not None:
            start, until = self._last.t, min(t, self._last.t + self._hold_s)
        while self._window is not None and self._window.t_start + self._window_s <= t:
            end = self._window.t_start + self._window_s
            self._credit(self._window, start, min(until, end))
            start = max(start, end)
            closed.append(self._window.close(end))
            self._window = self._open(end) if end < until else None
        if self._window is not None:
            self._credit(self._window, start, until)
        self._remember(until)
        return closed

    def _remember(self, until: float) -> None:
        if self._last is not None:
            self._step_s = until - self._last.t
            self._visits.hold(self._last.rows, self._last.inside, until)
            self._seen_until[self._last.rows] = until
            self._seen_at[self._last.rows] = self._last.xy

    def _credit(self, window: OpenWindow, start: float, end: float) -> None:
        seconds = end - start
        if seconds > 0 and self._last is not None:
            window.observed_s += seconds
            self._add_presence(window, self._last.xy, self._last.inside, seconds)

    def _add_presence(self, window: OpenWindow, xy: F64, inside: Bool, seconds: F64 | float) -> None:
        each = np.broadcast_to(seconds, len(xy))
        window.presence_s += float(each.sum())
        window.zone_presence_s += each @ inside
        add_presence(window.heat_s, self._layout.grid, xy, each)

    def _bridge(self, t: float, rows: I64, new: Bool, xy: F64, window: OpenWindow) -> None:
        hidden_s = t - self._seen_until[rows]
        back = ~new & (hidden_s > _EPS_S) & (hidden_s <= self._bridge_s + _EPS_S)
        if not back.any():
            return
        steps = np.ceil(hidden_s[back] / _BRIDGE_STEP_S).astype(np.int64)
        which = np.repeat(np.arange(len(steps)), steps)
        share = (np.arange(len(which)) - np.repeat(np.cumsum(steps) - steps, steps) + 0.5) / steps[which]
        path = self._seen_at[rows[back]][which] * (1 - share[:, None]) + xy[back][which] * share[:, None]
        seconds = (hidden_s[back] / steps)[which]
        self._add_presence(window, path, self._zones.contains(path), seconds)

    def _end(self, rows: I64, window: OpenWindow) -> None:
        if len(rows):
            window.lines += self._lines.end(rows)
            self._add_visits(self._visits.end(rows), window)

    def _add_visits(self, visits: Visits, window: OpenWindow) -> None:
        if not len(visits.zone):
            return
        bins = np.searchsorted(DWELL_BINS_S, visits.dwell_s, side="right") - 1
        np.add.at(window.visits, visits.zone, 1)
        np.add.at(window.dwell_sum_s, visits.zone, visits.dwell_s)
        np.add.at(window.dwell, (visits.zone, visits.how, bins), 1)
        self._on_visits(visits)
