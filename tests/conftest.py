from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from time import monotonic, sleep

import av
import numpy as np
import pytest

from vitrina.broker import Broker

Until = Callable[..., object]
MakeClip = Callable[..., Path]


@pytest.fixture
def broker() -> Iterator[Broker]:
    """A real MQTT 5 broker: `.host`, `.port`, and `.stop()` / `.start()` on the same port."""
    with Broker() as broker:
        yield broker


@pytest.fixture
def until() -> Until:
    """`until(condition, what, timeout_s)`: poll, return the condition's value once true, fail naming `what`."""

    def wait(condition, what="the condition", timeout_s=10.0):
        deadline = monotonic() + timeout_s
        while not (value := condition()):
            if monotonic() > deadline:
                pytest.fail(f"{what} did not come true within {timeout_s} s")
            sleep(0.02)
        return value

    return wait


@pytest.fixture
def make_clip(tmp_path: Path) -> MakeClip:
    """`make_clip("a.mp4", frames=, fps=, size=, codec=, pts=)`: frame n is of one grey, 10 + 8 n, modulo 200."""

    def make(name, *, frames=6, fps=10, size=(64, 48), codec="libx264", pts=None, options=None) -> Path:
        with av.open(str(tmp_path / name), "w") as container:
            stream = container.add_stream(codec, rate=fps, options=options or {})
            stream.width, stream.height = size
            stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            for n in range(frames):
                grey = np.full((size[1], size[0], 3), 10 + 8 * n % 200, np.uint8)
                frame = av.VideoFrame.from_ndarray(grey, format="bgr24")
                frame.pts, frame.time_base = n if pts is None else pts[n], Fraction(1, fps)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return tmp_path / name

    return make


class FakeClock:
    """Time that passes only when someone sleeps; `slept` lists for how long."""

    def __init__(self) -> None:
        self.time = 1_000_000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += max(0.0, seconds)


@pytest.fixture
def fake_clock() -> FakeClock:
    return FakeClock()
