"""Recordings without pictures: detections in MOTChallenge's form, and trajectories in metres."""

import csv
import math
from collections.abc import Iterator
from itertools import groupby, pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from edge.arrays import I64, Detections, PlanePoints
from edge.errors import SourceError
from edge.io.seqinfo import find_seqinfo, rate_of
from edge.ports import Observation, SeenDetections, SeenPoints, SourceCounts

HEADER = ["t", "track_id", "x_m", "y_m"]


class _Box(NamedTuple):
    frame: int
    xyxy: tuple[float, float, float, float]
    confidence: float


class RecordedDetections:
    """A MOTChallenge det.txt: `frame,id,left,top,width,height,conf[,...]`, frames from 1, ids not looked at.

    A frame without rows is an empty observation. Frame n is at `start` + (n - 1) / fps s UTC.
    """

    def __init__(
        self, path: Path, *, fps: float | None = None, size_px: tuple[int, int] | None = None, start: float = 0.0
    ) -> None:
        """Read the file; what is not given comes from a seqinfo.ini beside it or one folder up.

        Raises:
            SourceError: missing, a malformed row (with its line), no rows, or no rate.
        """
        info = find_seqinfo(path)
        boxes = sorted(_read_boxes(path), key=lambda box: box.frame)
        self._frames = max([box.frame for box in boxes] + [info.frames if info else 0])
        if not self._frames:
            raise SourceError(f"{path}: holds no detections and no seqinfo.ini says how long it is")
        self._by_frame = {frame: _detections(list(rows)) for frame, rows in groupby(boxes, lambda box: box.frame)}
        self._fps, self._start = rate_of(path, fps, info), start
        self._size_px = size_px or (info.size_px if info else None)
        self._closed = False

    @property
    def size_px(self) -> tuple[int, int] | None:
        """Of the pictures that the detections were found in, None where nobody says."""
        return self._size_px

    @property
    def duration_s(self) -> float:
        """Frames over rate."""
        return self._frames / self._fps

    @property
    def counts(self) -> SourceCounts:
        """Nothing is dropped."""
        return SourceCounts()

    def close(self) -> None:
        """End a running iteration at its next frame."""
        self._closed = True

    def __iter__(self) -> Iterator[Observation]:
        for frame in range(1, self._frames + 1):
            if self._closed:
                return
            found = self._by_frame.get(frame)
            yield SeenDetections(self._start + (frame - 1) / self._fps, found if found else Detections.empty())


def _read_boxes(path: Path) -> Iterator[_Box]:
    for line, row in _rows(path):
        try:
            frame, left, top, width, height, confidence = (float(row[i]) for i in (0, 2, 3, 4, 5, 6))
        except (ValueError, IndexError):
            raise SourceError(
                f"{path}:{line}: not `frame,id,left,top,width,height,conf` in numbers: {','.join(row)[:80]!r}"
            ) from None
        if not all(map(math.isfinite, (frame, left, top, width, height, confidence))):
            raise SourceError(f"{path}:{line}: every number must be finite: {','.join(row)[:80]!r}")
        if frame < 1 or frame != int(frame):
            raise SourceError(f"{path}:{line}: frames are whole numbers from 1, got {row[0]}")
        if width <= 0 or height <= 0:
            raise SourceError(f"{path}:{line}: width and height must be above 0, got {row[4]} and {row[5]}")
        yield _Box(int(frame), (left, top, left + width, top + height), confidence)


def _detections(boxes: list[_Box]) -> Detections:
    xyxy = np.array([box.xyxy for box in boxes], np.float32)
    return Detections(xyxy, np.array([box.confidence for box in boxes], np.float32), np.zeros(len(boxes), np.int16))


class _Place(NamedTuple):
    t: float
    track_id: int
    x_m: float
    y_m: float


class RecordedTracks:
    """Trajectories `t,track_id,x_m,y_m` with that header; rows ascend in t.

    The recording's own step is the median time between its instants. Where nobody was there, no instant was written:
    those are given back as empty observations, a step apart. An id is in `ended` at the instant after its last row.
    """

    def __init__(self, path: Path, *, start: float = 0.0) -> None:
        """Read the file; `start` s UTC is added to its times.

        Raises:
            SourceError: missing, another header, no rows, a malformed row, or one out of order (with its line).
        """
        places = _read_places(path)
        self._instants: list[tuple[float, list[_Place]]] = [
            (t, list(rows)) for t, rows in groupby(places, lambda place: place.t)
        ]
        steps = [after - before for (before, _), (after, _) in pairwise(self._instants)]
        self._step_s = float(np.median(steps)) if steps else 0.0
        self._last_t = {place.track_id: place.t for place in places}
        xy = np.array([(place.x_m, place.y_m) for place in places])
        self._bounds_m = (*map(float, xy.min(axis=0)), *map(float, xy.max(axis=0)))
        self._start = start
        self._closed = False

    @property
    def size_px(self) -> None:
        """There is no picture."""
        return

    @property
    def duration_s(self) -> float:
        """From the first instant to a step after the last."""
        return self._instants[-1][0] - self._instants[0][0] + self._step_s

    @property
    def bounds_m(self) -> tuple[float, ...]:
        """Least x, least y, greatest x, greatest y, metres."""
        return self._bounds_m

    @property
    def counts(self) -> SourceCounts:
        """Nothing is dropped."""
        return SourceCounts()

    def close(self) -> None:
        """End a running iteration at its next instant."""
        self._closed = True

    def __iter__(self) -> Iterator[Observation]:
        ending: list[int] = []
        for t, places in self._with_silence():
            if self._closed:
                return
            yield SeenPoints(self._start + t, _points(places, ending))
            ending = [place.track_id for place in places if self._last_t[place.track_id] == t]

    def _with_silence(self) -> Iterator[tuple[float, list[_Place]]]:
        for (t, places), (after, _) in pairwise(self._instants):
            yield t, places
            for i in range(1, round((after - t) / self._step_s)):
                yield t + i * self._step_s, []
        yield self._instants[-1]


def _read_places(path: Path) -> list[_Place]:
    rows = _rows(path)
    if [name.strip() for name in next(rows, (0, []))[1]] != HEADER:
        raise SourceError(f"{path}:1: the header must be {','.join(HEADER)}")
    places: list[_Place] = []
    seen: set[int] = set()
    for line, row in rows:
        place = _place(path, line, row)
        if places and place.t < places[-1].t:
            raise SourceError(f"{path}:{line}: t {place.t} comes after {places[-1].t}; sort the rows by t")
        if places and place.t > places[-1].t:
            seen.clear()
        if place.track_id in seen:
            raise SourceError(f"{path}:{line}: track {place.track_id} is there twice at t {place.t}")
        seen.add(place.track_id)
        places.append(place)
    if not places:
        raise SourceError(f"{path}: holds no rows under its header")
    return places


def _place(path: Path, line: int, row: list[str]) -> _Place:
    try:
        t, track_id, x_m, y_m = row
        place = _Place(float(t), int(track_id), float(x_m), float(y_m))
    except ValueError:
        raise SourceError(f"{path}:{line}: not `{','.join(HEADER)}` in numbers: {','.join(row)[:80]!r}") from None
    if not all(map(math.isfinite, place)) or place.track_id < 0:
        raise SourceError(f"{path}:{line}: numbers must be finite and track_id 0 or more: {','.join(row)[:80]!r}")
    return place


def _points(places: list[_Place], ending: list[int]) -> PlanePoints:
    places = sorted(places, key=lambda place: place.track_id)
    track_id: I64 = np.array([place.track_id for place in places], np.int64)
    xy = np.array([(place.x_m, place.y_m) for place in places], np.float64).reshape(-1, 2)
    return PlanePoints(track_id, xy, np.zeros(len(places), np.bool_), np.array(sorted(ending), np.int64))


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line number and fields of each row that is not blank."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            for line, row in enumerate(csv.reader(file), 1):
                if any(field.strip() for field in row):
                    yield line, row
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{path}: not a text of comma-separated numbers ({error})") from error
