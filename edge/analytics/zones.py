"""Which zones a point is in: a label map looked up per point, the exact polygon only in the cells an edge crosses."""

import numpy as np

from contract.geometry import points_in_polygon, within_edges
from edge.arrays import F64, Bool

CELLS = 192
"""Cells along the longer side of the map."""


class ZoneMap:
    """Point-in-zone for Z polygons that may overlap. The polygon's edge counts as inside."""

    def __init__(self, polygons: list[F64]) -> None:
        """`polygons`: one (k, 2) array per zone, in the plane's unit."""
        self._a, self._b = _edges(polygons)
        corners = np.vstack(polygons) if polygons else np.zeros((1, 2))
        low, high = corners.min(axis=0), corners.max(axis=0)
        self._cell = float(max((high - low).max(), 1e-9)) / CELLS
        self._origin = low - self._cell
        columns, rows = np.ceil((high - low) / self._cell).astype(int) + 3
        self._inside = np.zeros((rows, columns, len(polygons)), np.bool_)
        self._edge = np.zeros((rows, columns, len(polygons)), np.bool_)
        centres = self._centres(rows, columns)
        for zone, polygon in enumerate(polygons):
            self._inside[:, :, zone] = points_in_polygon(centres, polygon).reshape(rows, columns)
            self._edge[:, :, zone] = _cells_on_edges(centres, polygon, self._cell).reshape(rows, columns)

    def _centres(self, rows: int, columns: int) -> F64:
        x = self._origin[0] + (np.arange(columns) + 0.5) * self._cell
        y = self._origin[1] + (np.arange(rows) + 0.5) * self._cell
        return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)

    def __len__(self) -> int:
        return len(self._a)

    def contains(self, xy: F64) -> Bool:
        """Points (m, 2) in zones; bool (m, Z)."""
        rows, columns = self._inside.shape[:2]
        at = np.floor((xy - self._origin) / self._cell)
        on_map = ((at >= 0) & (at < (columns, rows))).all(axis=1)
        column, row = np.where(on_map[:, None], at, 0).astype(np.int64).T
        inside: Bool = self._inside[row, column] & on_map[:, None]
        unsure = self._edge[row, column] & on_map[:, None]
        which, zone = np.nonzero(unsure)
        if len(which):
            inside[which, zone] = within_edges(xy[which], self._a[zone], self._b[zone])
        return inside


def _edges(polygons: list[F64]) -> tuple[F64, F64]:
    """Both ends of every edge, (Z, k, 2) each; polygons with fewer corners are filled up with edges of no length."""
    most = max((len(polygon) for polygon in polygons), default=1)
    a = np.zeros((len(polygons), most, 2))
    b = np.zeros((len(polygons), most, 2))
    for zone, polygon in enumerate(polygons):
        a[zone] = b[zone] = polygon[0]
        a[zone, : len(polygon)], b[zone, : len(polygon)] = polygon, np.roll(polygon, -1, axis=0)
    return a, b


def _cells_on_edges(centres: F64, polygon: F64, cell: float) -> Bool:
    """Cells whose square meets an edge of the polygon: separating axes of square and segment."""
    half = cell * 0.5 * (1 + 1e-9)
    meets = np.zeros(len(centres), np.bool_)
    for a, b in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        middle, reach = (a + b) / 2, np.abs(b - a) / 2
        near = (np.abs(centres - middle) <= reach + half).all(axis=1)
        normal = np.array([a[1] - b[1], b[0] - a[0]])
        meets |= near & (np.abs((centres - a) @ normal) <= half * np.abs(normal).sum() + 1e-12)
    return meets
