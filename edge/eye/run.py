"""The eye process: watches its cameras in turn and tells the gate numbers. No disk, no network but the cameras'."""

import threading
from collections.abc import Callable, Iterable
from secrets import token_hex
from time import monotonic

from contract.site import Camera
from edge.compose import camera_pipeline, tracking_settings
from edge.config import CameraSettings
from edge.eye.faces import face_readers
from edge.eye.lookout import LiveSource, Lookout, Post
from edge.eye.scene import Scene
from edge.handover import Board
from edge.io.channel import Uplink
from edge.io.clock import SystemClock
from edge.io.onnx import OnnxDetector
from edge.io.playback import Looped, Newest, Paced
from edge.io.sources import open_source
from edge.jobs import EyeJob
from edge.layout import site_layout
from edge.models import find_model
from edge.pipeline import Pipeline
from edge.ports import Clock, Detector, FaceReading
from edge.process import seal
from edge.tracking.tracker import TrackerSettings
from edge.wire import CamerasHealth

_LIVE_S = 1.0
_HEALTH_S = 5.0
_LAST_WINDOWS_S = 5.0

Size = tuple[int, int]


class Every:
    """True once per `period_s`."""

    def __init__(self, period_s: float) -> None:
        self._period_s, self._due = period_s, monotonic()

    def __call__(self) -> bool:
        """Whether it is time again."""
        if monotonic() < self._due:
            return False
        self._due = monotonic() + self._period_s
        return True


def run_eye(job: EyeJob, stop: threading.Event) -> int:
    """Watch until `stop`; then close the open windows and see them safe with the gate."""
    clock = SystemClock()
    faces = face_readers(job.profile, threads=job.threads)
    entry = find_model(job.model)
    detector = OnnxDetector(entry, runtime=job.runtime, threads=job.threads, long_side=job.input_side)
    tracking = tracking_settings(entry.thresholds)
    seal()
    board = Board()
    posts = [_post(camera, job, detector, tracking, clock, board=board, faces=faces) for camera in job.cameras]
    lookouts = {post.camera: Lookout(post, clock=clock, restarts=job.restarts) for post in posts}
    uplink = Uplink(job.address, token_hex(8))
    watch(lookouts, uplink, stop)
    for lookout in lookouts.values():
        for report in lookout.finish():
            uplink.keep(*report)
    uplink.drain(_LAST_WINDOWS_S)
    uplink.close()
    return 0


def watch(lookouts: dict[str, Lookout], uplink: Uplink, stop: threading.Event) -> None:
    """Serve whoever is due first, and tell how things are. Under load each camera gets its turn, only less often."""
    live, health = Every(_LIVE_S), Every(_HEALTH_S)
    while not stop.is_set():
        lookout = min(lookouts.values(), key=lambda lookout: lookout.due)
        if not stop.wait(max(0.0, min(lookout.due - monotonic(), _LIVE_S))) and lookout.due <= monotonic():
            for report in lookout.look():
                uplink.keep(*report)
            if (news := lookout.live_news()) is not None:
                uplink.tell(news)
        _obey(lookouts, uplink)
        if live():
            _tell_news(lookouts.values(), uplink)
        if health():
            uplink.tell(CamerasHealth(cameras={name: lookout.health() for name, lookout in lookouts.items()}))


def _obey(lookouts: dict[str, Lookout], uplink: Uplink) -> None:
    for order in uplink.orders():
        if order.camera in lookouts:
            lookouts[order.camera].take_still()
    for showing in uplink.showings():
        for lookout in lookouts.values():
            lookout.show(showing)


def _tell_news(lookouts: Iterable[Lookout], uplink: Uplink) -> None:
    for lookout in lookouts:
        if (counts := lookout.live()) is not None:
            uplink.tell(counts)
        for event in lookout.changes():
            uplink.keep(event)
        if (still := lookout.still()) is not None:
            uplink.tell(still)


def _post(
    camera: str,
    job: EyeJob,
    detector: Detector,
    tracking: TrackerSettings,
    clock: Clock,
    *,
    board: Board,
    faces: Callable[[], FaceReading] | None,
) -> Post:
    settings = job.cameras[camera]
    scene = Scene(camera, job.site.cameras.get(camera, Camera()), detector=detector, clock=clock)

    def build(size_px: Size | None) -> Pipeline:
        layout = site_layout(job.site, camera, size_px)
        return camera_pipeline(
            camera,
            layout,
            detector=detector,
            tracking=tracking,
            board=board,
            window_s=job.window_s,
            on_picture=scene.show,
        )

    return Post(camera, settings.fps, job.window_s, lambda: _open(camera, settings, clock), build, scene)


def _open(camera: str, settings: CameraSettings, clock: Clock) -> LiveSource:
    """A camera, or a recording that plays as one: in real time, from now on."""
    source = open_source(settings.source, camera_id=camera, clock=clock, start=clock.now())
    if isinstance(source, Newest):
        return source
    return Newest(Paced(Looped(source) if settings.loop else source, clock))
