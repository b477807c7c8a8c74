from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

from edge.errors import ModelError
from edge.io.onnx import OnnxDetector, open_session
from edge.models import find_model

IMAGE = np.zeros((64, 64, 3), np.uint8)
NOBODY = [np.zeros((1, 5, 84))]


def test_a_changed_file_is_refused_with_both_digests(make_model, make_entry):
    entry = make_entry(make_model(NOBODY), "yolo", sha256="0" * 64)
    with pytest.raises(ModelError) as refusal:
        OnnxDetector(entry)
    for part in (str(entry.path), "0" * 64, make_entry(entry.path, "yolo").sha256, "vitrina models"):
        assert part in str(refusal.value)


def test_a_missing_file_is_one_clear_line(make_model, make_entry):
    entry = make_entry(make_model(NOBODY), "yolo")
    entry.path.unlink()
    with pytest.raises(ModelError, match=r"model\.onnx: cannot read the model file \(No such file") as refusal:
        OnnxDetector(entry)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_no_model(tmp_path: Path, make_entry):
    path = tmp_path / "notes.onnx"
    path.write_text("not a protobuf")
    with pytest.raises(ModelError, match=r"notes\.onnx: ONNX Runtime cannot load it"):
        OnnxDetector(make_entry(path, "yolo"))


def test_a_model_of_something_else_than_pictures(tmp_path: Path):
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 10])
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["y"])],
        "g",
        [given],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 10])],
    )
    path = tmp_path / "table.onnx"
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match=r"\[\[1, 10\]\]; a detector takes one \(1, 3, height, width\)"):
        open_session(path)


def test_an_unknown_decoder_names_those_there_are(make_model, make_entry):
    with pytest.raises(ModelError, match="no decoder 'ssd'.*nanodet"):
        OnnxDetector(make_entry(make_model(NOBODY), "ssd"))


def test_a_class_that_the_manifest_lacks(make_model, make_entry):
    with pytest.raises(ModelError, match=r"no class \['cart'\]; its manifest names person"):
        OnnxDetector(make_entry(make_model(NOBODY), "yolo"), names=("cart",))


def test_an_input_size_that_the_model_fixes_is_kept(make_model, make_entry):
    detector = OnnxDetector(make_entry(make_model(NOBODY, height=96, width=64), "yolo"), long_side=320)
    assert detector.prepare(np.zeros((48, 64, 3), np.uint8)).shape == (1, 3, 96, 64)


def test_a_model_that_cannot_take_the_size_says_so(make_model, make_entry):
    entry = make_entry(make_model(NOBODY, height=96, width="width"), "yolo")
    with pytest.raises(ModelError, match=r"refuses an input of \(1, 3, 64, 64\)"):
        OnnxDetector(entry).detect(IMAGE)


def test_the_camera_may_change_its_size_between_pictures(make_model, make_entry):
    detector = OnnxDetector(make_entry(make_model(NOBODY), "yolo"))
    assert detector.prepare(np.zeros((48, 64, 3), np.uint8)).shape == (1, 3, 64, 64)
    assert detector.prepare(np.zeros((64, 32, 3), np.uint8)).shape == (1, 3, 64, 32)


def test_the_bundled_detector_finds_nobody_in_noise_and_runs_at_several_sizes():
    noise = np.random.default_rng(1).integers(0, 255, (240, 320, 3), np.uint8)
    for long_side in (320, 416):
        assert len(OnnxDetector(find_model(), long_side=long_side).detect(noise)) == 0


def test_the_bundled_detector_finds_the_people_of_the_demo_clip(demo_frame):
    """Three people in full view, standing apart; where they stand is PETS' own truth for its first frame."""
    found = OnnxDetector(find_model()).detect(demo_frame)
    feet = np.column_stack([found.xyxy_px[:, [0, 2]].mean(axis=1), found.xyxy_px[:, 3]])
    for person in ([654, 323], [515, 233], [274, 308]):
        assert np.linalg.norm(feet - person, axis=1).min() < 10
    assert len(found) == 3
