"""The eye process: watches its cameras in turn and tells the gate numbers. No disk, no network but the cameras'."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from secrets import token_hex
from time import monotonic

from contract.segments import Transport
from contract.site import Camera
from edge.compose import camera_pipeline, companion_classes, senses, tracking_settings
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
from edge.vision.people import PeopleOnly
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


@dataclass(frozen=True, slots=True)
class Kit:
    """What the cameras of an eye share. `companions`: class ids that are looked for beside people."""

    detector: Detector
    companions: Mapping[int, Transport]
    faces: Callable[[], FaceReading] | None
    tracking: TrackerSettings
    board: Board
    clock: Clock


def run_eye(job: EyeJob, stop: threading.Event) -> int:
    """Watch until `stop`; then close the open windows and see them safe with the gate."""
    kit = _kit(job)
    seal()
    lookouts = {
        camera: Lookout(_post(camera, job, kit), clock=kit.clock, restarts=job.restarts) for camera in job.cameras
    }
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


def _kit(job: EyeJob) -> Kit:
    faces = face_readers(job.profile, threads=job.threads)
    entry = find_model(job.model)
    companions = companion_classes(entry, job.site, job.profile)
    names = ("person", *companions.values())
    detector = OnnxDetector(entry, runtime=job.runtime, threads=job.threads, long_side=job.input_side, names=names)
    return Kit(detector, companions, faces, tracking_settings(entry.thresholds), Board(), SystemClock())


def _post(camera: str, job: EyeJob, kit: Kit) -> Post:
    settings = job.cameras[camera]
    people = PeopleOnly(kit.detector, kit.companions)
    scene = Scene(camera, job.site.cameras.get(camera, Camera()), detector=people, clock=kit.clock)

    def build(size_px: Size | None) -> Pipeline:
        known = senses(kit.companions, faces=kit.faces is not None)
        return camera_pipeline(
            camera,
            site_layout(job.site, camera, size_px, senses=known),
            detector=kit.detector,
            tracking=kit.tracking,
            companions=kit.companions,
            faces=kit.faces() if kit.faces is not None else None,
            board=kit.board,
            window_s=job.window_s,
            on_picture=scene.show,
        )

    return Post(
        camera=camera,
        fps=settings.fps,
        window_s=job.window_s,
        open=lambda: _open(camera, settings, kit.clock),
        build=build,
        scene=scene,
        smallest=job.smallest_cell,
    )


def _open(camera: str, settings: CameraSettings, clock: Clock) -> LiveSource:
    """A camera, or a recording that plays as one: in real time, from now on."""
    source = open_source(settings.source, camera_id=camera, clock=clock, start=clock.now())
    if isinstance(source, Newest):
        return source
    return Newest(Paced(Looped(source) if settings.loop else source, clock))
