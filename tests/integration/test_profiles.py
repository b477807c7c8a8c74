"""A box in profile demographics: what it refuses to start with, and the midnight at which its basis ends."""

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
import yaml

from edge.app import Box
from edge.config import load_config
from edge.site_file import site_in_force

CLIP = Path(__file__).parents[2] / "config/demo/vtest.mp4"
VITRINA = [sys.executable, "-c", "from vitrina.cli import main; main()"]
TODAY = datetime.now(UTC).date()
ENDED = TODAY - timedelta(days=2)


class SetClock:
    """The real time, and as much more as the test wants."""

    ahead_s = 0.0

    def now(self):
        return datetime.now(UTC).timestamp() + self.ahead_s

    def sleep(self, seconds):
        raise AssertionError("a supervisor does not sleep")


@pytest.fixture
def edge_yaml(tmp_path, broker):
    """`edge_yaml(until=...)`: the configuration of a box in profile demographics, on the demo's clip."""

    def write(until, **changes):
        grounds = {"basis": "Consent", "notice": "A test", "contact": "a@b.example", "until": until}
        config = {
            "box": "box-1", "site": "site.yaml", "broker": {"host": broker.host, "port": broker.port},
            "input_side": 256, "window_s": 1, "profile": "demographics", "operator": "A Shop", "demographics": grounds,
            "cameras": {"door": {"source": str(CLIP), "loop": True, "fps": 4}},
        }  # fmt: skip
        (tmp_path / "site.yaml").write_text(yaml.safe_dump({"site": "shop", "cameras": {"door": {}}}))
        (tmp_path / "edge.yaml").write_text(yaml.safe_dump(config | changes))
        return tmp_path / "edge.yaml"

    return write


@pytest.fixture
def run_box(until):
    """`run_box(path, clock)`: a box of this process, supervising a gate and an eye of its own."""
    stop, threads = threading.Event(), []

    def run(path, clock):
        config = load_config(path, {})
        box = Box(config, site_in_force(config), path.parent, clock)
        threads.append(threading.Thread(target=box.run, args=(stop,)))
        threads[-1].start()

    yield run
    stop.set()
    for thread in threads:
        thread.join(30)


def eye():
    return [child for child in psutil.Process().children() if "edge.eye" in child.cmdline()]


def test_at_midnight_the_box_goes_on_with_less(
    edge_yaml, run_box, make_face_models, monkeypatch, broker, listen, until
):
    monkeypatch.setenv("VITRINA_MODELS", str(make_face_models().parent))
    listener, clock = listen(broker), SetClock()
    run_box(edge_yaml(TODAY + timedelta(days=1)), clock)
    until(lambda: listener.on("up/window"), "a window", timeout_s=40)
    assert listener.on("up/birth")[-1].data.profile == "demographics"
    assert listener.on("up/birth")[-1].data.confusion["age"].how_known == "assumed"
    (before,) = eye()
    clock.ahead_s = 2 * 86400
    until(lambda: listener.on("up/birth")[-1].data.profile == "objects", "the news", timeout_s=30)
    (event,) = until(lambda: [m.data for m in listener.on("up/event") if m.data.kind == "profile_ended"], "the event")
    assert (event.level, "going on in profile objects" in event.text) == ("warning", True)
    assert not before.is_running()
    count = len(listener.on("up/window"))
    until(lambda: len(listener.on("up/window")) > count, "a window after midnight", timeout_s=40)
    (after,) = eye()
    assert after.pid != before.pid
    clock.ahead_s = 0.0
    until(lambda: len(listener.on("up/window")) > count + 1, "another window", timeout_s=40)
    assert listener.on("up/birth")[-1].data.profile == "objects", "a clock set back renews no basis"


@pytest.mark.parametrize(
    ("ended", "models", "code", "told"),
    [
        (ENDED, True, 2, "demographics.until: the basis for estimating age and gender held to the end of "),
        (TODAY + timedelta(days=400), False, 1, "centerface.onnx: missing; profile demographics needs models of its own"),
    ],
)  # fmt: skip
def test_a_box_does_not_start_without_a_basis_that_holds_or_without_its_models(
    edge_yaml, make_face_models, tmp_path, ended, models, code, told
):
    folder = make_face_models().parent if models else tmp_path / "nothing"
    done = subprocess.run(
        [*VITRINA, "edge", "run", "--config", str(edge_yaml(ended))],
        capture_output=True, text=True, check=False, timeout=30, env=os.environ | {"VITRINA_MODELS": str(folder)},
    )  # fmt: skip
    assert (done.returncode, len(done.stderr.splitlines())) == (code, 1), done.stderr
    assert told in done.stderr
