"""Where shoppers can walk, and the way from one place to another.

Own light agents instead of jupedsim (1.4.2, LGPL-3): it brings PySide6 and VTK along, and at 10,700 agent-seconds per
second of one core a day of 1,000 shoppers takes 80 s; these take a few. What is lost is that people push each other.
"""

from functools import lru_cache

import numpy as np
from scipy import ndimage
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from contract.arrays import F64, I64, Bool
from contract.coverage import walkable
from contract.geometry import distance_to_lines, points_in_polygon
from contract.grid import Grid
from contract.site import Floor
from vitrina.errors import SimulationError

CELL_M = 0.25
BODY_M = 0.25
"""How close the middle of a person comes to a shelf."""

_WELL_M = 0.5
"""Shoppers do not stand on a zone's edge, which is drawn around where they stand."""

_COMFORT_M = 0.9
"""Nearer to a shelf than this, walking is dearer: people take the middle of an aisle."""

_SMOOTH_CELLS = 5
_TREES = 1500
"""Ways kept, one tree per place; each takes 8 bytes per cell."""


class Walkway:
    """The floor as a graph of small cells.

    `free` bool (n,): cells one can stand in; `clear_m` f64 (n,): distance from their middle to the nearest thing.
    """

    def __init__(self, floor: Floor, shunned: tuple[F64, ...] = ()) -> None:
        """Ways through the `shunned` polygons (k, 2) are ten times as dear.

        Raises:
            SimulationError: there is nowhere to walk.
        """
        (x0, y0), (x1, y1) = floor.bounds_m
        shape = int(np.ceil((y1 - y0) / CELL_M)), int(np.ceil((x1 - x0) / CELL_M))
        self.grid = Grid("m", CELL_M, (x0, y0), shape)
        open_ = np.pad(walkable(floor, self.grid.centres()).reshape(shape), 1)
        self.clear_m: F64 = (ndimage.distance_transform_edt(open_)[1:-1, 1:-1] * CELL_M - CELL_M / 2).ravel()
        self.free: Bool = _largest(self.clear_m.reshape(shape) >= BODY_M).ravel()
        if not self.free.any():
            raise SimulationError("there is nowhere to walk on this floor; its fixtures leave no way 0.5 m wide")
        self._centres = self.grid.centres()
        self._graph = _graph(self.free.reshape(shape), self._prices(shunned).reshape(shape))
        self._tree = lru_cache(_TREES)(self._make_tree)

    def _prices(self, shunned: tuple[F64, ...]) -> F64:
        tight = np.clip(1 - self.clear_m / _COMFORT_M, 0, 1)
        price = 1 + 3 * tight
        for polygon in shunned:
            price[points_in_polygon(self._centres, polygon)] *= 10
        return price

    def nearest(self, xy: F64) -> int:
        """The free cell nearest to a place (2,)."""
        free = np.flatnonzero(self.free)
        return int(free[((self._centres[free] - xy) ** 2).sum(axis=1).argmin()])

    def within(self, polygon: F64) -> I64:
        """Free cells well inside a polygon (k, 2), else all that are inside."""
        cells: I64 = np.flatnonzero(self.free & points_in_polygon(self._centres, polygon))
        well = distance_to_lines(self._centres[cells], polygon, np.roll(polygon, -1, axis=0)).min(axis=1) > _WELL_M
        return cells[well] if well.any() else cells

    def place(self, cell: int) -> F64:
        """Middle of a cell (2,)."""
        result: F64 = self._centres[cell]
        return result

    def way(self, start: int, end: int) -> F64:
        """From cell to cell, smoothed: points (k, 2) about a cell apart, with both ends."""
        tree = self._tree(end)
        cells = [start]
        while cells[-1] != end:
            cells.append(int(tree[cells[-1]]))
        return _smooth(self._centres[cells])

    def room_m(self, xy: F64) -> F64:
        """How far people at (n, 2) can step aside, metres (n,)."""
        cell = self.grid.cells(xy)
        return np.where(cell >= 0, np.maximum(self.clear_m[cell] - BODY_M, 0.0), 0.0)

    def _make_tree(self, root: int) -> I64:
        _, before = dijkstra(self._graph, indices=np.array([root]), return_predecessors=True)
        result: I64 = before[0].astype(np.int64)
        return result


def _largest(free: Bool) -> Bool:
    """The largest part that hangs together side by side: nobody starts in a closed yard."""
    parts, count = ndimage.label(free)
    if not count:
        return free
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    result: Bool = parts == sizes.argmax()
    return result


def _graph(free: Bool, price: F64) -> csr_array:
    """Eight neighbours; a step costs its length times the mean price of both cells; no cutting of corners."""
    rows, columns = free.shape
    index = np.arange(free.size).reshape(free.shape)
    starts, ends, costs = [], [], []
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        a = (slice(0, rows - down), slice(max(0, -right), columns - max(0, right)))
        b = (slice(down, rows), slice(max(0, right), columns - max(0, -right)))
        ok = free[a] & free[b]
        if down and right:
            ok &= free[a[0], b[1]] & free[b[0], a[1]]
        starts.append(index[a][ok])
        ends.append(index[b][ok])
        costs.append((price[a][ok] + price[b][ok]) / 2 * np.hypot(down, right))
    start, end, cost = map(np.concatenate, (starts, ends, costs))
    both = np.concatenate([start, end]), np.concatenate([end, start])
    return csr_array((np.concatenate([cost, cost]), both), shape=(free.size, free.size))


def _smooth(xy: F64) -> F64:
    """A running mean over the steps, whose ends stay where they are."""
    if len(xy) < 3:
        return xy
    half = _SMOOTH_CELLS // 2
    padded = np.concatenate([np.repeat(xy[:1], half, axis=0), xy, np.repeat(xy[-1:], half, axis=0)])
    smooth: F64 = ndimage.uniform_filter1d(padded, _SMOOTH_CELLS, axis=0)[half:-half]
    smooth[0], smooth[-1] = xy[0], xy[-1]
    return smooth
