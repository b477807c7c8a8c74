"""What one camera tells of each track as a whole: its visits, its crossings, and its way from zone to zone.

A track is followed from when it comes into the camera's area, or begins there, until another camera claims it on the
board, it ends, or is far beyond the border. So a visit stays one visit whoever sees it.
"""

from collections.abc import Callable

import numpy as np

from contract.messages import DWELL_BINS_S, ENTRY, LOST
from edge.analytics.dwell import Entries, VisitCounter, Visits
from edge.analytics.flows import FlowCounter
from edge.analytics.heatmap import add_events
from edge.analytics.lines import LineCounter
from edge.analytics.slots import CAPACITY
from edge.analytics.window import WindowStats
from edge.area import FAR_M
from edge.arrays import F64, I64, Bool
from edge.handover import NEAR_M, REACH_M, Board, Coming, Journey, Leaving, Match
from edge.layout import Layout
from edge.onlookers import Onlookers
from edge.sighting import Sighting


class Journeys:
    """Follows tracks through the zones of a layout, into the window that is given."""

    def __init__(
        self,
        layout: Layout,
        board: Board,
        onlookers: Onlookers,
        *,
        bridge_s: float,
        on_visits: Callable[[Visits], None],
    ) -> None:
        self._layout, self._board, self._onlookers = layout, board, onlookers
        self._on_visits = on_visits
        self._zone_of = {zone: i for i, zone in enumerate(layout.zone_ids)}
        self._visits = VisitCounter(len(layout.zone_ids), gap_s=layout.gap_s, bridge_s=bridge_s)
        self._lines = LineCounter(layout.ends, layout.parts, layout.entrance, clear=layout.clear, bridge_s=bridge_s)
        self._flows = FlowCounter(list(layout.polygons), ~layout.door)
        self._stations = (*layout.zone_ids, ENTRY, LOST)
        self._followed = np.zeros(CAPACITY, np.bool_)
        self._waiting = np.zeros(CAPACITY, np.bool_)
        self._held: dict[int, list[int]] = {}
        self._offered = np.zeros(CAPACITY, np.bool_)
        self._near_border = np.zeros(CAPACITY, np.bool_)
        self._at_door = np.zeros(CAPACITY, np.bool_)
        zones = (CAPACITY, len(layout.zone_ids))
        self._inside, self._door = np.zeros(zones, np.bool_), np.zeros(zones, np.bool_)

    def hold(self, rows: I64, inside: Bool, until: float) -> None:
        """The last observation of `rows` (m,), with `inside` (m, Z), stands until `until`."""
        self._visits.hold(rows, inside, until)

    def follows(self, rows: I64) -> Bool:
        """Which of the tracks in `rows` (m,) this camera follows, and no other."""
        followed: Bool = self._followed[rows]
        return followed

    def step(self, seen: Sighting, window: WindowStats) -> None:
        """Advance."""
        self._hear(seen.t, window)
        window.lines += self._lines.step(seen.t, seen.rows, seen.new, seen.xy)
        here, arrived = self._follow(seen, window)
        followed = seen if here.all() else seen[here]
        rows, inside = followed.rows, followed.inside
        at_edge = followed.at_edge & (followed.depth > NEAR_M)
        door = inside & (at_edge[:, None] | self._layout.door)
        self._door[rows], self._at_door[rows] = door, at_edge | door.any(axis=1)
        self._near_border[rows] = followed.depth <= NEAR_M
        appeared = followed.new & self._at_door[rows]
        asks = arrived & (followed.depth < REACH_M) & ~appeared
        begun, ended = self._visits.step(seen.t, rows, arrived, inside, door & ~asks[:, None])
        self._add_entries(begun, window)
        self._add_visits(seen.t, ended, window)
        if arrived.any():
            self._welcome(followed, arrived, asks, window)
        self._inside[seen.rows] = seen.inside
        went, moves = self._flows.step(rows, self._visits.settled(seen.t, rows), self._lines.way(rows) > 0)
        if len(went):
            self._add_moves(rows[went], moves, window)
        self._offer(followed)

    def _offer(self, followed: Sighting) -> None:
        """Who is near the border or beyond it may be claimed."""
        offered = followed.depth < self._layout.area.margin
        for k in np.flatnonzero(offered).tolist():
            row = int(followed.rows[k])
            self._board.offer(self._leaving(row, followed.t, followed.xy[k], ended=False), row)
        kept = followed.rows[~offered]
        for row in kept[self._offered[kept]].tolist():
            self._board.retract(self._layout.camera, row)
        self._offered[followed.rows] = offered

    def _add_moves(self, rows: I64, moves: I64, window: WindowStats) -> None:
        """Those who may yet be claimed by another camera keep theirs until it is known where they came from."""
        waiting = self._waiting[rows]
        for row, target in zip(rows[waiting].tolist(), moves[waiting, 1].tolist(), strict=True):
            self._held.setdefault(row, []).append(target)
        self._add_flows(moves[~waiting], window)

    def _follow(self, seen: Sighting, window: WindowStats) -> tuple[Bool, Bool]:
        """Which of the m tracks are followed, and which of those since now; who strayed too far is given up."""
        were = self._followed[seen.rows] & ~seen.new
        own = seen.depth > np.where(seen.new, 0.0, self._layout.area.margin)
        for k in np.flatnonzero(seen.own & ~own & ~were).tolist():
            own[k] = self._board.seeks(self._coming(seen, k))
        here: Bool = np.where(were, seen.depth >= -FAR_M, own)
        self._followed[seen.rows] = here
        for k in np.flatnonzero(were & ~here).tolist():
            self._pass_on(int(seen.rows[k]), seen.t, seen.xy[k], window, ended=False)
        return here, ~were[here]

    def _pass_on(self, row: int, t: float, xy: F64, window: WindowStats, *, ended: bool) -> None:
        leaving = self._leaving(row, t, xy, ended=ended)
        self._drop(row, window)
        self._board.leave(leaving)

    def _drop(self, row: int, window: WindowStats) -> None:
        """Another camera follows them from now on, or none."""
        self._stop_waiting(np.array([row]), window)
        self._visits.drop(row)
        self._board.retract(self._layout.camera, row)
        self._followed[row] = self._offered[row] = False

    def _leaving(self, row: int, t: float, xy: F64, *, ended: bool) -> Leaving:
        stays, been = self._visits.under_way(row)
        ids = self._layout.zone_ids
        journey = Journey(
            stays={ids[zone]: stay for zone, stay in stays.items()},
            been=frozenset(ids[zone] for zone in been),
            station=self._stations[self._flows.station(row)],
            way=int(self._lines.way(np.array([row]))[0]),
            acquaintance=self._onlookers.acquaintance(row),
        )
        return Leaving(self._layout.camera, t, (float(xy[0]), float(xy[1])), journey, ended)

    def _coming(self, seen: Sighting, k: int) -> Coming:
        x, y = seen.xy[k].tolist()
        return Coming(self._layout.camera, seen.t, (x, y), int(seen.rows[k]))

    def _welcome(self, followed: Sighting, arrived: Bool, asks: Bool, window: WindowStats) -> None:
        """Tracks that are followed from now on: how they came was seen, or is asked where a border is near."""
        rows, came = followed.rows, followed.rows[arrived]
        self._flows.begin(came, self._at_door[came] & ~asks[arrived])
        for k in np.flatnonzero(asks).tolist():
            self._board.come(self._coming(followed, k))
        self._waiting[came] = asks[arrived]
        self._hear(followed.t, window)
        known = arrived & ~followed.new & (self._waiting[rows] | ~asks)
        if known.any():
            self._add_entries(self._visits.came_in(rows[known], ~self._inside[rows[known]]), window)

    def _hear(self, t: float, window: WindowStats) -> None:
        news = self._board.news(self._layout.camera, t)
        for match in news.matched:
            self._take_over(match, window)
        for row in news.claimed:
            self._drop(row, window)
        if news.alone:
            self._came_alone(np.array(news.alone), window)
        for leaving in news.missed:
            self._give_up(leaving, window)

    def _came_alone(self, rows: I64, window: WindowStats) -> None:
        """Nobody had followed the tracks in `rows` before: where they came from is not known."""
        came_in = self._lines.way(rows) > 0
        for row, station in zip(
            rows.tolist(), np.where(came_in, self._flows.door, self._flows.lost).tolist(), strict=True
        ):
            self._set_out(row, station, window)

    def _set_out(self, row: int, station: int, window: WindowStats) -> None:
        self._waiting[row] = False
        self._add_flows(self._flows.set_out(row, station, self._held.pop(row, [])), window)

    def _take_over(self, match: Match, window: WindowStats) -> None:
        journey, row = match.journey, match.row
        self._set_out(row, self._last_station(journey), window)
        self._lines.go_on(row, journey.way)
        stays = {self._zone_of[zone]: stay for zone, stay in journey.stays.items()}
        been = [self._zone_of[zone] for zone in sorted(journey.been)]
        if journey.acquaintance is not None:
            self._onlookers.take_over(row, journey.acquaintance)
        self._add_entries(self._visits.take_over(row, stays, been), window)
        if not match.returned:
            window.guessed += match.guessed
            window.taken += not match.guessed

    def _give_up(self, leaving: Leaving, window: WindowStats) -> None:
        """Nobody came where someone left: the visits broke off there."""
        window.missed += 1
        journey = leaving.journey
        window.flows[self._last_station(journey), self._flows.lost] += 1
        zones = [self._zone_of[zone] for zone in journey.stays]
        stays = journey.stays.values()
        visits = Visits(
            np.array(zones, np.int64),
            np.array([stay.end - stay.start for stay in stays]),
            np.array([stay.if_lost for stay in stays], np.int64),
            np.full(len(zones), -1),
        )
        if journey.acquaintance is not None:
            segments = self._onlookers.segments_of_gone(leaving.t, journey.acquaintance)
            self._add_audience(visits, np.repeat(segments, len(zones), axis=1), window)
        self._add_counts(visits, window)
        if leaving.ended:
            self._add_lost(np.array([leaving.xy]), window)

    def _last_station(self, journey: Journey) -> int:
        """Its number; whoever crossed an entrance inwards came in by it."""
        came_in = journey.station == LOST and journey.way > 0
        return self._stations.index(ENTRY if came_in else journey.station)

    def stood(self, rows: I64, inside: Bool, window: WindowStats) -> None:
        """The tracks in `rows` (m,) have stopped."""
        window.stops += self._visits.stood(rows, inside)

    def end(self, t: float, rows: I64, until: F64, xy: F64, window: WindowStats) -> None:
        """The tracks in `rows` (m,) ended; they were seen `until` (m,), at `xy` (m, 2)."""
        self._hear(t, window)
        window.lines += self._lines.end(rows)
        followed, way = self._followed[rows], self._lines.way(rows)
        left = self._at_door[rows] | (way < 0)
        passed_on = followed & ~left & self._near_border[rows]
        over = followed & ~passed_on
        for k in np.flatnonzero(passed_on).tolist():
            self._pass_on(int(rows[k]), float(until[k]), xy[k], window, ended=True)
        self._close(rows[over], left[over], way[over], window)
        self._add_visits(t, self._visits.end(rows[over], self._door[rows[over]]), window)
        self._add_lost(xy[over & ~left], window)
        self._followed[rows] = False

    def stop(self, t: float, rows: I64, window: WindowStats) -> None:
        """The recording or stream stopped: nobody knows how the tracks in `rows` went on, nor those passed on."""
        self._hear(t, window)
        for leaving in self._board.forget(self._layout.camera):
            self._give_up(leaving, window)
        window.lines += self._lines.end(rows)
        over = rows[self._followed[rows]]
        self._close(over, np.zeros(len(over), np.bool_), self._lines.way(over), window)
        self._add_visits(t, self._visits.stop(over), window)
        self._followed[rows] = False

    def _close(self, rows: I64, left: Bool, way: I64, window: WindowStats) -> None:
        self._stop_waiting(rows, window)
        self._add_flows(self._flows.end(rows, left, way > 0), window)
        for row in rows[self._offered[rows]].tolist():
            self._board.retract(self._layout.camera, row)
        self._offered[rows] = False

    def _stop_waiting(self, rows: I64, window: WindowStats) -> None:
        waiting = rows[self._waiting[rows]]
        for row in waiting.tolist():
            self._board.withdraw(self._layout.camera, row)
        if len(waiting):
            self._came_alone(waiting, window)

    def _add_entries(self, begun: Entries, window: WindowStats) -> None:
        window.entries += begun.entries
        window.reentries += begun.reentries

    def _add_flows(self, moves: I64, window: WindowStats) -> None:
        if len(moves):
            np.add.at(window.flows, (moves[:, 0], moves[:, 1]), 1)

    def _add_lost(self, xy: F64, window: WindowStats) -> None:
        add_events(window.lost, self._layout.grid.cells(xy))

    def _add_visits(self, t: float, visits: Visits, window: WindowStats) -> None:
        if not len(visits.zone):
            return
        if len(self._layout.segments):
            self._add_audience(visits, self._onlookers.segments_of(t, visits.row), window)
        self._add_counts(visits, window)

    def _add_counts(self, visits: Visits, window: WindowStats) -> None:
        bins = np.searchsorted(DWELL_BINS_S, visits.dwell_s, side="right") - 1
        np.add.at(window.visits, visits.zone, 1)
        np.add.at(window.dwell_sum_s, visits.zone, visits.dwell_s)
        np.add.at(window.dwell, (visits.zone, visits.how, bins), 1)
        self._on_visits(visits)

    def _add_audience(self, visits: Visits, segments: Bool, window: WindowStats) -> None:
        """`segments` (S, v) of those whose visits they were."""
        np.add.at(window.segment_visits, visits.zone, segments.T)
        np.add.at(window.segment_dwell_s, visits.zone, segments.T * visits.dwell_s[:, None])
