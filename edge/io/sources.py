"""Which source an address means."""

import math
from pathlib import Path

from edge.errors import SourceError
from edge.io.camera import Address, Camera, mjpeg, rtsp, usb
from edge.io.images import ImageFolder
from edge.io.playback import Newest
from edge.io.recorded import RecordedDetections, RecordedTracks
from edge.io.video import VideoFile
from edge.ports import Clock, Source


def camera_address(spec: str) -> Address | None:
    """How to open `spec` if it is a camera, None if it is a recording.

    Raises:
        SourceError: an URL of a scheme nobody reads.
    """
    scheme, separator, _ = spec.partition("://")
    if separator:
        if scheme in ("rtsp", "rtsps"):
            return rtsp(spec)
        if scheme in ("http", "https"):
            return mjpeg(spec)
        raise SourceError(f"{scheme}://: cameras are read by rtsp, rtsps, http and https")
    return usb(spec) if spec.startswith("/dev/") else None


def open_source(spec: str, *, camera_id: str, clock: Clock, start: float = 0.0, fps: float | None = None) -> Source:
    """The source that `spec` names: rtsp:// or http(s):// address, /dev/videoN, folder, *.txt, *.csv, or video file.

    A recording's first instant is `start` s UTC (trajectories add it to theirs). `fps` is the rate of a folder or of
    detections, and replaces the timestamps of a video file. A camera gives its newest frame and counts what it drops.

    Raises:
        SourceError: a recording that cannot be read, or a rate for what has its own; an absent camera is waited for.
    """
    address = camera_address(spec)
    if fps is not None and not 0 < fps < math.inf:
        raise SourceError(f"frames per second must be above 0, got {fps}")
    if address is not None:
        _has_own_rate(str(address), fps)
        camera = Camera(address, camera_id=camera_id, clock=clock)
        return Newest(camera, lambda: camera.trouble)
    path = Path(spec)
    if path.is_dir():
        return ImageFolder(path, camera_id=camera_id, fps=fps, start=start)
    match path.suffix.lower():
        case ".txt":
            return RecordedDetections(path, fps=fps, start=start)
        case ".csv":
            _has_own_rate(spec, fps)
            return RecordedTracks(path, start=start)
        case _:
            return VideoFile(path, camera_id=camera_id, start=start, fps=fps)


def _has_own_rate(place: str, fps: float | None) -> None:
    if fps is not None:
        raise SourceError(f"{place}: has its own times; leave the rate (fps) away")
