import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edge.arrays import Detections
from edge.vision.boxes import iou, non_maximum_suppression


def boxes(rows) -> np.ndarray:
    return np.array(rows, np.float32).reshape(-1, 4)


def found(rows, confidence, classes=None) -> Detections:
    return Detections(
        boxes(rows), np.array(confidence, np.float32), np.array(classes or [0] * len(confidence), np.int16)
    )


def test_iou_of_known_boxes():
    a = boxes([[0, 0, 10, 10]])
    b = boxes([[0, 0, 10, 10], [5, 0, 15, 10], [10, 0, 20, 10], [2, 2, 4, 4]])
    np.testing.assert_allclose(iou(a, b), [[1, 1 / 3, 0, 0.04]], rtol=1e-6)


def test_iou_of_a_box_without_area_is_zero_and_not_nan():
    np.testing.assert_array_equal(iou(boxes([[5, 5, 5, 5]]), boxes([[5, 5, 5, 5]])), [[0]])


corner = arrays(np.float32, (6, 2), elements=st.floats(0, 100, width=32))
size = arrays(np.float32, (6, 2), elements=st.floats(1, 50, width=32))


@given(corner, size)
def test_iou_is_symmetric_bounded_and_one_with_itself(low, extent):
    xyxy = np.hstack([low, low + extent]).astype(np.float32)
    overlap = iou(xyxy, xyxy)
    np.testing.assert_allclose(overlap, overlap.T)
    np.testing.assert_allclose(np.diag(overlap), 1, rtol=1e-4)
    assert overlap.min() >= 0
    assert overlap.max() <= 1 + 1e-4


def test_suppression_keeps_the_surest_of_each_person():
    kept = non_maximum_suppression(
        found([[0, 0, 10, 20], [1, 0, 11, 20], [50, 0, 60, 20], [51, 0, 61, 20]], [0.6, 0.9, 0.8, 0.7]), 0.6
    )
    np.testing.assert_array_equal(kept.xyxy_px, boxes([[1, 0, 11, 20], [50, 0, 60, 20]]))
    np.testing.assert_allclose(kept.confidence, [0.9, 0.8])


def test_suppression_does_not_chain_through_a_box_that_is_itself_gone():
    """The middle box falls to the first; the third overlaps only the middle one and stays."""
    kept = non_maximum_suppression(found([[0, 0, 10, 10], [3, 0, 13, 10], [6, 0, 16, 10]], [0.9, 0.8, 0.7]), 0.5)
    np.testing.assert_array_equal(kept.xyxy_px[:, 0], [0, 6])


def test_suppression_leaves_another_class_on_the_same_spot():
    kept = non_maximum_suppression(found([[0, 0, 10, 10], [0, 0, 10, 10]], [0.9, 0.8], [0, 1]), 0.5)
    np.testing.assert_array_equal(kept.class_id, [0, 1])


def test_suppression_of_nothing():
    assert len(non_maximum_suppression(Detections.empty(), 0.5)) == 0


@given(corner, size, arrays(np.float32, 6, elements=st.floats(0, 1, width=32)))
def test_what_is_kept_does_not_overlap_and_what_is_gone_did(low, extent, confidence):
    everything = Detections(np.hstack([low, low + extent]).astype(np.float32), confidence, np.zeros(6, np.int16))
    kept = non_maximum_suppression(everything, 0.4)
    overlap = iou(kept.xyxy_px, kept.xyxy_px)
    assert (overlap[~np.eye(len(kept), dtype=bool)] <= 0.4).all()
    among_kept = iou(everything.xyxy_px, kept.xyxy_px).max(axis=1)
    is_kept = (everything.xyxy_px[:, None] == kept.xyxy_px[None]).all(axis=2).any(axis=1)
    assert (is_kept | (among_kept > 0.4)).all()
