"""In the profiles without faces an eye has no face code to run and opens no face model."""

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge.jobs import EyeJob
from edge.process import bar

CLIP = Path(__file__).parents[2] / "config/demo/vtest.mp4"
IN_OPEN, IN_NONBLOCK = 0x20, 0o4000

EYE = """
import json, sys, threading
from edge.eye.run import run_eye
from edge.jobs import EyeJob
from edge.process import _wait_for_end
job = EyeJob.model_validate_json(sys.stdin.buffer.readline())
stop = threading.Event()
threading.Thread(target=_wait_for_end, args=(stop,), daemon=True).start()
code = run_eye(job, stop)
told = {"code": code, "loaded": [name for name in sys.modules if name.startswith("edge.faces")]}
for module in ("edge.faces", "edge.faces.reader", "edge.faces.networks"):
    try:
        __import__(module)
        told[module] = "imported"
    except ImportError as error:
        told[module] = str(error)
print(json.dumps(told))
"""


class Opened:
    """Whether any file in a folder was opened since, as the kernel tells it (inotify)."""

    def __init__(self, folder):
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd = self._libc.inotify_init1(IN_NONBLOCK)
        assert self._fd >= 0
        assert self._libc.inotify_add_watch(self._fd, os.fsencode(folder), IN_OPEN) >= 0

    def any(self):
        try:
            return bool(os.read(self._fd, 65536))
        except BlockingIOError:
            return False

    def close(self):
        os.close(self._fd)


@pytest.fixture
def run_eye(tmp_path, until, make_face_models, monkeypatch):
    """`run_eye(profile)`: what an eye tells that has watched a clip, and whether it opened a face model."""
    folder = make_face_models()
    monkeypatch.setenv("VITRINA_MODELS", str(folder.parent))

    def run(profile):
        job = EyeJob.model_validate(
            {
                "cameras": {"door": {"source": str(CLIP), "loop": True}},
                "site": {"site": "shop", "cameras": {"door": {}}},
                "profile": profile, "model": "nanodet_g", "input_side": 256, "runtime": "onnxruntime", "threads": 1,
                "window_s": 1, "address": str(tmp_path / "gate"),
            }
        )  # fmt: skip
        opened, ready = Opened(folder), Opened(CLIP.parent)
        eye = subprocess.Popen([sys.executable, "-c", EYE], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        eye.stdin.write(job.model_dump_json().encode() + b"\n")
        eye.stdin.flush()
        until(ready.any, "the eye opening its clip", timeout_s=20)
        told, _ = eye.communicate(timeout=30)
        found = opened.any()
        opened.close()
        ready.close()
        return json.loads(told), found

    return run


@pytest.mark.parametrize("profile", ["counting", "objects"])
def test_without_the_profile_an_eye_cannot_load_face_code_and_opens_no_face_model(run_eye, profile):
    told, opened = run_eye(profile)
    assert told["loaded"] == []
    for module in ("edge.faces", "edge.faces.reader", "edge.faces.networks"):
        assert "barred from this process" in told[module]
    assert not opened


def test_with_it_the_same_eye_has_both(run_eye):
    """Otherwise the test above would see nothing, whatever happened."""
    told, opened = run_eye("demographics")
    assert told["edge.faces.reader"] == "imported"
    assert opened


def test_what_was_loaded_before_cannot_be_barred_any_more():
    with pytest.raises(RuntimeError, match=r"json was loaded before it was barred"):
        bar("json")


def test_what_begins_alike_is_not_barred():
    done = subprocess.run(
        [sys.executable, "-c", "from edge.process import bar; bar('wav'); import wave; print(wave.__name__)"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == "wave", done.stderr
