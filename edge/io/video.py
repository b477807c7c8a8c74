"""Video files, and what they share with cameras: opening, decoding and telling the time of a frame."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import av
from av.container import InputContainer
from av.error import FFmpegError

from edge.arrays import U8, Frame
from edge.errors import SourceError
from edge.ports import Observation, SourceCounts, StreamRestarted


def open_video(
    address: str,
    *,
    format: str | None = None,  # noqa: A002 PyAV's own name for it
    options: dict[str, str] | None = None,
    timeout_s: float | None = None,
) -> InputContainer:
    """Open a file, an URL or a device that holds pictures.

    Raises:
        SourceError: it cannot be opened or holds no picture; the text has no credentials.
    """
    place = without_credentials(address)
    try:
        container = av.open(address, format=format, options=options or {}, timeout=timeout_s)
    except (FFmpegError, ValueError) as error:
        # The cause is left out: its text and its traceback carry the address with the password.
        raise SourceError(f"{place}: cannot be opened ({reason(error)}); {_advice(address)}") from None
    if not container.streams.video:
        container.close()
        raise SourceError(f"{place}: holds no video; {_advice(address)}")
    # One camera, one core: frame threads would take the cores of the other cameras.
    container.streams.video[0].codec_context.thread_count = 1
    return container


def without_credentials(address: str) -> str:
    """`address` as it may be shown: no user, no password, no query, in which cameras hide keys."""
    if "://" not in address:
        return address
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def reason(error: BaseException) -> str:
    """What FFmpeg said, without the address that it adds."""
    return str(getattr(error, "strerror", None) or type(error).__name__)


def _advice(address: str) -> str:
    if "://" in address:
        return "check address, user and password, and that the camera is on"
    if address.startswith("/dev/"):
        return "check that the camera is plugged in and that this user is in the group `video`"
    return "give a video file, whole and not cut short at the start"


def decoded_frames(container: InputContainer) -> Iterator[av.VideoFrame | None]:
    """The frames of the first video stream in order; None for each that could not be decoded or came out damaged.

    Raises:
        av.error.FFmpegError: reading broke off; for a camera that is a lost connection.
    """
    for packet in container.demux(container.streams.video[0]):
        try:
            frames = packet.decode()
        except FFmpegError:
            yield None
            continue
        for frame in frames:
            yield None if frame.is_corrupt else frame


class Timeline:
    """Seconds since the first frame, always ascending.

    A frame without a stamp, or with one that does not advance, comes one period of the declared rate after the last.
    `fps` replaces stamps that are known to be wrong.
    """

    def __init__(self, container: InputContainer, *, fps: float | None = None) -> None:
        stream = container.streams.video[0]
        rate = Fraction(fps).limit_denominator(1_000_000) if fps else stream.average_rate or stream.guessed_rate
        self._period = 1 / rate if rate else None
        self._ignores_stamps = fps is not None
        self._name = without_credentials(container.name)
        self._first: Fraction | None = None
        self._last: Fraction | None = None

    def seconds(self, frame: av.VideoFrame) -> float:
        """Its time.

        Raises:
            SourceError: neither a stamp nor a declared rate.
        """
        t = self._stamp(frame)
        if t is None or (self._last is not None and t <= self._last):
            t = Fraction(0) if self._last is None else self._last + self._declared_period()
        self._last = t
        return float(t)

    def _stamp(self, frame: av.VideoFrame) -> Fraction | None:
        if frame.pts is None or frame.time_base is None or self._ignores_stamps:
            return None
        stamp = frame.pts * frame.time_base
        if self._first is None:
            self._first = stamp - (self._last or 0)
        return stamp - self._first

    def _declared_period(self) -> Fraction:
        if self._period is None:
            raise SourceError(f"{self._name}: frames have no timestamps and no rate is declared; give the rate (fps)")
        return self._period


def picture(frame: av.VideoFrame) -> U8:
    """Its pixels, u8 (h, w, 3) BGR."""
    return cast(U8, frame.to_ndarray(format="bgr24"))


class VideoFile:
    """A recorded video, read from its start by each iteration. `start` s UTC is the time of its first frame.

    A frame that cannot be decoded is counted and passed over; a truncated file yields what it has.
    """

    def __init__(self, path: Path, *, camera_id: str, start: float = 0.0, fps: float | None = None) -> None:
        """Look at the file.

        Raises:
            SourceError: missing, not a video, or without a picture.
        """
        if not path.is_file():
            raise SourceError(f"{path}: no such file")
        self._path, self._camera_id, self._start, self._fps = path, camera_id, start, fps
        self._closed = False
        self._bad_frames = 0
        with open_video(str(path)) as container:
            stream = container.streams.video[0]
            self._size_px = stream.codec_context.width, stream.codec_context.height
            self._duration_s = _duration_s(container, fps)

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height."""
        return self._size_px

    @property
    def duration_s(self) -> float | None:
        """As the container says."""
        return self._duration_s

    @property
    def counts(self) -> SourceCounts:
        """Frames that could not be decoded."""
        return SourceCounts(bad_frames=self._bad_frames)

    def close(self) -> None:
        """End a running iteration at its next frame."""
        self._closed = True

    def __iter__(self) -> Iterator[Observation]:
        with open_video(str(self._path)) as container:
            timeline, size = Timeline(container, fps=self._fps), self._size_px
            for index, frame in enumerate(self._readable(container)):
                t = self._start + timeline.seconds(frame)
                if (frame.width, frame.height) != size:
                    size = frame.width, frame.height
                    yield StreamRestarted(t)
                yield Frame(picture(frame), t, index, self._camera_id)

    def _readable(self, container: InputContainer) -> Iterator[av.VideoFrame]:
        try:
            for frame in decoded_frames(container):
                if self._closed:
                    return
                if frame is None:
                    self._bad_frames += 1
                else:
                    yield frame
        except FFmpegError:
            # A file that breaks off: what came before it stands.
            self._bad_frames += 1


def _duration_s(container: InputContainer, fps: float | None) -> float | None:
    stream = container.streams.video[0]
    if fps:
        return stream.frames / fps if stream.frames else None
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration else None
