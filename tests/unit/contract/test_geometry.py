import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import GeometryError
from contract.geometry import distance_to_lines, fit_homography, points_in_polygon, step_crossings

L_SHAPE = np.array([[0, 0], [4, 0], [4, 2], [2, 2], [2, 4], [0, 4]], dtype=float)

coordinate = st.floats(-50, 50).map(lambda x: round(x, 3))
point = st.tuples(coordinate, coordinate)


@pytest.mark.parametrize(
    ("xy", "inside", "reason"),
    [
        ((1, 1), True, "in the corner of the L"),
        ((3, 3), False, "in the notch"),
        ((4, 1), True, "on the right edge"),
        ((2, 3), True, "on the notch's edge"),
        ((0, 0), True, "on a corner"),
        ((2, 2), True, "on the reflex corner"),
        ((-0.001, 2), False, "just outside"),
        ((5, 2), False, "level with a horizontal edge, outside"),
        ((3, 2), True, "on a horizontal edge"),
    ],
)
def test_polygon_edge_counts_as_inside(xy, inside, reason):
    assert points_in_polygon(np.array([xy], float), L_SHAPE)[0] == inside, reason


@given(st.lists(point, min_size=1, max_size=20), st.integers(3, 9), point, st.floats(0.5, 20))
def test_regular_polygon_lies_between_its_circles(points, corners, centre, radius):
    angle = 2 * np.pi * np.arange(corners) / corners
    polygon = np.array(centre) + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    xy = np.array(points, float)
    away = np.linalg.norm(xy - centre, axis=1)
    inside = points_in_polygon(xy, polygon)
    assert not inside[away > radius + 1e-6].any()
    assert inside[away < radius * np.cos(np.pi / corners) - 1e-6].all()


@pytest.mark.parametrize(
    ("start", "end", "sign", "reason"),
    [
        ((1, -1), (1, 1), 1, "cross product of a→b and the motion is positive"),
        ((1, 1), (1, -1), -1, "back again"),
        ((3, -1), (3, 1), 0, "beyond the segment's end"),
        ((1, 1), (1, 2), 0, "does not reach it"),
        ((1, 0), (1, 1), 0, "starts on it, which is its positive side"),
        ((1, -1), (1, 0), 1, "ends on it: the next step adds nothing"),
    ],
)
def test_step_crossings(start, end, sign, reason):
    a, b = np.array([[0.0, 0.0]]), np.array([[2.0, 0.0]])
    assert step_crossings(np.array([start], float), np.array([end], float), a, b)[0, 0] == sign, reason


@given(point, point, point, point)
def test_going_back_crosses_the_other_way(start, end, a, b):
    args = (np.array([a], float), np.array([b], float))
    there = step_crossings(np.array([start], float), np.array([end], float), *args)
    back = step_crossings(np.array([end], float), np.array([start], float), *args)
    assert there[0, 0] == -back[0, 0]


def test_distance_is_to_the_segment_not_its_line():
    a, b = np.array([[0.0, 0.0]]), np.array([[2.0, 0.0]])
    assert distance_to_lines(np.array([[1.0, 3.0], [5.0, 4.0]]), a, b)[:, 0].tolist() == [3.0, 5.0]


def test_homography_returns_the_points_it_was_made_from():
    image = np.array([[0, 0], [700, 10], [680, 500], [20, 560], [350, 300]], float)
    ground = np.array([[1, 9], [8, 9.5], [7, 1], [2, 0.5], [4.6, 3.9]], float)
    homography = fit_homography(image[:4], ground[:4])
    xy, below = homography.to_ground(image[:4])
    assert below.all()
    assert np.abs(xy - ground[:4]).max() < 1e-9
    assert homography.rms_m < 1e-9
    assert fit_homography(image, ground).rms_m > 0.01, "a fifth point that does not fit is told"


def test_points_above_the_horizon_are_not_on_the_floor():
    image = np.array([[300, 600], [700, 600], [100, 900], [900, 900]], float)
    ground = np.array([[-2, 10], [2, 10], [-2, 5], [2, 5]], float)
    _, below = fit_homography(image, ground).to_ground(np.array([[500.0, 250.0], [500.0, 700.0]]))
    assert below.tolist() == [False, True]


@pytest.mark.parametrize(
    ("image", "ground", "message"),
    [
        ([[0, 0], [1, 1], [2, 2], [3, 3]], [[0, 0], [1, 1], [2, 2], [3, 3]], "one line"),
        ([[5, 5]] * 4, [[0, 0], [1, 0], [1, 1], [0, 1]], "one spot"),
        ([[0, 0], [9, 0], [9, 9], [0, 9]], [[2, 2]] * 4, "one spot of the floor"),
        ([[0, 0], [9, 0], [9, 9]], [[0, 0], [1, 0], [1, 1]], "four point pairs"),
        ([[0, 0], [9, 0], [9, 9], [0, 9]], [[0, 0], [1, 1], [1, 0], [0, 1]], "behind the camera"),
    ],
)
def test_points_that_fix_no_homography_are_refused(image, ground, message):
    with pytest.raises(GeometryError, match=message):
        fit_homography(np.array(image, float), np.array(ground, float))
