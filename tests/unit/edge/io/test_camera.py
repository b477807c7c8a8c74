import logging
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np
import pytest

from edge.arrays import Frame
from edge.errors import SourceError
from edge.io.camera import Anchor, Camera, Retry, mjpeg, rtsp
from edge.io.clock import SystemClock

QUICK = Retry(first_s=0.01, most_s=0.05)


class Mjpeg:
    """A real MJPEG camera on HTTP: each connection gets the next list of pictures, then is cut."""

    def __init__(self, *connections: list) -> None:
        served = iter(connections)

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                for jpeg in next(served, []):
                    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                    self.wfile.write(head.encode() + jpeg + b"\r\n")

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://admin:s3cret@127.0.0.1:{self.server.server_port}/video?key=s3cret"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Mjpeg]]:
    servers: list[Mjpeg] = []

    def start(*connections: list) -> Mjpeg:
        servers.append(Mjpeg(*connections))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def jpegs(count: int, size=(64, 48)) -> list[bytes]:
    grey = [np.full((size[1], size[0], 3), 10 + 8 * n, np.uint8) for n in range(count)]
    return [cv2.imencode(".jpg", image)[1].tobytes() for image in grey]


def camera(url: str, **options) -> Camera:
    return Camera(mjpeg(url), camera_id="c", clock=SystemClock(), retry=QUICK, **options)


def collect(source: Camera, count: int) -> list:
    got = []
    for observation in source:
        got.append(observation)
        if len(got) == count:
            source.close()
    return got


def kinds(observations) -> list[str]:
    return [type(o).__name__ for o in observations]


def test_a_camera_that_is_cut_comes_back_as_a_new_stream(serve):
    got = collect(camera(serve(jpegs(5), jpegs(5)).url), 11)
    assert kinds(got) == ["Frame"] * 5 + ["StreamRestarted"] + ["Frame"] * 5
    assert [o.index for o in got if isinstance(o, Frame)] == list(range(10))
    stamps = [o.t for o in got if isinstance(o, Frame)]
    assert stamps == sorted(set(stamps))
    assert abs(stamps[0] - SystemClock().now()) < 30


def test_a_camera_that_comes_back_larger_is_one_new_stream(serve):
    got = collect(camera(serve(jpegs(4), jpegs(4, size=(128, 96))).url), 9)
    assert kinds(got) == ["Frame"] * 4 + ["StreamRestarted"] + ["Frame"] * 4
    assert got[-1].size_px == (128, 96)


def test_a_picture_size_that_changes_while_streaming_is_a_new_stream(serve):
    got = collect(camera(serve(jpegs(4) + jpegs(4, size=(128, 96))).url), 9)
    assert kinds(got) == ["Frame"] * 4 + ["StreamRestarted"] + ["Frame"] * 4


def test_damaged_pictures_are_counted(serve):
    pictures = jpegs(6)
    pictures[3] = pictures[3][:20] + bytes(len(pictures[3]) - 20)
    source = camera(serve(pictures, jpegs(1)).url)
    collect(source, 5)
    assert source.counts.bad_frames == 1


def test_an_absent_camera_is_waited_for_and_its_secrets_are_told_to_nobody(caplog, until):
    source = camera("http://admin:s3cret@127.0.0.1:9/video?key=s3cret")
    with caplog.at_level(logging.DEBUG):
        reader = threading.Thread(target=lambda: list(source))
        reader.start()
        until(lambda: source.trouble, "trouble is told")
        source.close()
        reader.join(5)
    assert not reader.is_alive()
    assert source.trouble == (
        "http://127.0.0.1:9/video: cannot be opened (Connection refused); "
        "check address, user and password, and that the camera is on"
    )
    assert "cannot be opened" in caplog.text
    assert "s3cret" not in caplog.text
    assert "admin" not in caplog.text


def test_the_same_trouble_is_logged_once(caplog, until):
    source = camera("http://127.0.0.1:9/video")
    reader = threading.Thread(target=lambda: list(source))
    reader.start()
    until(lambda: source._failures > 3, "several attempts")
    source.close()
    reader.join(5)
    assert len([record for record in caplog.records if record.name == "edge.io.camera"]) == 1


def test_trouble_is_over_with_the_first_picture(serve):
    source = camera(serve([], jpegs(4)).url)
    troubles = []
    for _ in source:
        troubles.append(source.trouble)
        source.close()
    assert troubles == [None]


def test_one_picture_for_a_check(serve):
    assert camera(serve(jpegs(4)).url).first_frame().size_px == (64, 48)
    with pytest.raises(
        SourceError, match=r"rtsp://127\.0\.0\.1:9/x: cannot be opened \(Connection refused\)"
    ) as refusal:
        Camera(rtsp("rtsp://admin:s3cret@127.0.0.1:9/x"), camera_id="c", clock=SystemClock()).first_frame()
    told = refusal.value
    while told is not None:
        assert "s3cret" not in str(told)
        assert told.__suppress_context__ or told.__context__ is None
        told = told.__cause__


def test_waiting_doubles_up_to_a_bound():
    retry = Retry(first_s=1, most_s=30)
    assert [retry.after(n) for n in (1, 2, 3, 5, 6, 1000)] == [1, 2, 4, 16, 30, 30]


def test_stamps_are_laid_on_the_clock_at_the_first_frame(fake_clock):
    anchor, began = Anchor(fake_clock), fake_clock.now()
    assert anchor.utc(5.0, None) == began
    fake_clock.time += 0.3
    assert anchor.utc(5.2, began) == pytest.approx(began + 0.2)


def test_a_stream_that_drifts_over_a_second_behind_follows_the_clock(fake_clock):
    anchor = Anchor(fake_clock)
    anchor.utc(0, None)
    fake_clock.time += 2.0
    assert anchor.utc(0.9, None) == fake_clock.now()
    fake_clock.time += 0.1
    assert anchor.utc(1.0, None) == pytest.approx(fake_clock.now())


def test_frames_that_waited_in_a_buffer_do_not_run_ahead_of_the_clock(fake_clock):
    """Two seconds of pictures arrive at once when the stream is opened; the last of them is the present."""
    anchor = Anchor(fake_clock)
    last = anchor.utc(0, None)
    for n in range(1, 21):
        t = anchor.utc(n / 10, last)
        assert last < t <= fake_clock.now() + 1e-4
        last = t
    fake_clock.time += 0.1
    assert anchor.utc(2.1, last) == pytest.approx(fake_clock.now(), abs=1e-4)


def test_a_clock_that_is_set_back_does_not_stop_time(fake_clock):
    anchor = Anchor(fake_clock)
    last = anchor.utc(0, None)
    fake_clock.time -= 3600
    assert anchor.utc(0.1, last) == pytest.approx(last + 0.1)


def test_a_clock_that_is_set_forward_is_followed(fake_clock):
    """A box that boots without knowing the date and learns it from the network."""
    anchor = Anchor(fake_clock)
    last = anchor.utc(0, None)
    fake_clock.time += 1e9
    assert anchor.utc(0.1, last) == fake_clock.now()
