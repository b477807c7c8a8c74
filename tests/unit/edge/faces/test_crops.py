import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.faces.crops import UPRIGHT, chip, cut_square, frontal, head_squares, similarity

FLAT = st.floats(-500, 500)


def turned(points, angle, scale, shift):
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return points @ turn.T + shift


@given(angle=st.floats(-3, 3), scale=st.floats(0.05, 20), x=FLAT, y=FLAT)
def test_a_similarity_is_found_again(angle, scale, x, y):
    moved = turned(UPRIGHT, angle, scale, (x, y))
    matrix = similarity(moved, UPRIGHT)
    np.testing.assert_allclose(moved @ matrix[:, :2].T + matrix[:, 2], UPRIGHT, atol=1e-6)


@given(noise=st.lists(st.floats(-0.2, 0.2), min_size=6, max_size=6))
def test_no_other_turn_or_scale_fits_better(noise):
    source = UPRIGHT * 100
    target = UPRIGHT + np.array(noise).reshape(3, 2)

    def misfit(matrix):
        return np.square(source @ matrix[:, :2].T + matrix[:, 2] - target).sum()

    best = similarity(source, target)
    a, b = best[0, 0], best[1, 0]
    for da, db, dx in [(1e-4, 0, 0), (-1e-4, 0, 0), (0, 1e-4, 0), (0, -1e-4, 0), (0, 0, 1e-3)]:
        other = np.array([[a + da, -(b + db), best[0, 2] + dx], [b + db, a + da, best[1, 2]]])
        assert misfit(best) <= misfit(other) + 1e-12


def test_eyes_and_nose_lie_where_dlib_puts_them():
    np.testing.assert_allclose(UPRIGHT, [[0.3052, 0.3010], [0.6806, 0.3010], [0.4929, 0.5037]], atol=2e-3)


@pytest.mark.parametrize(("angle", "width_px"), [(0, 20), (0.5, 60), (-1.0, 300)])
def test_a_face_is_turned_upright_whatever_its_size(angle, width_px):
    where = turned(UPRIGHT, angle, width_px * 2, (400, 350)).astype(np.float32)
    image = np.zeros((1200, 1200, 3), np.uint8)
    for channel, (x, y) in enumerate(where):
        colour = [255 if k == channel else 0 for k in range(3)]
        cv2.circle(image, (round(float(x)), round(float(y))), max(1, width_px // 12), colour, cv2.FILLED)
    face = chip(image, np.vstack([where, where[:2]]), 64)
    for channel, place in enumerate(UPRIGHT * 64):
        lit = np.argwhere(face[:, :, channel] > face[:, :, channel].max() / 2)[:, ::-1]
        np.testing.assert_allclose(lit.mean(axis=0), place, atol=1.5)


def test_what_shrinks_is_averaged_not_sampled():
    stripes = np.zeros((800, 800, 3), np.uint8)
    stripes[:, ::2] = 255
    small = cut_square(stripes, np.array([80.0, 80.0, 640.0]), 64)
    assert np.abs(small.astype(int) - 127).max() <= 8


def test_outside_the_picture_it_is_black():
    white = np.full((100, 100, 3), 255, np.uint8)
    square = cut_square(white, np.array([-50.0, 0.0, 100.0]), 40)
    assert square[:, :18].max() == 0
    assert square[2:-2, 22:].min() == 255


def test_the_head_is_at_the_top_of_a_standing_person_and_in_a_near_one():
    squares = head_squares(np.array([[100, 50, 200, 350], [100, 50, 400, 250]], np.float32))
    np.testing.assert_allclose(squares, [[95, 50 - 8.8, 110], [140, 50 - 17.6, 220]], rtol=1e-5)


@pytest.mark.parametrize(
    ("nose", "is_frontal"), [((50, 60), True), ((60, 60), True), ((61, 60), False), ((39, 60), False)]
)
def test_a_nose_aside_is_a_face_turned_away(nose, is_frontal):
    points = np.array([[30, 40], [70, 40], nose, [35, 80], [65, 80]], np.float32)
    assert frontal(points, 0.25) is is_frontal
    assert not frontal(points[[1, 0, 2, 3, 4]], 0.25)
