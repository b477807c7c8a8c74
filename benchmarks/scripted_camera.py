"""A camera whose every arrival is known to the millisecond: an empty scene, and then people in a zone at once.

It sends JPEGs over HTTP, as cameras do. The people are those of the demo's clip, each time from another place in it; the
empty scene is the median of the clip. So what follows an arrival can be timed from the first picture that shows it.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from typing import Protocol

import cv2
import numpy as np

from contract.site import Site
from edge.data_files import find_data
from edge.io.onnx import OnnxDetector
from edge.io.video import VideoFile
from edge.layout import site_layout
from edge.models import find_model

CLIP_FPS = 10.0
_STEP = 5
"""Every so many pictures of the clip are looked at to learn where somebody is in the zone."""

_SURE = 0.6


@dataclass(frozen=True)
class Film:
    """Pictures as JPEG: nobody, and the clip; `starts`: from which of it somebody is in the zone for a while."""

    nobody: bytes
    clip: tuple[bytes, ...]
    starts: tuple[int, ...]


def make_film(site: Site, camera: str, zone: str, *, stay_s: float, most: int = 795) -> Film:
    """Look through the clip for people in `zone` who stay for `stay_s`."""
    pictures = clip_pictures(most)
    nobody = without_people(pictures)
    detector = OnnxDetector(find_model())
    layout = site_layout(site, camera, (nobody.shape[1], nobody.shape[0]))
    polygon = layout.polygons[layout.zone_ids.index(zone)].astype(np.float32)

    def somebody(image: np.ndarray) -> bool:
        found = detector.detect(image)
        boxes = found.xyxy_px[found.confidence > _SURE]
        feet = np.stack([boxes[:, [0, 2]].mean(axis=1), boxes[:, 3]], axis=1).astype(np.float64)
        ground, _ = layout.view.to_ground(feet)
        return any(cv2.pointPolygonTest(polygon, (float(x), float(y)), True) > 0.3 for x, y in ground)

    there = [somebody(image) for image in pictures[::_STEP]]
    stay = int(stay_s * CLIP_FPS / _STEP) + 1
    starts = [i * _STEP for i in range(len(there) - stay) if all(there[i : i + stay])]
    return Film(jpeg(nobody), tuple(jpeg(image) for image in pictures), tuple(starts))


def clip_pictures(most: int = 795) -> list[np.ndarray]:
    """The demo's clip."""
    return [frame.image for frame in islice(VideoFile(find_data("config/demo/vtest.mp4"), camera_id="x"), most)]


def without_people(pictures: Sequence[np.ndarray]) -> np.ndarray:
    """The scene of a clip in which everybody moves on."""
    return np.median(np.stack(pictures[::25]), axis=0).astype(np.uint8)


def jpeg(image: np.ndarray) -> bytes:
    """As a camera sends it."""
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()


class ScriptedCamera:
    """Shows nobody until `arrive` is called, then somebody for `stay_s`.

    `arrived` holds the seconds of `time.time()` at which the first picture of each arrival was sent.
    """

    def __init__(self, film: Film, *, fps: float, stay_s: float) -> None:
        self._film, self._fps, self._stay_s = film, fps, stay_s
        self._wanted = threading.Event()
        self._from = -1
        self.arrived: list[float] = []
        self.watched = threading.Event()

    def arrive(self, number: int) -> None:
        """Somebody comes with the next picture, the `number`-th of the film's."""
        self._from = self._film.starts[number % len(self._film.starts)]
        self._wanted.set()

    def pictures(self) -> Iterator[tuple[bytes, bool]]:
        """At the camera's rate, each with whether it is the first of an arrival."""
        since, due = None, time.monotonic()
        while True:
            due += 1 / self._fps
            time.sleep(max(0.0, due - time.monotonic()))
            is_first = self._wanted.is_set()
            if is_first:
                self._wanted.clear()
                since = time.monotonic()
            if since is not None and time.monotonic() - since > self._stay_s:
                since = None
            if since is None:
                yield self._film.nobody, False
            else:
                index = self._from + int((time.monotonic() - since) * CLIP_FPS)
                yield self._film.clip[min(index, len(self._film.clip) - 1)], is_first

    def send(self, write: Callable[[bytes], object]) -> None:
        """To one viewer, until it hangs up."""
        self.watched.set()
        for picture, is_first in self.pictures():
            if is_first:
                self.arrived.append(time.time())
            write_picture(write, picture)


class Projector:
    """A camera that shows what it is told of some pictures, and notes when it sent each.

    `sent` holds the number of the picture and the seconds of `time.time()`, the newest last.
    """

    def __init__(self, pictures: Sequence[bytes], *, fps: float) -> None:
        self._pictures, self._fps = pictures, fps
        self._reel: Iterator[int] = iter(())
        self.sent: deque[tuple[int, float]] = deque(maxlen=100_000)

    def show(self, numbers: Iterable[int]) -> None:
        """From the next picture on these, one after the other; the last of them stays."""
        self._reel = iter(numbers)

    def send(self, write: Callable[[bytes], object]) -> None:
        """To one viewer, until it hangs up."""
        number, due = 0, time.monotonic()
        while True:
            due += 1 / self._fps
            time.sleep(max(0.0, due - time.monotonic()))
            number = next(self._reel, number)
            self.sent.append((number, time.time()))
            write_picture(write, self._pictures[number])


def write_picture(write: Callable[[bytes], object], picture: bytes) -> None:
    """One part of the stream."""
    write(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(picture))
    write(picture + b"\r\n")


class Sending(Protocol):
    """A camera of whatever kind."""

    def send(self, write: Callable[[bytes], object]) -> None:
        """To one viewer, until it hangs up."""


@contextmanager
def on_air(camera: Sending) -> Iterator[str]:
    """The camera's address, for one viewer."""

    class Viewer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            try:
                camera.send(self.wfile.write)
            except OSError:
                return

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Viewer)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
