"""What is judged on a floor: tiles of about three metres, and whole zones.

A tile lies in one zone or in none, and hangs together: the two sides of a shelf are two tiles.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix, csr_matrix, vstack
from scipy.sparse.csgraph import connected_components

TILE_M = 3.0
WHOLE_SHARE = 0.5
"""A tile smaller than this share of a full one is joined to its neighbour: a strip along a shelf is no place."""

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Units:
    """Units (k,) of a floor: first the tiles, then the zones."""

    members: csr_matrix
    """(k, cells) 1 where a cell belongs to a unit."""
    tiles: int
    """How many of them are tiles."""

    @property
    def count(self) -> int:
        """How many units."""
        return int(self.members.shape[0])

    def sums(self, values: Floats) -> Floats:
        """(days, k) sums over the units of values (days, rows, columns)."""
        flat = values.reshape(len(values), -1)
        return np.asarray((self.members @ flat.T).T)

    def share_in(self, mask: Mask) -> Floats:
        """(k,) what part of each unit's cells lies in `mask` (rows, columns)."""
        size = np.asarray(self.members.sum(axis=1)).ravel()
        return np.asarray(self.members @ mask.ravel().astype(np.float64)) / np.maximum(size, 1)

    def cells(self, chosen: Mask, shape: tuple[int, int]) -> Mask:
        """(rows, columns) where any of the chosen units (k,) lies."""
        return np.asarray((self.members.T @ chosen.astype(np.float64)) > 0).reshape(shape)


def units(free: Mask, zones: Mapping[str, Mask], *, cell_m: float) -> Units:
    """Cut a floor.

    Args:
        free: (rows, columns) cells to be judged.
        zones: masks (rows, columns); where they overlap the smallest counts for the tiles.
        cell_m: side of a cell.
    """
    zone = zone_labels(zones, free.shape)
    tile = tile_labels(free, zone, cell_m=cell_m)
    cells = np.flatnonzero(tile.ravel() >= 0)
    count = int(tile.max(initial=-1)) + 1
    ones = np.ones(cells.size)
    members = coo_matrix((ones, (tile.ravel()[cells], cells)), shape=(count, tile.size)).tocsr()
    whole = [csr_matrix((mask & free).ravel().astype(np.float64)) for mask in zones.values()]
    return Units(vstack([members, *whole], format="csr") if whole else members, count)


def zone_labels(zones: Mapping[str, Mask], shape: tuple[int, ...]) -> Labels:
    """(rows, columns) the place in `zones` of the smallest zone there, -1 where there is none."""
    labels = np.full(shape, -1, dtype=np.intp)
    for i, mask in sorted(enumerate(zones.values()), key=lambda zone: -int(zone[1].sum())):
        labels[mask] = i
    return labels


def tile_labels(free: Mask, zone: Labels, *, cell_m: float) -> Labels:
    """(rows, columns) each cell's tile, numbered from 0; -1 where not free."""
    side = max(round(TILE_M / cell_m), 1)
    rows, columns = np.indices(free.shape) // side
    key = ((zone + 1) * free.shape[0] + rows) * free.shape[1] + columns
    tiles = hanging_together(free, key)
    return _joined(tiles, zone, fewest=WHOLE_SHARE * side**2)


def hanging_together(mask: Mask, key: Labels | None = None) -> Labels:
    """(rows, columns) number of the piece each cell of `mask` is in, -1 outside; neighbours have one key in common."""
    a, b = _neighbours(mask)
    if key is not None:
        same = key.ravel()[a] == key.ravel()[b]
        a, b = a[same], b[same]
    graph = coo_matrix((np.ones(a.size), (a, b)), shape=(mask.size, mask.size))
    _, piece = connected_components(graph, directed=False)
    return _numbered(np.where(mask.ravel(), piece, -1)).reshape(mask.shape)


def _neighbours(mask: Mask) -> tuple[Labels, Labels]:
    """Pairs of cells of `mask` that share a side, as flat indices."""
    index = np.arange(mask.size).reshape(mask.shape)
    across, down = mask[:, 1:] & mask[:, :-1], mask[1:] & mask[:-1]
    first = np.concatenate([index[:, :-1][across], index[:-1][down]])
    second = np.concatenate([index[:, 1:][across], index[1:][down]])
    return first, second


def _numbered(labels: Labels) -> Labels:
    """The same labels without gaps; -1 stays."""
    known = labels >= 0
    result = np.full(labels.shape, -1, dtype=np.intp)
    result[known] = np.unique(labels[known], return_inverse=True)[1]
    return result


def _joined(tiles: Labels, zone: Labels, *, fewest: float) -> Labels:
    """Small tiles become part of the neighbour in their zone with the longest common border, the smallest first."""
    labels = tiles.ravel().copy()
    a, b = _neighbours(tiles >= 0)
    one_zone = zone.ravel()[a] == zone.ravel()[b]
    a, b = a[one_zone], b[one_zone]
    alone: set[int] = set()
    while (small := _smallest(labels, fewest, alone)) is not None:
        beside = np.concatenate([labels[b][labels[a] == small], labels[a][labels[b] == small]])
        beside = beside[beside != small]
        if beside.size:
            labels[labels == small] = np.bincount(beside).argmax()
        else:
            alone.add(small)
    return _numbered(labels).reshape(tiles.shape)


def _smallest(labels: Labels, fewest: float, alone: set[int]) -> int | None:
    sizes = np.bincount(labels[labels >= 0])
    open_ = [int(i) for i in np.flatnonzero((sizes > 0) & (sizes < fewest)) if int(i) not in alone]
    return min(open_, key=lambda i: int(sizes[i])) if open_ else None
