"""What every runtime of the detector keeps: the contract of `edge.ports.Detector`."""

import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from onnx import TensorProto, helper

from edge.errors import ModelError
from edge.io.onnx import OnnxDetector
from edge.io.onnx_runtime import OnnxRuntimeSession
from edge.io.openvino import OpenVinoSession
from edge.models import find_model

NEAR_PX, NEAR_SCORE = 0.5, 0.01
"""How far a runtime may be from ONNX Runtime's float32. In bf16 OpenVINO is within 0.3 px and 0.003."""

SESSIONS = {"onnxruntime": OnnxRuntimeSession, "openvino": OpenVinoSession}
REASON = "the extra is not installed: pip install 'vitrina[openvino]'"
NEEDS_OPENVINO = pytest.mark.skipif(find_spec("openvino") is None, reason=REASON)
every_runtime = pytest.mark.parametrize("runtime", ["onnxruntime", pytest.param("openvino", marks=NEEDS_OPENVINO)])


def feet(found):
    return np.column_stack([found.xyxy_px[:, [0, 2]].mean(axis=1), found.xyxy_px[:, 3]])


@every_runtime
def test_it_finds_the_people_of_a_real_picture(runtime, demo_frame):
    """Three people in full view, standing apart; where they stand is PETS' own truth for its first frame."""
    model = find_model()
    found = OnnxDetector(model, runtime=runtime).detect(demo_frame)
    assert (found.confidence >= model.thresholds.low).sum() == 3
    for person in ([654, 323], [515, 233], [274, 308]):
        assert np.linalg.norm(feet(found) - person, axis=1).min() < 10


@every_runtime
@pytest.mark.parametrize("long_side", [320, 416, 640])
def test_its_boxes_are_those_of_onnx_runtime(runtime, long_side, demo_frame):
    """Without a threshold in the way, so that no score near it decides how many there are."""
    sure = find_model()
    everything = sure.model_copy(update={"thresholds": sure.thresholds.model_copy(update={"faint": None, "low": 0.3})})
    expected = OnnxDetector(everything, long_side=long_side).detect(demo_frame)
    found = OnnxDetector(everything, runtime=runtime, long_side=long_side).detect(demo_frame)
    assert len(found) == len(expected) >= 3
    assert found.xyxy_px == pytest.approx(expected.xyxy_px, abs=NEAR_PX)
    assert found.confidence == pytest.approx(expected.confidence, abs=NEAR_SCORE)


@every_runtime
def test_the_same_picture_gives_the_same_bytes_whatever_came_between(runtime, demo_frame):
    detector = OnnxDetector(find_model(), runtime=runtime)
    first = detector.detect(demo_frame)
    detector.detect(demo_frame[::2, ::3])
    again = detector.detect(demo_frame)
    assert first.xyxy_px.tobytes() == again.xyxy_px.tobytes()
    assert first.confidence.tobytes() == again.confidence.tobytes()


@every_runtime
@pytest.mark.parametrize("grey", [0, 128, 255])
def test_an_empty_picture_holds_nobody(runtime, grey):
    assert len(OnnxDetector(find_model(), runtime=runtime).detect(np.full((240, 320, 3), grey, np.uint8))) == 0


@every_runtime
@pytest.mark.parametrize(("width", "height"), [(767, 575), (701, 333), (333, 575), (31, 17), (1, 1)])
def test_odd_sizes(runtime, width, height, demo_frame):
    picture = demo_frame[:height, :width]
    found = OnnxDetector(find_model(), runtime=runtime).detect(picture)
    people = [foot for foot in ([654, 323], [515, 233], [274, 308]) if foot[0] + 20 < width and foot[1] + 9 < height]
    for person in people:
        assert np.linalg.norm(feet(found) - person, axis=1).min() < 10
    assert len(found) >= len(people)
    assert (found.xyxy_px >= 0).all()
    assert (found.xyxy_px <= [width, height, width, height]).all()


@every_runtime
def test_scores_lie_between_the_threshold_and_one(runtime, demo_frame):
    sure = find_model()
    weak = sure.model_copy(update={"thresholds": sure.thresholds.model_copy(update={"faint": None, "low": 0.05})})
    found = OnnxDetector(weak, runtime=runtime).detect(demo_frame)
    assert len(found) > 3
    assert found.confidence.dtype == np.float32
    assert 0.05 <= found.confidence.min() < 0.3
    assert 0.5 < found.confidence.max() <= 1


THREADS = """
import os, sys, time
import numpy as np
from edge.io.onnx import OnnxDetector
from edge.models import find_model
detector = OnnxDetector(find_model(), runtime=sys.argv[1], threads=int(sys.argv[2]))
image = np.zeros((240, 320, 3), np.uint8)
detector.detect(image)
all_s, own_s = time.process_time(), time.thread_time()
for _ in range(10): detector.detect(image)
print(len(os.listdir("/proc/self/task")), (time.thread_time() - own_s) / (time.process_time() - all_s))
"""


def threads_of(runtime, threads):
    told = subprocess.check_output([sys.executable, "-c", THREADS, runtime, str(threads)], text=True)
    count, own_share = told.split()
    return int(count), float(own_share)


@every_runtime
@pytest.mark.skipif(sys.platform != "linux", reason="counts threads in /proc")
def test_the_number_of_threads_is_kept(runtime):
    """One thread is the caller's own: nobody else works. Two are one more."""
    alone, own_share = threads_of(runtime, 1)
    assert own_share > 0.95
    assert threads_of(runtime, 2)[0] == alone + 1


SEALED = """
import sys
from itertools import islice
from edge.data_files import find_data
from edge.io.onnx import OnnxDetector
from edge.io.video import VideoFile
from edge.models import find_model
from edge.process import seal
model = find_model()
detector = OnnxDetector(model, runtime=sys.argv[1])
seal()
(frame,) = islice(VideoFile(find_data("config/demo/vtest.mp4"), camera_id="x"), 1)
detector.detect(frame.image[::2, ::2])
print((detector.detect(frame.image).confidence >= model.thresholds.low).sum())
"""


@every_runtime
def test_it_works_in_a_sealed_process_and_reports_to_nobody(runtime, tmp_path):
    """Both packages would report over the network, and keep an id for it in the home folder."""
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    command = [sys.executable, "-c", SEALED, runtime]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)
    assert done.stdout.strip() == "3", done.stderr
    assert list(tmp_path.iterdir()) == []


@every_runtime
def test_a_file_that_is_no_model_is_one_clear_line(runtime, tmp_path, make_entry):
    path = tmp_path / "notes.onnx"
    path.write_text("not a protobuf")
    with pytest.raises(ModelError, match=r"notes\.onnx: (ONNX Runtime|OpenVINO) cannot load it \(.+\)") as refusal:
        OnnxDetector(make_entry(path, "yolo"), runtime=runtime)
    assert "\n" not in str(refusal.value)


@every_runtime
@pytest.mark.parametrize(("shape", "told"), [([1, 10], r"\[\[1, 10\]\]"), ([1, 1, 64, 64], r"\[\[1, 1, 64, 64\]\]")])
def test_a_model_of_something_else_than_pictures(runtime, shape, told, tmp_path):
    given, answer = (helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in "xy")
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [given], [answer])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    (tmp_path / "table.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match=rf"{told}; a detector takes one \(1, 3, height, width\)"):
        SESSIONS[runtime](tmp_path / "table.onnx")


@every_runtime
def test_outputs_of_an_unknown_layout(runtime, make_model, make_entry):
    detector = OnnxDetector(make_entry(make_model([np.zeros((1, 7, 3, 2))]), "yolo"), runtime=runtime)
    with pytest.raises(ModelError, match=r"\(1, 7, 3, 2\)"):
        detector.detect(np.zeros((64, 64, 3), np.uint8))


@every_runtime
def test_an_input_size_that_the_model_fixes_is_kept(runtime, make_model, make_entry):
    entry = make_entry(make_model([np.zeros((1, 5, 84))], height=96, width=64), "yolo")
    detector = OnnxDetector(entry, runtime=runtime, long_side=320)
    assert detector.prepare(np.zeros((48, 64, 3), np.uint8)).shape == (1, 3, 96, 64)
    assert len(detector.detect(np.zeros((48, 64, 3), np.uint8))) == 0


@every_runtime
def test_a_size_that_the_model_refuses(runtime, make_model, make_entry):
    entry = make_entry(make_model([np.zeros((1, 5, 84))], height=96, width="width"), "yolo")
    with pytest.raises(ModelError, match=r"refuses an input of \(1, 3, 64, 64\) \(.+\)") as refusal:
        OnnxDetector(entry, runtime=runtime).detect(np.zeros((64, 64, 3), np.uint8))
    assert "\n" not in str(refusal.value)


def test_a_runtime_that_is_not_installed_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(ModelError, match=r"pip install 'vitrina\[openvino\]', or use runtime onnxruntime"):
        OnnxDetector(find_model(), runtime="openvino")


@every_runtime
def test_looking_for_more_does_not_change_who_is_found(runtime, demo_frame):
    model = find_model()
    alone = OnnxDetector(model, runtime=runtime).detect(demo_frame)
    names = ("person", *(name for name in model.classes if name != "person"))
    everything = OnnxDetector(model, runtime=runtime, names=names).detect(demo_frame)
    people = everything[everything.class_id == model.classes["person"]]
    assert len(people) < len(everything), "cars are parked there"
    assert people.xyxy_px.tobytes() == alone.xyxy_px.tobytes()
    assert people.confidence.tobytes() == alone.confidence.tobytes()
