"""Arrays as compact bytes: only the cells that hold something."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def pack(index: npt.ArrayLike, value: npt.ArrayLike) -> bytes:
    """Indices as little-endian uint32, then values as little-endian float32: 8 bytes a cell.

    float32 holds counts up to 16 million exactly and seconds to 7 digits. A cell that is named twice is added up.
    """
    cells, place = np.unique(np.asarray(index, dtype="<u4"), return_inverse=True)
    values = np.bincount(place, weights=np.asarray(value, dtype=np.float64), minlength=len(cells))
    return cells.tobytes() + values.astype("<f4").tobytes()


def pack_dense(array: Floats) -> bytes:
    """Pack what is not zero of `array`, in C order."""
    flat = array.ravel()
    index = np.flatnonzero(flat)
    return index.astype("<u4").tobytes() + flat[index].astype("<f4").tobytes()


def add_into(total: Floats, packed: bytes | None) -> None:
    """Add packed cells to `total` in place; `total` is C-contiguous and large enough for every index."""
    if not packed:
        return
    n = len(packed) // 8
    index = np.frombuffer(packed, dtype="<u4", count=n)
    # Plain indexed addition is right, and ten times faster than `np.add.at`, because packed cells are distinct.
    total.reshape(-1)[index] += np.frombuffer(packed, dtype="<f4", offset=4 * n, count=n)
