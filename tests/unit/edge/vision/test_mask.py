import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge.arrays import Detections
from edge.vision.mask import Mask

LEFT = np.array([[0, 0], [0.25, 0], [0.25, 1], [0, 1]])
CORNER = np.array([[0.5, 0.5], [1, 0.5], [1, 1], [0.5, 1]])


def bright(width=160, height=120):
    return np.full((height, width, 3), 200, np.uint8)


def found(*boxes):
    n = len(boxes)
    return Detections(np.array(boxes, np.float32).reshape(n, 4), np.ones(n, np.float32), np.zeros(n, np.int16))


def test_what_is_masked_is_black_and_nothing_else():
    image = bright()
    masked = Mask([LEFT, CORNER]).black_out(image)
    assert (masked[:, :40] == 0).all()
    assert (masked[:, 42:80] == 200).all()
    assert (masked[:58, 80:] == 200).all()
    assert (masked[60:, 80:] == 0).all()
    assert (image == 200).all(), "whoever else holds the picture keeps it"


@given(width=st.integers(8, 400), height=st.integers(8, 400), share=st.floats(0.01, 1))
def test_no_pixel_under_a_mask_stays_at_any_resolution(width, height, share):
    mask = Mask([np.array([[0, 0], [share, 0], [share, 1], [0, 1]])])
    masked = mask.black_out(bright(width, height))
    assert (masked[:, : int(share * width)] == 0).all()
    assert ((masked == 0).all(axis=2) == mask.area(masked.shape)).all()


def test_without_masks_the_picture_itself_is_passed_on():
    image = bright()
    assert Mask().black_out(image) is image
    assert not Mask().area(image.shape).any()


def test_a_foot_under_a_mask_counts_nobody():
    standing_in, reaching_in, on_the_edge = (10, 10, 30, 100), (20, 10, 90, 100), (30, 10, 50, 100)
    left = Mask([LEFT]).uncovered(found(standing_in, reaching_in, on_the_edge), (160, 120))
    assert left.xyxy_px.tolist() == [list(reaching_in)]


def test_a_foot_below_the_picture_stands_at_its_edge():
    cut_off = (100, 60, 140, 130)
    assert len(Mask([CORNER]).uncovered(found(cut_off), (160, 120))) == 0
