"""One camera's step: picture → detections → tracks → points on the plane → counts → windows."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Protocol

from edge.analytics.window import WindowStats
from edge.arrays import U16, Detections, Faces, Frame, PlanePoints, Tracks
from edge.errors import SourceError
from edge.layout import Layout
from edge.plane import locate
from edge.ports import Detector, FaceReading, Observation, SeenDetections, SeenPoints, StreamRestarted
from edge.vision.mask import Mask
from edge.vision.people import is_other
from edge.vision.transport import TransportFinder
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

    `companions` finds what people are with among detections that are no people; `faces` looks at faces, where the
    profile allows it. `on_picture` is shown each picture, its masks blacked out, with everyone found in it.
    """

    def __init__(
        self,
        *,
        camera_id: str,
        layout: Layout,
        watch: Watch,
        detector: Detector | None = None,
        tracker: Tracking | None = None,
        companions: TransportFinder | None = None,
        faces: FaceReading | None = None,
        stopwatch: Stopwatch = lambda _: nullcontext(),
        on_picture: Callable[[Frame, Detections], None] = lambda _frame, _found: None,
        on_tracks: Callable[[float, Tracks], None] = lambda _t, _tracks: None,
    ) -> None:
        self.camera_id, self.layout = camera_id, layout
        self._detector, self._tracker, self._watch = detector, tracker, watch
        self._companions, self._faces = companions, faces
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
        people, others = self._sort(detections)
        self._on_picture(masked, people)
        return self._people(frame.t, people, others, masked)

    def _detections(self, t: float, detections: Detections) -> list[WindowStats]:
        return self._people(t, *self._sort(detections), None)

    def _sort(self, detections: Detections) -> tuple[Detections, Detections]:
        """People, and everything else that was looked for."""
        if self._companions is None:
            return detections, Detections.empty()
        other = is_other(detections, self._companions.classes)
        return detections[~other], detections[other]

    def _people(self, t: float, people: Detections, others: Detections, picture: Frame | None) -> list[WindowStats]:
        if self._tracker is None or self._size_px is None:
            raise SourceError(f"camera {self.camera_id!r} sends detections, but its picture size is not known")
        with self._time("track"):
            tracks = self._tracker.update(t, self._mask.uncovered(people, self._size_px))
        self._on_tracks(t, tracks)
        transport, faces = self._with(t, tracks, others), self._look(picture, tracks)
        with self._time("locate"):
            points = locate(tracks, self.layout, self._size_px, transport=transport, faces=faces)
        return self._points(t, points)

    def _with(self, t: float, tracks: Tracks, others: Detections) -> U16 | None:
        if self._companions is None:
            return None
        with self._time("companions"):
            return self._companions.step(t, tracks, others)

    def _look(self, picture: Frame | None, tracks: Tracks) -> Faces | None:
        if self._faces is None or picture is None:
            return None
        with self._time("faces"):
            self._faces.look(picture, tracks)
        return self._faces.traits(tracks.track_id)

    def _points(self, t: float, points: PlanePoints) -> list[WindowStats]:
        with self._time("count"):
            return self._watch.observe(t, points)

    def _restart(self) -> list[WindowStats]:
        for stage in (self._tracker, self._companions, self._faces):
            if stage is not None:
                stage.restart()
        return self._watch.restart()
