"""Every layout on a small ONNX file that answers with known outputs, through ONNX Runtime as in the shop."""

import numpy as np
import pytest

from edge.errors import ModelError
from edge.io.onnx import OnnxDetector
from edge.vision.decode import DECODERS, guess_decoder

IMAGE = np.zeros((64, 64, 3), np.uint8)
CELLS = 8 * 8 + 4 * 4 + 2 * 2
PERSON = [20, 4, 44, 44]


def logit(p: float) -> float:
    return float(np.log(p / (1 - p)))


def nanodet_outputs(cell=(3, 2), score=0.9, classes=3, bins=8):
    """One person at a cell of the finest level; its sides are 1, 2, 2 and 3 strides away."""
    scores = [np.zeros((1, n, classes)) for n in (64, 16, 4)]
    distances = [np.zeros((1, n, 4 * bins)) for n in (64, 16, 4)]
    row = cell[1] * 8 + cell[0]
    scores[0][0, row, 0] = score
    for side, strides in enumerate((1, 2, 2, 3)):
        distances[0][0, row, side * bins + strides] = 50
    return [*scores, *distances]


def yolo_outputs(score=0.9, classes=3):
    raw = np.zeros((1, 4 + classes, CELLS))
    raw[0, :5, 10] = [32, 24, 24, 40, score]
    raw[0, :5, 11] = [33, 24, 24, 40, score - 0.2]
    return [raw]


def end_to_end_outputs(score=0.9):
    rows = np.zeros((1, 300, 6))
    rows[0, 0] = [*PERSON, score, 0]
    rows[0, 1] = [*PERSON, score, 2]
    return [rows]


def yolox_outputs(score=0.9, classes=3):
    """Cell (1, 1) of the coarsest level: offset 0, -0.25; log of the size in strides."""
    raw = np.full((1, CELLS, 5 + classes), 0.0)
    raw[0, 64 + 16 + 3, :6] = [0, -0.25, np.log(24 / 32), np.log(40 / 32), 1.0, score]
    return [raw]


def rtdetr_outputs(score=0.9, classes=3):
    raw = np.zeros((1, 300, 4 + classes))
    raw[0, 7, :5] = [32 / 64, 24 / 64, 24 / 64, 40 / 64, score]
    return [raw]


def rtdetr_logits_outputs(score=0.9, classes=3):
    logits, boxes = np.full((1, 300, classes), -20.0), np.zeros((1, 300, 4))
    logits[0, 7, 0], boxes[0, 7] = logit(score), [32 / 64, 24 / 64, 24 / 64, 40 / 64]
    return [logits, boxes]


LAYOUTS = {
    "nanodet": nanodet_outputs,
    "yolo": yolo_outputs,
    "yolo_end_to_end": end_to_end_outputs,
    "yolox": yolox_outputs,
    "rtdetr": rtdetr_outputs,
    "rtdetr_logits": rtdetr_logits_outputs,
}


def test_every_decoder_has_a_layout_here():
    assert set(LAYOUTS) == set(DECODERS)


@pytest.mark.parametrize("decoder", LAYOUTS)
def test_the_person_is_found_where_they_stand(decoder, make_model, make_entry):
    detector = OnnxDetector(make_entry(make_model(LAYOUTS[decoder]()), decoder))
    found = detector.detect(IMAGE)
    np.testing.assert_allclose(found.xyxy_px, [PERSON], atol=1e-3)
    np.testing.assert_allclose(found.confidence, [0.9], atol=1e-6)
    np.testing.assert_array_equal(found.class_id, [0])


@pytest.mark.parametrize("decoder", LAYOUTS)
def test_the_box_is_in_the_picture_s_own_pixels(decoder, make_model, make_entry):
    detector = OnnxDetector(make_entry(make_model(LAYOUTS[decoder]()), decoder))
    found = detector.detect(np.zeros((128, 128, 3), np.uint8))
    np.testing.assert_allclose(found.xyxy_px, [[2 * side for side in PERSON]], atol=1e-3)


@pytest.mark.parametrize("decoder", LAYOUTS)
def test_nothing_under_the_floor(decoder, make_model, make_entry):
    entry = make_entry(make_model(LAYOUTS[decoder](score=0.39)), decoder)
    assert len(OnnxDetector(entry).detect(IMAGE)) == 0


@pytest.mark.parametrize("decoder", LAYOUTS)
def test_another_class_is_not_looked_for(decoder, make_model, make_entry):
    entry = make_entry(make_model(LAYOUTS[decoder]()), decoder, classes={"person": 1})
    assert len(OnnxDetector(entry).detect(IMAGE)) == 0


@pytest.mark.parametrize("decoder", LAYOUTS)
def test_outputs_of_another_family_are_refused_with_their_shapes(decoder, make_model, make_entry):
    detector = OnnxDetector(make_entry(make_model([np.zeros((1, 7, 3, 2))]), decoder))
    with pytest.raises(ModelError, match=r"\(1, 7, 3, 2\)"):
        detector.detect(IMAGE)


def test_a_class_beyond_the_model_s_is_refused(make_model, make_entry):
    detector = OnnxDetector(make_entry(make_model(yolo_outputs(classes=3)), "yolo", classes={"person": 3}))
    with pytest.raises(ModelError, match="class 3, the model has 3"):
        detector.detect(IMAGE)


def test_several_classes_are_told_apart(make_model, make_entry):
    outputs = yolo_outputs()
    outputs[0][0, 4 + 2, 40], outputs[0][0, :4, 40] = 0.8, [10, 10, 8, 8]
    entry = make_entry(make_model(outputs), "yolo", classes={"person": 0, "suitcase": 2})
    found = OnnxDetector(entry, names=("suitcase", "person")).detect(IMAGE)
    np.testing.assert_array_equal(found.class_id, [0, 2])


def test_distances_are_expectations_and_not_the_likeliest_bin(make_model, make_entry):
    """Two equally likely bins, 1 and 2 strides, mean 12 px."""
    outputs = nanodet_outputs()
    outputs[3][0, 2 * 8 + 3, 2] = 50
    found = OnnxDetector(make_entry(make_model(outputs), "nanodet")).detect(IMAGE)
    np.testing.assert_allclose(found.xyxy_px, [[16, 4, 44, 44]], atol=1e-3)


def test_cells_of_every_nanodet_level_are_where_their_stride_says(make_model, make_entry):
    outputs = nanodet_outputs(score=0)
    outputs[1][0, 1 * 4 + 2, 0] = 0.9
    outputs[4][0, 6] = [50 if i % 8 == 1 else 0 for i in range(32)]
    found = OnnxDetector(make_entry(make_model(outputs), "nanodet")).detect(IMAGE)
    np.testing.assert_allclose(found.xyxy_px, [[2.5 * 16 - 16, 1.5 * 16 - 16, 2.5 * 16 + 16, 1.5 * 16 + 16]], atol=1e-3)


@pytest.mark.parametrize("decoder", LAYOUTS)
def test_the_layout_is_guessed_from_the_shapes(decoder):
    shapes = [np.shape(output) for output in LAYOUTS[decoder]()]
    assert guess_decoder(shapes, (64, 64)) == decoder


@pytest.mark.parametrize("shapes", [[], [(1, 1000)], [(1, 300, 4)], [(2, 84, 84)], [(1, 10, 10)] * 3])
def test_an_unknown_layout_is_not_guessed(shapes):
    with pytest.raises(ModelError, match="none of the decoders"):
        guess_decoder(shapes, (64, 64))
