"""Cameras: streams that come, break, come back, and never end by themselves."""

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import av
from av.container import InputContainer
from av.error import FFmpegError

from edge.arrays import Frame
from edge.errors import SourceError
from edge.io.video import Timeline, decoded_frames, open_video, picture, reason, without_credentials
from edge.ports import Clock, Observation, SourceCounts, StreamRestarted

log = logging.getLogger(__name__)

_MOST_DELAY_S = 1.0
_CLOCK_SET_BACK_S = 60.0
_LEAST_STEP_S = 1e-6


@dataclass(frozen=True, slots=True)
class Address:
    """How FFmpeg opens a camera: `url` or device, input `format` where it cannot be guessed, and `options`."""

    url: str
    format: str | None = None
    options: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return without_credentials(self.url)


def rtsp(url: str) -> Address:
    """An IP camera, over TCP: lost UDP packets are smeared pictures.

    FFmpeg looks at the stream for 0.1 s instead of 5: what it would learn is told by the session description.
    """
    return Address(url, options={"rtsp_transport": "tcp", "analyzeduration": "100000"})


def mjpeg(url: str) -> Address:
    """A camera that sends JPEGs over HTTP; they carry no time, so it is that of their arrival."""
    return Address(url, options={"use_wallclock_as_timestamps": "1"})


def usb(device: str) -> Address:
    """A camera at /dev/videoN."""
    return Address(device, "v4l2")


@dataclass(frozen=True, slots=True)
class Retry:
    """Waiting between attempts: from `first_s`, doubling, to `most_s`."""

    first_s: float = 1.0
    most_s: float = 30.0

    def after(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row."""
        return float(min(self.most_s, self.first_s * 2.0 ** min(failures - 1, 30)))


class Camera:
    """Frames of a camera, for ever, until closed: what breaks is opened again and announced as a new stream.

    A camera that is absent at the start is waited for. `timeout_s` bounds each wait for data.
    Times are those of the stream's stamps, laid on the box's clock.
    """

    def __init__(
        self, address: Address, *, camera_id: str, clock: Clock, timeout_s: float = 5.0, retry: Retry | None = None
    ) -> None:
        self._address, self._camera_id, self._clock, self._timeout_s = address, camera_id, clock, timeout_s
        self._retry = retry or Retry()
        self._closing = threading.Event()
        self._size_px: tuple[int, int] | None = None
        self._last_t: float | None = None
        self._index = 0
        self._bad_frames = 0
        self._failures = 0
        self.trouble: str | None = None
        """Why there is no picture now; None while there is one."""

    @property
    def size_px(self) -> tuple[int, int] | None:
        """Of the last frame, None before the first."""
        return self._size_px

    @property
    def duration_s(self) -> None:
        """It does not end."""
        return

    @property
    def counts(self) -> SourceCounts:
        """Frames that could not be decoded."""
        return SourceCounts(bad_frames=self._bad_frames)

    def close(self) -> None:
        """End the iteration at its next frame, or at once where it waits to try again."""
        self._closing.set()

    def __iter__(self) -> Iterator[Observation]:
        while not self._closing.is_set():
            try:
                with self._open() as container:
                    yield from self._stream(container)
                self._fail("the stream ended")
            except SourceError as error:
                self._fail(str(error))
            except FFmpegError as error:
                self._fail(f"the stream broke off ({reason(error)})")
            self._closing.wait(self._retry.after(self._failures))

    def first_frame(self) -> Frame:
        """One picture, without trying twice.

        Raises:
            SourceError: the camera gives none.
        """
        with self._open() as container:
            try:
                for observation in self._stream(container):
                    if isinstance(observation, Frame):
                        return observation
            except FFmpegError as error:
                raise SourceError(f"{self._address}: no picture ({reason(error)})") from None
        raise SourceError(f"{self._address}: the stream ended before its first picture")

    def _open(self) -> InputContainer:
        address = self._address
        return open_video(address.url, format=address.format, options=address.options, timeout_s=self._timeout_s)

    def _fail(self, trouble: str) -> None:
        if self._closing.is_set():
            return
        self._failures += 1
        if trouble != self.trouble:
            log.warning("camera %s: %s; trying again until it is back", self._camera_id, trouble)
        self.trouble = trouble

    def _stream(self, container: InputContainer) -> Iterator[Observation]:
        timeline, anchor = Timeline(container), Anchor(self._clock)
        is_new = self._last_t is not None
        for frame in decoded_frames(container):
            if self._closing.is_set():
                return
            if frame is None:
                self._bad_frames += 1
                continue
            self._failures, self.trouble = 0, None
            t = anchor.utc(timeline.seconds(frame), self._last_t)
            self._last_t = t
            if is_new or (self._size_px and self._size_px != (frame.width, frame.height)):
                yield StreamRestarted(t)
            is_new = False
            yield self._observed(frame, t)

    def _observed(self, frame: av.VideoFrame, t: float) -> Frame:
        self._size_px = frame.width, frame.height
        self._index += 1
        return Frame(picture(frame), t, self._index - 1, self._camera_id)


class Anchor:
    """Lays a stream's seconds on the box's clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset: float | None = None

    def utc(self, stream_s: float, last_t: float | None) -> float:
        """Seconds UTC, after `last_t`.

        A frame that arrives before its time shows that those before it had waited on the way, so the stream is laid
        earlier; one over a second behind its time lays it later. A clock that was set back by a minute or more is not
        followed, because time would stand still until it has caught up.
        """
        now = self._clock.now()
        if self._offset is None:
            self._offset = now - stream_s
        ahead = stream_s + self._offset - now
        if ahead < -_MOST_DELAY_S or 0 < ahead < _CLOCK_SET_BACK_S:
            self._offset = now - stream_s
        t = stream_s + self._offset
        return t if last_t is None else max(t, last_t + _LEAST_STEP_S)
