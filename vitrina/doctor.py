"""What can be wrong with this machine, one check each, and what to do about it."""

import ctypes
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

import numpy as np
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode
from sqlalchemy import text

from contract.site import Camera as SiteCamera
from contract.site import Site
from contract.view import View, point_errors_m
from edge import profile
from edge.arrays import Frame
from edge.config import Broker as EdgeBroker
from edge.config import EdgeConfig
from edge.data_files import find_data
from edge.errors import EdgeError, SourceError
from edge.faces.manifest import face_models_dir, load_face_manifest, verify_face_models
from edge.io.camera import Camera
from edge.io.clock import SystemClock
from edge.io.onnx import OnnxDetector
from edge.io.sources import camera_address, open_source
from edge.io.tls import tls_context
from edge.io.video import VideoFile
from edge.layout import site_layout
from edge.models import ModelEntry, find_model, load_models
from edge.vision.landmarks import Landmarks, compare
from edge.vision.mask import Mask
from server.db.engine import connect, migrate
from server.errors import ServerError

Verdict = Literal["ok", "warning", "failed"]

CLIP = "config/demo/vtest.mp4"
OLDEST_PYTHON = (3, 11)
CAMERA_WAIT_S = 15.0
BROKER_WAIT_S = 5.0
LEAST_DISK_BYTES, LOW_DISK_BYTES = 200 * 10**6, 2 * 10**9
LARGE_CALIBRATION_RMS_M = 0.5
"""Half a step: beyond it people are counted beside where they stand."""
_BASIS_ENDS_SOON_S = 14 * 86400.0
_BUILT = 1_750_000_000
"""Seconds UTC; a clock that says less has never been set."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was looked at, how it stands, and what to do when it does not."""

    subject: str
    verdict: Verdict
    found: str
    advice: str = ""


def check_python() -> Finding:
    """The interpreter."""
    running = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return Finding("python", "failed", running, "install Python 3.11 or newer and set Vitrina up in it again")
    return Finding("python", "ok", running)


def check_models() -> Iterator[Finding]:
    """Every model of the manifests: its file, its digest, and one picture through it."""
    try:
        entries = load_models()
    except EdgeError as error:
        yield Finding("models", "failed", str(error), "restore models/manifest.toml, or reinstall Vitrina")
        return
    for name, entry in entries.items():
        yield _check_model(name, entry)


def check_detector(config: EdgeConfig) -> Finding:
    """One picture as this box will look at it: its model, runtime, threads and size."""
    subject = f"detector {config.model} in {config.runtime}"
    try:
        took_ms = _ms_a_picture(
            OnnxDetector(
                find_model(config.model), runtime=config.runtime, threads=config.threads, long_side=config.input_side
            )
        )
    except EdgeError as error:
        return Finding(subject, "failed", str(error), "correct model or runtime in edge.yaml")
    return Finding(subject, "ok", f"{took_ms:.0f} ms a picture, input_side {config.input_side}")


def _check_model(name: str, entry: ModelEntry) -> Finding:
    try:
        took_ms = _ms_a_picture(OnnxDetector(entry))
    except EdgeError as error:
        return Finding(f"model {name}", "failed", str(error), "restore it with `vitrina models build`, or reinstall")
    return Finding(f"model {name}", "ok", f"sha256 as in the manifest, {took_ms:.0f} ms a picture")


def _ms_a_picture(detector: OnnxDetector) -> float:
    """Of the second one: the first prepares."""
    image = np.zeros((480, 640, 3), np.uint8)
    detector.detect(image)
    start = time.perf_counter()
    detector.detect(image)
    return 1000 * (time.perf_counter() - start)


def check_decoding() -> Finding:
    """H.264, with the bundled clip."""
    try:
        frames = list(islice(iter(VideoFile(find_data(CLIP), camera_id="doctor")), 10))
    except EdgeError as error:
        return Finding("decoding", "failed", str(error), "reinstall the package `av`; its wheels carry FFmpeg")
    if len(frames) < 10:
        return Finding("decoding", "failed", f"{len(frames)} of 10 frames", "reinstall the package `av`")
    return Finding("decoding", "ok", "H.264")


def check_profile(config: EdgeConfig, site: Site, now: float) -> Finding:
    """Whether the box may know of people what it is asked to, at `now` seconds UTC, and has the models for it."""
    subject, grounds = f"profile {config.profile}", config.demographics
    if config.profile != "demographics" or grounds is None:
        return Finding(subject, "ok", "no faces are looked for")
    try:
        profile.check_profile(config, site, now)
        verify_face_models(load_face_manifest(face_models_dir()), face_models_dir())
    except EdgeError as error:
        return Finding(subject, "failed", str(error), "the box does not start so; see docs/demographics.md")
    if profile.profile_in_force(config, site, now + _BASIS_ENDS_SOON_S) != config.profile:
        return Finding(subject, "warning", f"its basis holds to the end of {grounds.until} only", "renew it, or let go")
    return Finding(subject, "ok", f"its basis holds to the end of {grounds.until}")


def check_clock(now: float) -> Finding:
    """Whether the time is plausible, and whether someone keeps it right."""
    if now < _BUILT:
        found = time.strftime("%Y-%m-%d", time.gmtime(now))
        return Finding("clock", "failed", found, "set the clock: `timedatectl set-ntp true`")
    if _unsynchronised():
        return Finding("clock", "warning", "not synchronised", "run `timedatectl set-ntp true`: windows are cut by it")
    return Finding("clock", "ok", time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(now)))


def _unsynchronised() -> bool:
    """What adjtimex(2) says: its return value TIME_ERROR is 5. Where there is no such call, nothing is known."""
    try:
        return bool(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(1024)) == 5)
    except (OSError, AttributeError):
        return False


def check_disk(folder: Path) -> Finding:
    """Room where the outbox or the database lies."""
    subject = f"disk {folder}"
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding(subject, "failed", str(error.strerror), "make this folder, or name another in the configuration")
    found = f"{free / 10**9:.1f} GB free"
    if free < LEAST_DISK_BYTES:
        return Finding(subject, "failed", found, "make room: with a full disk windows wait in memory only")
    if free < LOW_DISK_BYTES:
        return Finding(subject, "warning", found, "make room soon")
    return Finding(subject, "ok", found)


def check_cameras(config: EdgeConfig, site: Site) -> Iterator[Finding]:
    """Each camera gives a picture, the site's zones fit it, and it looks where it looked at set-up."""
    for camera, settings in config.cameras.items():
        yield from _check_camera(camera, settings.source, site)


def _check_camera(camera: str, address: str, site: Site) -> Iterator[Finding]:
    subject = f"camera {camera}"
    try:
        frame = _first_frame(address, camera)
        layout = site_layout(site, camera, frame.size_px)
    except EdgeError as error:
        yield Finding(
            subject,
            "failed",
            str(error),
            "see to the camera and its network, its source in edge.yaml, its place in site.yaml",
        )
        return
    width, height = frame.size_px
    found = f"{width} x {height} px, {len(layout.zone_ids)} zones, {len(layout.line_ids)} lines"
    if layout.view is None:
        yield Finding(subject, "ok", f"{found}, not calibrated")
    else:
        yield _check_calibration(subject, found, site.cameras[camera], layout.view)
    if site.cameras[camera].landmarks:
        yield _check_view(camera, site.cameras[camera], frame)


def _check_calibration(subject: str, found: str, camera: SiteCamera, view: View) -> Finding:
    errors_m = point_errors_m(camera, view)
    worst = int(errors_m.argmax())
    found += f", calibration within {view.homography.rms_m:.2f} m (point {worst + 1} is {errors_m[worst]:.2f} m off)"
    if view.homography.rms_m > LARGE_CALIBRATION_RMS_M:
        advice = "check the camera's calibration points in site.yaml: one may be wrong"
        return Finding(subject, "warning", found, advice)
    return Finding(subject, "ok", found)


def _check_view(name: str, camera: SiteCamera, frame: Frame) -> Finding:
    """One look at one picture, people included; the eye looks more often and leaves them out."""
    subject, mask, landmarks = f"view of {name}", Mask.of(camera), Landmarks.of(camera.landmarks)
    fit = compare(landmarks, mask.black_out(frame.image), mask.area(frame.image.shape))
    match fit.verdict, fit.shift_share:
        case "fits", _:
            return Finding(subject, "ok", f"as at set-up: {fit.matched} of {len(landmarks)} landmarks found in place")
        case "moved", share:
            by = "shows another scene than" if share is None else f"has moved by {share:.1%} of its width since"
            return Finding(subject, "warning", f"{by} set-up", "turn the camera back, or set it up again")
        case "blind", _:
            return Finding(subject, "warning", "hardly anything to be seen", "see to light, lens and focus")
    return Finding(subject, "ok", "too dark, or too little to go by, to say whether the camera was moved")


def _first_frame(source: str, camera: str) -> Frame:
    address = camera_address(source)
    if address is not None:
        return Camera(address, camera_id=camera, clock=SystemClock(), timeout_s=CAMERA_WAIT_S).first_frame()
    opened = open_source(source, camera_id=camera, clock=SystemClock())
    first = next(iter(opened), None)
    if not isinstance(first, Frame):
        raise SourceError(f"{source}: holds no picture")
    return first


def check_broker(broker: EdgeBroker) -> Finding:
    """Whether the broker lets this box in."""
    subject = f"broker {broker.host}:{broker.port}"
    answered, answers = threading.Event(), list[str]()

    def heard(_client: object, _data: object, _flags: object, reason: ReasonCode, _properties: object) -> None:
        answers.append(str(reason) if reason.is_failure else "")
        answered.set()

    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
    client.on_connect = heard
    try:
        client.username_pw_set(broker.username, broker.password)
        if broker.tls is not None:
            client.tls_set_context(tls_context(broker.tls))
        client.connect(broker.host, broker.port)
        client.loop_start()
        answered.wait(BROKER_WAIT_S)
    except (OSError, EdgeError) as error:
        return Finding(subject, "failed", str(error), "start the broker, or correct broker.host and broker.port")
    finally:
        client.disconnect()
        client.loop_stop()
    if not answers:
        advice = "check broker.username and broker.password, that it speaks MQTT 5, and broker.tls"
        return Finding(subject, "failed", "it does not let this box in", advice)
    if answers[0]:
        return Finding(subject, "failed", answers[0], "check broker.username and broker.password")
    return Finding(subject, "ok", "lets this box in")


def check_database(url: str) -> Finding:
    """Whether the database opens, and its schema is up to date."""
    try:
        engine = connect(url)
        migrate(engine)
        with engine.connect() as conn:
            conn.execute(text("SELECT 1"))
        engine.dispose()
    except ServerError as error:
        return Finding("database", "failed", str(error), "correct database in server.yaml, or the rights of its folder")
    return Finding("database", "ok", engine.dialect.name)
