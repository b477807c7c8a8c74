"""One camera's step: picture → detections → tracks → points on the plane → counts → windows."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Protocol

from edge.analytics.window import WindowStats
from edge.arrays import Detections, Frame, PlanePoints, Tracks
from edge.errors import SourceError
from edge.layout import Layout
from edge.plane import locate
from edge.ports import Detector, Observation, SeenDetections, SeenPoints, StreamRestarted
from edge.vision.mask import Mask
from edge.watch import LiveCounts, Watch

Stopwatch = Callable[[str], AbstractContextManager[None]]
"""Measures what runs inside `with stopwatch("track"):`."""


class Tracking(Protocol):
    """What the pipeline asks of a tracker."""

    def update(self, t: float, detections: Detections) -> Tracks:
        """Tracks at `t`."""

    def restart(self) -> object:
        """Forget everyone; ids go on."""


class Pipeline:
    """The stages of one camera, in their order. Recordings enter at the stage they recorded.

    `on_picture` is shown each picture, its masks blacked out, with everyone found in it.
    """

    def __init__(
        self,
        *,
        camera_id: str,
        layout: Layout,
        watch: Watch,
        detector: Detector | None = None,
        tracker: Tracking | None = None,
        stopwatch: Stopwatch = lambda _: nullcontext(),
        on_picture: Callable[[Frame, Detections], None] = lambda _frame, _found: None,
        on_tracks: Callable[[float, Tracks], None] = lambda _t, _tracks: None,
    ) -> None:
        self.camera_id, self.layout = camera_id, layout
        self._detector, self._tracker, self._watch = detector, tracker, watch
        self._time, self._on_picture, self._on_tracks = stopwatch, on_picture, on_tracks
        self._mask = Mask(layout.masks)
        self._size_px = layout.size_px

    def step(self, observation: Observation) -> list[WindowStats]:
        """Take in one observation; returns the windows that closed."""
        match observation:
            case Frame():
                return self._picture(observation)
            case SeenDetections(t, detections):
                return self._detections(t, detections)
            case SeenPoints(t, points):
                return self._points(t, points)
            case StreamRestarted():
                return self._restart()

    def finish(self) -> list[WindowStats]:
        """The recording ended; returns the windows that were still open."""
        return self._watch.finish()

    def showing(self, screen: str, creative: str | None, t_start: float, t_end: float) -> None:
        """What a screen shows from `t_start` to `t_end` s UTC of the stream, see `Watch.showing`."""
        self._watch.showing(screen, creative, t_start, t_end)

    def live(self) -> LiveCounts | None:
        """Who is there now."""
        return self._watch.live()

    def _picture(self, frame: Frame) -> list[WindowStats]:
        if self._detector is None:
            raise SourceError(f"camera {self.camera_id!r} sends pictures, but no model was loaded to look at them")
        self._size_px = frame.size_px
        with self._time("detect"):
            masked = replace(frame, image=self._mask.black_out(frame.image))
            detections = self._detector.detect(masked.image)
        self._on_picture(masked, detections)
        return self._detections(frame.t, detections)

    def _detections(self, t: float, detections: Detections) -> list[WindowStats]:
        if self._tracker is None or self._size_px is None:
            raise SourceError(f"camera {self.camera_id!r} sends detections, but its picture size is not known")
        with self._time("track"):
            tracks = self._tracker.update(t, self._mask.uncovered(detections, self._size_px))
        self._on_tracks(t, tracks)
        with self._time("locate"):
            points = locate(tracks, self.layout, self._size_px)
        return self._points(t, points)

    def _points(self, t: float, points: PlanePoints) -> list[WindowStats]:
        with self._time("count"):
            return self._watch.observe(t, points)

    def _restart(self) -> list[WindowStats]:
        if self._tracker is not None:
            self._tracker.restart()
        return self._watch.restart()
