"""Arrays as compact bytes: only the cells that hold something."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def pack(index: npt.ArrayLike, value: npt.ArrayLike) -> bytes:
    """Indices as little-endian uint32, then values as little-endian float32: 8 bytes a cell.

    float32 holds counts up to 16 million exactly and seconds to 7 digits.
    """
    return np.asarray(index, dtype="<u4").tobytes() + np.asarray(value, dtype="<f4").tobytes()


def pack_dense(array: Floats) -> bytes:
    """Pack what is not zero of `array`, in C order."""
    flat = array.ravel()
    index = np.flatnonzero(flat)
    return pack(index, flat[index])


def add_into(total: Floats, packed: bytes | None) -> None:
    """Add packed cells to `total` in place; `total` is C-contiguous and large enough for every index."""
    if not packed:
        return
    n = len(packed) // 8
    index = np.frombuffer(packed, dtype="<u4", count=n)
    # Cells of one packed array are distinct, or came so from the wire; `add.at` counts a repeated one twice too.
    np.add.at(total.reshape(-1), index, np.frombuffer(packed, dtype="<f4", offset=4 * n, count=n))
