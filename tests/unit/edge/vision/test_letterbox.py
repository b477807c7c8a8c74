import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.letterbox import PAD_BYTE, InputBuffer, fit_fixed, fit_long_side

sides = st.integers(1, 4000)


@given(sides, sides, st.sampled_from([320, 416, 640]))
def test_input_is_the_content_padded_to_the_next_multiple(width, height, long_side):
    box = fit_long_side((width, height), long_side, 32)
    assert max(box.content_size) == long_side
    for content, padded in zip(box.content_size, box.input_size, strict=True):
        assert padded % 32 == 0
        assert content <= padded < content + 32


def test_a_camera_picture_wastes_no_more_than_the_last_rows():
    assert fit_long_side((768, 576), 416, 32).input_size == (416, 320)
    assert fit_long_side((1920, 1080), 640, 32).input_size == (640, 384)
    assert fit_long_side((1080, 1920), 640, 32).input_size == (384, 640)


def test_a_fixed_input_keeps_the_aspect_ratio():
    box = fit_fixed((1920, 1080), (640, 640))
    assert box.content_size == (640, 360)
    assert box.input_size == (640, 640)


@given(st.integers(64, 4000), st.integers(64, 4000))
def test_boxes_come_back_to_where_they_were_in_the_picture(width, height):
    box = fit_long_side((width, height), 416, 32)
    whole = np.array([[0, 0, *box.content_size]], np.float32)
    np.testing.assert_allclose(box.to_image(whole), [[0, 0, width, height]], rtol=1e-6)


def test_boxes_are_clipped_to_the_picture():
    box = fit_long_side((640, 480), 640, 32)
    np.testing.assert_array_equal(
        box.to_image(np.array([[-5, -5, 700, 500]], np.float32)), np.array([[0, 0, 640, 480]], np.float32)
    )


@pytest.mark.parametrize(("colour", "order"), [("bgr", [0, 1, 2]), ("rgb", [2, 1, 0])])
def test_filling_normalises_each_channel_and_pads(colour, order):
    mean, std = (10.0, 20.0, 30.0), (2.0, 4.0, 8.0)
    image = np.zeros((24, 32, 3), np.uint8)
    image[:] = (50, 100, 150)
    batch = InputBuffer(fit_long_side((32, 24), 32, 32), colour, mean, std).fill(image)
    assert batch.shape == (1, 3, 32, 32)
    for channel in range(3):
        value = ((50, 100, 150)[order[channel]] - mean[channel]) / std[channel]
        np.testing.assert_allclose(batch[0, channel, :24], value, rtol=1e-6)
        np.testing.assert_allclose(batch[0, channel, 24:], (PAD_BYTE - mean[channel]) / std[channel], rtol=1e-6)


def test_a_second_picture_leaves_nothing_of_the_first():
    buffer = InputBuffer(fit_long_side((32, 24), 32, 32), "bgr", (0, 0, 0), (1, 1, 1))
    buffer.fill(np.full((24, 32, 3), 255, np.uint8))
    second = buffer.fill(np.full((24, 32, 3), 7, np.uint8))
    assert second[0, :, :24].max() == second[0, :, :24].min() == 7


def test_scaling_is_by_neighbours_and_not_by_dropping_pixels():
    image = np.zeros((64, 64, 3), np.uint8)
    image[:, ::2] = 200
    batch = InputBuffer(fit_long_side((64, 64), 32, 32), "bgr", (0, 0, 0), (1, 1, 1)).fill(image)
    np.testing.assert_allclose(batch, 100, atol=1)
