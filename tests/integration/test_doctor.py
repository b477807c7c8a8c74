"""`vitrina doctor` says what is wrong and what to do, for each thing that can be."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from edge.config import load_config
from edge.data_files import find_data
from edge.site_file import sent_site_path
from edge.vision.landmarks import find_landmarks
from vitrina.broker import free_port

ROOT = Path(__file__).parents[2]


def doctor(*options, **environ):
    command = [sys.executable, "-m", "vitrina", "doctor", *map(str, options)]
    env = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"} | environ
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env, cwd="/", timeout=100)


@pytest.fixture
def box(tmp_path, broker):
    """An edge.yaml whose camera and broker work; `write(**changes)` changes it."""
    shutil.copy(find_data("config/demo/site.yaml"), tmp_path / "site.yaml")
    config = {
        "box": "box-1",
        "site": "site.yaml",
        "broker": {"port": broker.port},
        "cameras": {"forecourt": {"source": str(find_data("config/demo/vtest.mp4"))}},
    }

    def write(**changes):
        path = tmp_path / "edge.yaml"
        path.write_text(yaml.safe_dump(config | changes))
        return path

    return write


def test_a_healthy_box(box):
    done = doctor("--edge", box())
    assert done.returncode == 0, done.stdout + done.stderr
    for line in ("python: 3", "model nanodet_g: sha256 as in the manifest", "decoding: H.264",
                 "detector nanodet_g in onnxruntime: ", "camera forecourt: 768 x 576 px, 5 zones, 1 lines, calibration within 0.", "lets this box in", "GB free"):  # fmt: skip
        assert line in done.stdout


def test_a_calibration_point_that_is_wrong(box, tmp_path):
    edge_file = box()
    site = yaml.safe_load((tmp_path / "site.yaml").read_text())
    site["cameras"]["forecourt"]["calibration"]["points"][2]["floor_m"] = [15.65, 14.06]
    (tmp_path / "site.yaml").write_text(yaml.safe_dump(site))
    done = doctor("--edge", edge_file)
    assert done.returncode == 0
    assert re.search(
        r"WARN  camera forecourt: .* calibration within [0-9.]+ m \(point 3 is [0-9.]+ m off\)\n\s+→ check the camera's",
        done.stdout,
    )


@pytest.mark.parametrize(
    ("right", "told"),
    [
        (0.0, r"ok    view of forecourt: as at set-up: \d+ of \d+ landmarks found in place"),
        (0.04, r"WARN  view of forecourt: has moved by 4.0% of its width since set-up\n\s+→ turn the camera back"),
    ],
)
def test_a_camera_that_was_moved_since_set_up(box, tmp_path, demo_frame, right, told):
    edge_file = box()
    site = yaml.safe_load((tmp_path / "site.yaml").read_text()) | {"version": 9}
    at_setup = np.roll(demo_frame, round(right * demo_frame.shape[1]), axis=1)
    marks = [landmark.model_dump(mode="json") for landmark in find_landmarks(at_setup).parts()]
    site["cameras"]["forecourt"]["landmarks"] = marks
    sent_site_path(load_config(edge_file, {})).write_text(json.dumps(site))
    done = doctor("--edge", edge_file)
    assert done.returncode == 0
    assert re.search(told, done.stdout), done.stdout
    assert "site version 9" in done.stdout, "what the server sent is in force"


@pytest.mark.parametrize(
    ("changes", "found", "advice"),
    [
        ({"broker": {"port": 1}}, r"FAIL  broker 127.0.0.1:1: .*refused", "start the broker"),
        ({"cameras": {"forecourt": {"source": "rtsp://user:${SECRET}@127.0.0.1:1/x"}}}, "FAIL  camera forecourt: ", "see to the camera"),
        ({"cameras": {"forecourt": {"source": "/nowhere.mp4"}}}, "FAIL  camera forecourt: /nowhere.mp4: no such file", "its source in edge.yaml"),
        ({"cameras": {"garden": {"source": str(find_data("config/demo/vtest.mp4"))}}}, "FAIL  camera garden: .*no camera 'garden'", "its place in site.yaml"),
        ({"model": "yolo99"}, "FAIL  detector yolo99 in onnxruntime: no model 'yolo99'", "correct model or runtime"),
        ({"cameras": {}}, "FAIL  configuration: .*cameras", "correct this file"),
        ({"site": "none.yaml"}, "FAIL  configuration: .*none.yaml", "correct this file"),
        ({"outbox": {"path": "/nowhere/at/all/outbox.db"}}, "FAIL  disk /nowhere/at/all", "make this folder"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_what_to_do(box, changes, found, advice):
    done = doctor("--edge", box(**changes), SECRET="s3cret")
    assert done.returncode == 1
    (line, told) = re.search(rf"({found}.*)\n\s+→ (.*)", done.stdout).groups()
    assert advice in told
    assert "s3cret" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert line


def test_a_refused_password(tmp_path, box):
    from vitrina.broker import Broker

    with Broker(users={"box-1": "right"}) as guarded:
        config = box(broker={"port": guarded.port, "username": "box-1", "password": "${PASSWORD}"})
        assert "check broker.username and broker.password" in doctor("--edge", config, PASSWORD="wrong").stdout
        assert "lets this box in" in doctor("--edge", config, PASSWORD="right").stdout


def test_a_model_file_that_was_changed(tmp_path):
    models = tmp_path / "models"
    shutil.copytree(ROOT / "models", models)
    (models / "nanodet_g.onnx").write_bytes(b"something else")
    code = (
        "import sys, edge.models as m; from pathlib import Path; "
        f"m.find_data = lambda name: Path({str(models)!r}) / Path(name).name; "
        "from vitrina.doctor import check_models; print([*check_models()][0])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "verdict='failed'" in done.stdout
    assert "not the file that the manifest names" in done.stdout


def test_the_server_side(tmp_path, broker):
    shutil.copy(find_data("config/demo/site.yaml"), tmp_path / "site.yaml")
    config = {"broker": {"port": broker.port}, "sites": [{"file": "site.yaml"}]}
    (tmp_path / "server.yaml").write_text(yaml.safe_dump(config))
    done = doctor("--server", tmp_path / "server.yaml")
    assert done.returncode == 0, done.stdout
    assert "database: sqlite" in done.stdout
    (tmp_path / "server.yaml").write_text(
        yaml.safe_dump(config | {"database": "sqlite:////nowhere/x.db", "broker": {"port": free_port()}})
    )
    done = doctor("--server", tmp_path / "server.yaml")
    assert done.returncode == 1
    assert "FAIL  database" in done.stdout
    assert "2 of the checks failed" in done.stderr


def test_a_clock_that_was_never_set():
    from vitrina.doctor import check_clock

    assert check_clock(1000.0).verdict == "failed"
    assert check_clock(1.9e9).verdict in ("ok", "warning")
