import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
import yaml

from contract.messages import CHANNELS, Desired, Message, encode, wrap
from edge.app import run_box
from edge.config import load_site
from edge.errors import ModelError

CLIP = Path(__file__).parents[2] / "config/demo/vtest.mp4"
WINDOW_S = 1
VITRINA = [sys.executable, "-c", "from vitrina.cli import main; main()"]


class BoxProcess:
    """`vitrina edge run` on the demo's clip, seen by two cameras."""

    def __init__(self, folder, at, **changes):
        self.folder = folder
        cameras = {name: {"source": str(CLIP), "loop": True, "fps": 4} for name in ("left", "right")}
        site = {
            "site": "shop",
            "cameras": {"left": {}, "right": {}},
            "zones": {f"{name}_half": _half(name) for name in ("left", "right")},
        }
        config = {
            "box": "box-1",
            "site": "site.yaml",
            "broker": {"host": at.host, "port": at.port},
            "input_side": 256,
            "window_s": WINDOW_S,
            "workers": 2,
            "cameras": cameras,
        }
        (folder / "site.yaml").write_text(yaml.safe_dump(site))
        (folder / "edge.yaml").write_text(yaml.safe_dump(config | changes))
        self.log = folder / "box.log"
        self.process = None

    def start(self):
        with self.log.open("ab") as log:
            command = [*VITRINA, "edge", "run", "--config", str(self.folder / "edge.yaml")]
            self.process = subprocess.Popen(command, stderr=log)
        return self

    def children(self, module):
        try:
            family = psutil.Process(self.process.pid).children()
            return [child for child in family if f"edge.{module}" in child.cmdline()]
        except psutil.NoSuchProcess:
            return []

    def kill(self, module):
        victim = self.children(module)[0]
        victim.kill()
        return victim.pid

    def logged(self):
        return self.log.read_text()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


def _half(camera):
    return {"camera": camera, "polygon": [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]}


@pytest.fixture
def box(tmp_path, broker):
    boxes = []

    def make(**changes):
        boxes.append(BoxProcess(tmp_path, broker, **changes))
        return boxes[-1]

    yield make
    for made in boxes:
        if made.process is not None:
            made.stop()


def windows(listener, camera):
    """The newest revision of each window of a camera, in order of time."""
    newest = {}
    for message in listener.on("up/window"):
        if message.data.camera == camera:
            newest[message.data.t_start] = message.data
    return [newest[start] for start in sorted(newest)]


def gaps_s(found):
    starts = [window.t_start.timestamp() for window in found]
    return [later - earlier for earlier, later in pairwise(starts)]


def test_a_box_watches_publishes_and_ends_when_told(box, broker, listen, until):
    listener = listen(broker)
    running = box().start()
    until(lambda: len(windows(listener, "left")) > 2 and len(windows(listener, "right")) > 2, "windows", timeout_s=40)
    assert len(running.children("eye")) == 2
    until(lambda: any(window.presence_s > 0 for window in windows(listener, "left")), "people", timeout_s=40)
    until(lambda: listener.on("up/live"), "live counts")
    family = psutil.Process(running.process.pid).children(recursive=True)
    assert running.stop() == 0
    assert not [process for process in family if process.is_running()]
    until(lambda: listener.on("up/state")[-1].data.status == "offline", "the last word")


def eye_at_work(box, listener, until, **changes):
    """The only eye of a box that has published a window more than before, and its number of threads."""
    running, before = box(workers=1, **changes).start(), len(listener.on("up/window"))
    until(lambda: len(listener.on("up/window")) > before, "a window", timeout_s=40)
    (eye,) = running.children("eye")
    return running, eye


def test_the_eye_has_the_threads_of_the_configuration(box, broker, listen, until):
    listener, counts = listen(broker), []
    for threads in (1, 9):
        running, eye = eye_at_work(box, listener, until, threads=threads)
        counts.append(eye.num_threads())
        running.stop()
    assert counts[1] - counts[0] == pytest.approx(8, abs=2)  # the decoder's come and go


@pytest.mark.skipif(find_spec("openvino") is None, reason="the extra is not installed: pip install 'vitrina[openvino]'")
@pytest.mark.skipif(os.geteuid() != 0, reason="what an eye has loaded is closed to all but root")
def test_the_eye_has_the_runtime_of_the_configuration(box, broker, listen, until):
    running, eye = eye_at_work(box, listen(broker), until, runtime="openvino")
    assert any("libopenvino_intel_cpu" in mapped.path for mapped in eye.memory_maps())
    assert running.stop() == 0


def test_a_runtime_that_is_not_installed_ends_the_box_before_it_begins(tmp_path, broker, monkeypatch):
    BoxProcess(tmp_path, broker, runtime="openvino")
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(ModelError, match=r"pip install 'vitrina\[openvino\]'"):
        run_box(tmp_path / "edge.yaml")


def test_an_eye_that_dies_is_replaced_and_the_other_never_stops(box, broker, listen, until):
    listener = listen(broker)
    running = box().start()
    until(lambda: windows(listener, "left") and windows(listener, "right"), "windows", timeout_s=40)
    dead = running.kill("eye")
    until(lambda: listener.on("up/event"), "the event", timeout_s=20)
    event = listener.on("up/event")[0].data
    assert event.kind == "eye_restarted"
    assert "SIGKILL" in event.text
    until(lambda: len(running.children("eye")) == 2, "a new eye", timeout_s=20)
    assert dead not in [eye.pid for eye in running.children("eye")]
    before = {camera: len(windows(listener, camera)) for camera in ("left", "right")}
    until(
        lambda: all(len(windows(listener, camera)) > count + 1 for camera, count in before.items()),
        "windows of both cameras",
        timeout_s=40,
    )
    camera_of_the_other = "right" if "(left)" in event.text else "left"
    assert set(gaps_s(windows(listener, camera_of_the_other))) == {WINDOW_S}


def test_a_gate_that_dies_is_replaced_and_no_window_is_missing(box, broker, listen, until):
    listener = listen(broker)
    running = box().start()
    until(lambda: len(windows(listener, "left")) > 1, "windows", timeout_s=40)
    dead = running.kill("gate")
    until(lambda: [gate for gate in running.children("gate") if gate.pid != dead], "a new gate", timeout_s=20)
    count = len(windows(listener, "left"))
    until(lambda: len(windows(listener, "left")) > count + 3, "windows", timeout_s=40)
    for camera in ("left", "right"):
        assert set(gaps_s(windows(listener, camera))) == {WINDOW_S}


def test_nothing_outlives_a_supervisor_that_is_killed(box, broker, listen, until):
    listener = listen(broker)
    running = box().start()
    until(lambda: windows(listener, "left"), "windows", timeout_s=40)
    family = psutil.Process(running.process.pid).children(recursive=True)
    assert len(family) == 3
    running.process.kill()
    gone = "the children of a dead supervisor"
    until(lambda: not [child for child in family if child.is_running() and child.status() != "zombie"], gone, 15)


def test_a_site_document_from_the_server_comes_into_force_without_a_gap(box, broker, listen, until):
    listener = listen(broker)
    running = box().start()
    until(lambda: len(windows(listener, "left")) > 1, "windows", timeout_s=40)
    site = load_site(running.folder / "site.yaml").model_copy(update={"version": 2})
    document = Desired(site_version=2, site=site.model_dump(mode="json", exclude_defaults=True))
    letter = wrap(document, site="shop", box="box-1", boot_id="server", seq=1, time=datetime.now(UTC))
    listener.publish("vitrina/v1/shop/box-1/down/desired", encode(letter), retain=True)
    until(lambda: listener.on("up/reported")[-1].data.site_version == 2, "reported", timeout_s=30)
    until(lambda: windows(listener, "left")[-1].site_version == 2, "windows of version 2", timeout_s=40)
    before = [window for window in windows(listener, "left") if window.site_version == 1]
    after = [window for window in windows(listener, "left") if window.site_version == 2]
    assert before[-1].t_start < after[0].t_start
    assert len(running.children("gate")) == 1
    assert len(running.children("eye")) == 2
    assert "going on with" not in running.logged()


def test_a_camera_that_is_absent_stops_nobody(tmp_path, box, broker, listen, until):
    absent = {"source": str(tmp_path / "absent.mp4")}
    present = {"source": str(CLIP), "loop": True, "fps": 4}
    listener = listen(broker)
    box(cameras={"left": absent, "right": present}, workers=1).start()
    until(lambda: windows(listener, "right"), "windows of the camera that is there", timeout_s=40)
    until(lambda: listener.on("up/event"), "the event")
    event = listener.on("up/event")[0].data
    assert (event.kind, event.camera) == ("camera_lost", "left")
    assert "no such file" in event.text


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"windows": 60}, "edge.yaml: windows: unknown key"),
        ({"cameras": {"vault": {"source": "x"}}}, "no camera vault"),
        ({"model": "eyes_of_god"}, "eyes_of_god"),
        ({"broker": {"password": "open"}}, "a password has no place in this file"),
        ({"broker": {"password": "${NOBODY_SET_THIS}"}}, "NOBODY_SET_THIS is not set"),
        ({"broker": {"tls": {"insecure": True}}}, "broker.tls.insecure: unknown key"),
    ],
)
def test_a_wrong_configuration_is_told_in_one_line(box, broker, changes, told):
    running = box(**changes).start()
    assert running.process.wait(20) in (1, 2)
    lines = running.logged().splitlines()
    assert len(lines) == 1
    assert told in lines[0]


def test_two_boxes_on_one_outbox_are_refused(box, broker, listen, until):
    listener = listen(broker)
    first = box().start()
    until(lambda: listener.on("up/birth"), "the first box", timeout_s=30)
    again = subprocess.run(
        [*VITRINA, "edge", "run", "--config", str(first.folder / "edge.yaml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 2
    assert "another box runs on it" in again.stderr


def keys_and_rows(value):
    """Every key, and every list that holds lists, anywhere in a document."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, None
            yield from keys_and_rows(inner)
    if isinstance(value, list):
        for inner in value:
            if isinstance(inner, list):
                yield None, value
            yield from keys_and_rows(inner)


def test_nothing_personal_leaves_the_eyes(tmp_path, box, broker, listen, until):
    listener = listen(broker)
    running = box().start()
    until(lambda: len(windows(listener, "left")) > 2 and listener.on("up/health"), "windows", timeout_s=40)
    broker.stop()
    with closing(sqlite3.connect(tmp_path / "outbox.db")) as outbox:
        rows = [row[0] for row in outbox.execute("SELECT data FROM message UNION SELECT value FROM note")]
    assert rows
    assert running.stop() == 0
    schemas = json.dumps([model.model_json_schema() for model in [Message, *CHANNELS.values()]])
    names = {"left", "right", "left_half", "right_half"}
    for document in [payload for _, payload, _ in listener.messages] + rows:
        for key, listed in keys_and_rows(json.loads(document)):
            assert listed is None, f"a list of lists could be a path: {listed}"
            assert key in names or f'"{key}"' in schemas, f"{key} is not in the contract"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "box.log",
        "edge.yaml",
        "outbox.db",
        "outbox.db.lock",
        "site.yaml",
    ], "the box writes its outbox and nothing else"
    assert not any(word in running.logged().lower() for word in ("track", "xyxy", "embedding"))
