"""Arrays of counts as compact bytes: only what holds something.

Sums of integers are exact, so days, hours and windows agree to the last unit in whatever order they are added up.
Tables have a hundred cells and come in thousands; grids have thousands of cells in some layers and come in hundreds.
"""

import struct
import zlib
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_WIDTHS = ("<u1", "<u2", "<u4", "<u8")
_PAIR = np.dtype([("cell", "u1"), ("count", "<u8")])
_HEAD = struct.Struct("<BBI")  # widths of the steps and of the values, number of cells


def pack_table(table: Ints) -> bytes | None:
    """Pack at most 256 counts, in C order, as pairs of cell and count; None when all are zero.

    One packed table after the other is a packed table again: that of their sum.
    """
    flat = table.reshape(-1)
    cells = flat.nonzero()[0]
    pairs = np.empty(len(cells), _PAIR)
    pairs["cell"], pairs["count"] = cells, flat[cells]
    return pairs.tobytes() or None


def sum_tables(packed: Iterable[bytes], shape: tuple[int, int]) -> Ints:
    """The sum of packed tables."""
    pairs = np.frombuffer(b"".join(packed), _PAIR)
    total = np.zeros(shape, np.int64)
    np.add.at(total.reshape(-1), pairs["cell"], pairs["count"].astype(np.int64))
    return total


def read_tables(total: Floats, rows: Ints, packed: Sequence[bytes]) -> None:
    """Add many packed tables to `total` in place, each to the table of its row, counted in C order."""
    pairs = np.frombuffer(b"".join(packed), _PAIR)
    cells = total.shape[-2] * total.shape[-1]
    row = np.repeat(rows, [len(table) // _PAIR.itemsize for table in packed])
    np.add.at(total.reshape(-1), row * cells + pairs["cell"], pairs["count"].astype(np.float64))


def pack_grid(layers: Ints) -> bytes | None:
    """Pack (layers, cells) counts; None when all are zero.

    By layer: where the cells lie that hold something, as steps from one to the next, then what they hold, in integers
    no wider than they need be; deflated. A minute takes a seventh of what 4-byte indices and values do.
    """
    if not layers.any():
        return None
    # Level 1: the higher ones gain 3 % and cost three times as much.
    return zlib.compress(b"".join(_layer(layer) for layer in layers), 1)


def add_grid(total: Ints, packed: bytes | None) -> None:
    """Add a packed grid to `total`, (layers, cells), in place."""
    if not packed:
        return
    raw, at = zlib.decompress(packed), 0
    for layer in total:
        step, value, n = _HEAD.unpack_from(raw, at)
        at += _HEAD.size
        index = np.frombuffer(raw, _WIDTHS[step], n, at).cumsum(dtype=np.int64)
        at += index.size << step
        # Plain indexed addition is right, and ten times faster than `np.add.at`, because packed cells are distinct.
        layer[index] += np.frombuffer(raw, _WIDTHS[value], n, at).astype(np.int64)
        at += n << value


def _layer(layer: Ints) -> bytes:
    index = np.flatnonzero(layer)
    steps, values = np.diff(index, prepend=0), layer[index]
    widths = _width(steps), _width(values)
    head = _HEAD.pack(*widths, len(index))
    return head + steps.astype(_WIDTHS[widths[0]]).tobytes() + values.astype(_WIDTHS[widths[1]]).tobytes()


def _width(values: npt.NDArray[np.int64]) -> int:
    """Position in `_WIDTHS` of the narrowest that holds `values`."""
    largest = int(values.max(initial=0))
    return next(i for i, width in enumerate(_WIDTHS) if largest <= np.iinfo(width).max)
