"""A real RTSP camera that is absent, comes, dies, and comes back with another picture."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.arrays import Frame
from edge.errors import SourceError
from edge.io.camera import Camera, Retry, rtsp
from edge.io.clock import SystemClock
from edge.io.playback import Newest
from edge.ports import StreamRestarted

PYTHON = "/usr/bin/python3"
SCRIPT = Path(__file__).with_name("rtsp_server.py")
NEEDED = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"


class Server:
    """The camera's other end; `port` stays over its deaths."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process: subprocess.Popen | None = None

    def start(self, width: int, height: int) -> None:
        command = [PYTHON, SCRIPT, str(self.port), str(width), str(height)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout.readline().strip() == str(self.port)

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.communicate()
            self.process = None


@pytest.fixture
def server() -> Iterator[Server]:
    if subprocess.run([PYTHON, "-c", NEEDED], capture_output=True, check=False).returncode and "CI" not in os.environ:
        pytest.skip("needs a GStreamer RTSP server: sudo bash tests/system-packages.sh")
    server = Server()
    yield server
    server.kill()


@pytest.fixture
def camera(server) -> Iterator[Camera]:
    address = rtsp(f"rtsp://admin:s3cret@127.0.0.1:{server.port}/live")
    camera = Camera(address, camera_id="door", clock=SystemClock(), timeout_s=2, retry=Retry(0.05, 0.2))
    yield camera
    camera.close()


def next_of(source: Newest, kind: type, until):
    """The next observation of that kind, and those that came before it."""
    passed = []

    def found():
        observation = source.take(timeout_s=0.5)
        passed.append(observation)
        return isinstance(observation, kind)

    until(found, f"a {kind.__name__}", timeout_s=20)
    return passed[-1], passed[:-1]


def test_absent_then_there_then_dead_then_back_and_larger(server, camera, until):
    with_newest = Newest(camera, lambda: camera.trouble)
    assert with_newest.take(timeout_s=0.3) is None
    until(lambda: with_newest.trouble, "the absent camera is told")
    assert "Connection refused" in with_newest.trouble
    assert "s3cret" not in with_newest.trouble

    server.start(320, 240)
    first, before = next_of(with_newest, Frame, until)
    assert first.size_px == with_newest.size_px == (320, 240)
    assert not any(isinstance(o, StreamRestarted) for o in before)
    assert with_newest.trouble is None
    assert abs(first.t - SystemClock().now()) < 5

    server.kill()
    until(lambda: with_newest.trouble, "the dead camera is told")

    server.start(640, 360)
    restarted, _ = next_of(with_newest, StreamRestarted, until)
    frame, _ = next_of(with_newest, Frame, until)
    assert first.t < restarted.t <= frame.t
    assert frame.size_px == (640, 360)
    with_newest.close()
    assert with_newest.take() is None


def test_what_nobody_takes_is_dropped_and_counted(server, camera, until):
    server.start(320, 240)
    source = Newest(camera)
    first, _ = next_of(source, Frame, until)
    until(lambda: source.counts.dropped >= 5, "frames are dropped")
    newest = source.take()
    assert newest.t > first.t + 0.3
    assert SystemClock().now() - newest.t < 2
    source.close()


def test_a_camera_that_falls_silent_is_given_up_and_taken_back(server, camera, until):
    """Power and network stay, pictures stop: nothing closes the connection but our own patience."""
    server.start(320, 240)
    source = Newest(camera, lambda: camera.trouble)
    next_of(source, Frame, until)
    server.process.send_signal(signal.SIGSTOP)
    until(lambda: source.trouble, "silence is told")
    server.process.send_signal(signal.SIGCONT)
    next_of(source, StreamRestarted, until)
    next_of(source, Frame, until)
    source.close()


def test_a_camera_that_refuses_the_path_says_so(server):
    server.start(320, 240)
    wrong = rtsp(f"rtsp://admin:s3cret@127.0.0.1:{server.port}/other")
    with pytest.raises(SourceError, match=r"127\.0\.0\.1:\d+/other: cannot be opened \(.*[Nn]ot [Ff]ound"):
        Camera(wrong, camera_id="door", clock=SystemClock(), timeout_s=2).first_frame()
