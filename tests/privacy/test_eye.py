import json
import subprocess
import sys

import pytest

SEALED = "from edge.process import seal; seal()\n"


def run(script, *arguments):
    return subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("module", ["paho", "sqlite3", "sqlite_utils", "aiomqtt", "server", "fastapi"])
def test_an_eye_has_nothing_to_store_or_publish_with(module):
    loaded = run(f"import sys, edge.eye.run; print({module!r} in sys.modules)")
    assert loaded.stdout.strip() == "False", loaded.stderr


@pytest.mark.parametrize("module", ["av", "cv2", "onnxruntime", "edge.io.sources", "edge.pipeline", "edge.tracking"])
def test_a_gate_has_nothing_to_see_with(module):
    loaded = run(f"import sys, edge.gate.run; print({module!r} in sys.modules)")
    assert loaded.stdout.strip() == "False", loaded.stderr


def test_a_sealed_process_cannot_write_a_file(tmp_path):
    target = tmp_path / "picture.bin"
    written = run(
        SEALED + "import sys\n"
        "try:\n"
        "    with open(sys.argv[1], 'wb', buffering=0) as file: file.write(b'pixels')\n"
        "except OSError as error: print('refused', error.errno)",
        str(target),
    )
    assert written.stdout.startswith("refused"), written
    assert target.read_bytes() == b""


def test_a_sealed_process_leaves_no_core_dump_and_no_way_in():
    told = run(
        SEALED + "import ctypes, json, resource\n"
        "print(json.dumps([resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)]))"
    )
    core, dumpable = json.loads(told.stdout)
    assert core == [0, 0]
    assert dumpable == 0


def test_a_sealed_process_can_still_open_a_socket_and_decode_a_clip():
    from pathlib import Path

    clip = Path(__file__).parents[2] / "config/demo/vtest.mp4"
    seen = run(
        SEALED + "import itertools, sys\n"
        "from pathlib import Path\n"
        "from edge.io.video import VideoFile\n"
        "frames = list(itertools.islice(VideoFile(Path(sys.argv[1]), camera_id='x'), 3))\n"
        "print(len(frames), frames[0].size_px)",
        str(clip),
    )
    assert seen.stdout.strip() == "3 (768, 576)", seen.stderr
