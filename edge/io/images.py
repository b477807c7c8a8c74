"""A folder of pictures as a recording."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from edge.arrays import U8, Frame
from edge.errors import SourceError
from edge.io.seqinfo import find_seqinfo, rate_of
from edge.ports import Observation, SourceCounts, StreamRestarted

SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".webp"}


class ImageFolder:
    """The pictures of a folder in the order of their names, `fps` a second, the first at `start` s UTC.

    A picture that cannot be decoded is counted and passed over; its instant stays empty.
    """

    def __init__(self, folder: Path, *, camera_id: str, fps: float | None = None, start: float = 0.0) -> None:
        """List the folder; without `fps` the rate comes from a MOTChallenge seqinfo.ini beside or above it.

        Raises:
            SourceError: no such folder, no readable picture in it, or no rate.
        """
        if not folder.is_dir():
            raise SourceError(f"{folder}: no such folder")
        self._paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
        self._fps = rate_of(folder, fps, find_seqinfo(folder / "picture"))
        self._camera_id, self._start = camera_id, start
        self._closed = False
        self._bad_frames = 0
        self._size_px = self._first_size(folder)

    def _first_size(self, folder: Path) -> tuple[int, int]:
        for image in map(_read, self._paths):
            if image is not None:
                return image.shape[1], image.shape[0]
        raise SourceError(f"{folder}: no readable picture in it ({', '.join(sorted(SUFFIXES))} are looked for)")

    @property
    def size_px(self) -> tuple[int, int]:
        """Of the first picture that can be read."""
        return self._size_px

    @property
    def duration_s(self) -> float:
        """Pictures over rate."""
        return len(self._paths) / self._fps

    @property
    def counts(self) -> SourceCounts:
        """Pictures that could not be decoded."""
        return SourceCounts(bad_frames=self._bad_frames)

    def close(self) -> None:
        """End a running iteration at its next picture."""
        self._closed = True

    def __iter__(self) -> Iterator[Observation]:
        index, size = 0, self._size_px
        for i, path in enumerate(self._paths):
            if self._closed:
                return
            image, t = _read(path), self._start + i / self._fps
            if image is None:
                self._bad_frames += 1
                continue
            if (image.shape[1], image.shape[0]) != size:
                size = image.shape[1], image.shape[0]
                yield StreamRestarted(t)
            yield Frame(image, t, index, self._camera_id)
            index += 1


def _read(path: Path) -> U8 | None:
    """BGR pixels, or None. Read by numpy: OpenCV's own reading prints on stderr what cannot be read."""
    try:
        encoded = np.fromfile(path, np.uint8)
    except OSError:
        return None
    if not len(encoded):
        return None
    image = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    return None if image is None else np.asarray(image, np.uint8)
