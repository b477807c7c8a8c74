"""The seams: what a source, a detector and a clock are. Each has one conformance suite for all implementations."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from edge.arrays import I64, U8, Detections, Faces, Frame, PlanePoints, Tracks


@dataclass(frozen=True, slots=True)
class SeenDetections:
    """A recorded frame whose detections are known. `t` seconds."""

    t: float
    detections: Detections


@dataclass(frozen=True, slots=True)
class SeenPoints:
    """A recorded instant whose tracks are known. `t` seconds."""

    t: float
    points: PlanePoints


@dataclass(frozen=True, slots=True)
class StreamRestarted:
    """The stream broke and came back: a new epoch, nobody seen before is known any more."""

    t: float


Observation = Frame | SeenDetections | SeenPoints | StreamRestarted


@dataclass(frozen=True, slots=True)
class SourceCounts:
    """Since the source was opened."""

    dropped: int = 0
    bad_frames: int = 0


class Source(Protocol):
    """Yields observations in ascending `t`. A recording ends; a live source goes on until closed."""

    @property
    def size_px(self) -> tuple[int, int] | None:
        """Width and height of the picture, None for trajectories in metres."""

    @property
    def duration_s(self) -> float | None:
        """Length of a recording as its container says, None where unknown or live."""

    @property
    def counts(self) -> SourceCounts:
        """What was skipped or failed so far."""

    def __iter__(self) -> Iterator[Observation]: ...

    def close(self) -> None:
        """Let go of the camera or file; a waiting iterator ends."""


class Detector(Protocol):
    """Finds people in a picture."""

    def detect(self, image: U8) -> Detections:
        """`image` u8 (h, w, 3) BGR; boxes in its pixels, weak ones included (the tracker has its own thresholds)."""


class FaceReading(Protocol):
    """Tells age, gender and facing of one camera's tracks; in profile demographics only."""

    def look(self, frame: Frame, tracks: Tracks) -> None:
        """Show it a picture, its masks black, with the tracks in it; who `ended` is forgotten."""

    def traits(self, track_id: I64) -> Faces:
        """What is known of `track_id` (m,) by now."""

    def restart(self) -> None:
        """A new stream: nobody is known any more."""


class Clock(Protocol):
    """Where live time comes from."""

    def now(self) -> float:
        """Seconds UTC."""

    def sleep(self, seconds: float) -> None:
        """Wait."""
