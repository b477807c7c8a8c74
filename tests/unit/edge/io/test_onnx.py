import numpy as np
import pytest

from edge.errors import ModelError
from edge.io.onnx import OnnxDetector
from edge.models import find_model

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


def test_an_unknown_decoder_names_those_there_are(make_model, make_entry):
    with pytest.raises(ModelError, match="no decoder 'ssd'.*nanodet"):
        OnnxDetector(make_entry(make_model(NOBODY), "ssd"))


def test_a_class_that_the_manifest_lacks(make_model, make_entry):
    with pytest.raises(ModelError, match=r"no class \['cart'\]; its manifest names person"):
        OnnxDetector(make_entry(make_model(NOBODY), "yolo"), names=("cart",))


def test_the_camera_may_change_its_size_between_pictures(make_model, make_entry):
    detector = OnnxDetector(make_entry(make_model(NOBODY), "yolo"))
    assert detector.prepare(np.zeros((48, 64, 3), np.uint8)).shape == (1, 3, 64, 64)
    assert detector.prepare(np.zeros((64, 32, 3), np.uint8)).shape == (1, 3, 64, 32)


def test_the_bundled_detector_finds_nobody_in_noise_and_runs_at_several_sizes():
    noise = np.random.default_rng(1).integers(0, 255, (240, 320, 3), np.uint8)
    model = find_model()
    for long_side in (320, 416):
        found = OnnxDetector(model, long_side=long_side).detect(noise)
        assert not (found.confidence >= model.thresholds.low).any()
