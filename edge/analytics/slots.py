"""Rows of per-track state: every live track has one, and gives it back when it ends."""

import numpy as np

from edge.arrays import I64, Bool
from edge.errors import EdgeError

CAPACITY = 2048
"""Tracks that can live at once on one camera."""


class Slots:
    """Maps track ids to rows 0..CAPACITY-1 of fixed arrays, so that state can neither leak nor be mixed up."""

    def __init__(self) -> None:
        self._row_of: dict[int, int] = {}
        self._free = list(range(CAPACITY - 1, -1, -1))

    def take(self, track_id: I64) -> tuple[I64, Bool]:
        """Rows of `track_id` (m,), and which of them are new and must be reset (m,).

        Raises:
            EdgeError: more tracks live at once than CAPACITY.
        """
        new = np.array([i not in self._row_of for i in track_id.tolist()], dtype=np.bool_)
        if np.count_nonzero(new) > len(self._free):
            raise EdgeError(f"more than {CAPACITY} tracks at once on one camera; does the recording list `ended`?")
        rows = [self._row_of.get(i, -1) for i in track_id.tolist()]
        for k in np.flatnonzero(new).tolist():
            rows[k] = self._row_of[int(track_id[k])] = self._free.pop()
        return np.array(rows, dtype=np.int64), new

    def find(self, track_id: I64) -> I64:
        """Rows of `track_id` (m,); -1 for those who have none."""
        return np.array([self._row_of.get(i, -1) for i in track_id.tolist()], dtype=np.int64)

    def release(self, ended: I64) -> I64:
        """Rows of the tracks that ended; ids never seen are passed over."""
        rows = [self._row_of.pop(i) for i in ended.tolist() if i in self._row_of]
        self._free.extend(rows)
        return np.array(rows, dtype=np.int64)

    def release_all(self) -> I64:
        """Rows of everyone: the end of the recording or of the stream."""
        return self.release(np.array(list(self._row_of), dtype=np.int64))
