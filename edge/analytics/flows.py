"""Flows: from which zone to which people went, with how they came and how they left."""

from itertools import pairwise

import numpy as np

from edge.analytics.slots import CAPACITY
from edge.arrays import F64, I64, Bool

_NOBODY, _NOWHERE = np.empty(0, np.int64), np.empty((0, 2), np.int64)


class FlowCounter:
    """Follows every track from station to station.

    Stations are numbered as the zones 0..Z-1; Z stands for ENTRY as a source and EXIT as a target, Z + 1 for LOST.
    Of several zones that someone is in the smallest counts, so one that lies in another wins over it. The way between
    zones is left out, and who comes back to the same zone has gone nowhere unless another lay between. Each track
    leaves ENTRY or LOST once and arrives at EXIT or LOST once.
    """

    def __init__(self, polygons: list[F64], is_station: Bool) -> None:
        """`is_station` (Z,): zones that are stops on the way, not places where people appear."""
        area = np.array([_area(polygon) for polygon in polygons])
        zones = np.flatnonzero(is_station)
        self._by_size: I64 = zones[np.argsort(area[zones], kind="stable")]
        self.door, self.lost = len(polygons), len(polygons) + 1
        self._at = np.full(CAPACITY, self.lost, np.int64)

    def begin(self, rows: I64, at_door: Bool) -> None:
        """Tracks in `rows` (m,) begin, at a door or somewhere (m,)."""
        self._at[rows] = np.where(at_door, self.door, self.lost)

    def station(self, row: int) -> int:
        """Where the track in `row` was last."""
        return int(self._at[row])

    def set_out(self, row: int, station: int, way: list[int]) -> I64:
        """It turns out that the track in `row` was at `station` before it went its `way`; source and target, (k, 2)."""
        stops = [station, *way]
        moves = [(a, b) for a, b in pairwise(stops) if a != b]
        self._at[row] = stops[-1]
        return np.array(moves, np.int64).reshape(-1, 2)

    def step(self, rows: I64, stays: Bool, came_in: Bool) -> tuple[I64, I64]:
        """Tracks in `rows` (m,) stay in zones (m, Z).

        `came_in` (m,): crossed an entrance line inwards, which is where such a track begins.

        Returns:
            which of the m went on (k,), from where to where (k, 2).
        """
        if not len(self._by_size):
            return _NOBODY, _NOWHERE
        on = stays[:, self._by_size]
        at = self._at[rows]
        zone = np.where(on.any(axis=1), self._by_size[on.argmax(axis=1)], at)
        went = np.flatnonzero(zone != at)
        if not len(went):
            return _NOBODY, _NOWHERE
        self._at[rows[went]] = zone[went]
        return went, np.stack([self._source(at[went], came_in[went]), zone[went]], axis=1)

    def end(self, rows: I64, left: Bool, came_in: Bool) -> I64:
        """Tracks in `rows` (m,) end, by a door or not (m,); source and target, (m, 2)."""
        target = np.where(left, self.door, self.lost)
        return np.stack([self._source(self._at[rows], came_in), target], axis=1)

    def _source(self, at: I64, came_in: Bool) -> I64:
        return np.where((at == self.lost) & came_in, self.door, at)


def _area(polygon: F64) -> float:
    x, y = polygon.T
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)
