"""A camera of known pose: what the calibration must find again."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import GeometryError
from contract.site import Calibration, Camera, PointPair
from contract.view import PERSON_M, Lens, camera_view, point_errors_m

SIZE = (1280, 720)
FLOOR = np.array([[2.0, 3.0], [8.0, 3.0], [8.0, 8.0], [2.0, 8.0], [5.0, 5.5]])


def projection(place, *, focal=900.0, towards=(5.0, 5.0, 0.0)):
    """P (3, 4) of a level camera at `place` that looks at `towards`; x right, y down the plan, z up."""
    eye, aim = np.array(place, float), np.array(towards, float)
    ahead = (aim - eye) / np.linalg.norm(aim - eye)
    right = np.cross((0, 0, 1.0), ahead)  # of a left-handed plan: y runs down it
    right /= np.linalg.norm(right)
    down = np.cross(right, ahead)
    rotation = np.stack([right, down, ahead])
    k = np.array([[focal, 0, SIZE[0] / 2], [0, focal, SIZE[1] / 2], [0, 0, 1]])
    return k @ np.column_stack([rotation, -rotation @ eye])


def project(p, xyz):
    xyw = np.column_stack([xyz, np.ones(len(xyz))]) @ p.T
    return xyw[:, :2] / xyw[:, 2:]


def on_floor(xy):
    return np.column_stack([xy, np.zeros(len(xy))])


def camera(p, floor=FLOOR, k=0.0):
    image = Lens(SIZE, k).bend(project(p, on_floor(floor))) / SIZE
    pairs = [PointPair(image=tuple(i), floor_m=tuple(f)) for i, f in zip(image.tolist(), floor.tolist(), strict=True)]
    return Camera(resolution_px=SIZE, lens=k, calibration=Calibration(points=pairs))


@settings(deadline=None)
@given(st.floats(-4, 1.5), st.floats(9, 13), st.floats(2.5, 6), st.floats(700, 1400), st.floats(-0.2, 0.1))
def test_the_pose_is_found_again(x, y, height, focal, k):
    p = projection((x, y, height), focal=focal)
    image = project(p, on_floor(FLOOR))
    if not ((image > 60).all() and (image < np.subtract(SIZE, 60)).all()):
        return
    made = camera(p, k=k)
    view = camera_view(made)
    assert point_errors_m(made, view).max() < 1e-6
    assert view.place_m == pytest.approx((x, y, height), abs=0.02)
    heads = np.column_stack([FLOOR, np.full(len(FLOOR), PERSON_M)])
    found, ahead = view.to_image(heads)
    assert ahead.all()
    assert Lens(SIZE, k).straighten(found) == pytest.approx(project(p, heads), abs=0.5)


def test_a_persons_height_in_the_picture_is_that_of_a_pinhole_camera():
    view = camera_view(camera(projection((5, 12, 3.0))))
    near, far, behind = view.person_px(np.array([[5.0, 8.5], [5.0, 4.0], [5.0, 30.0]]))
    assert near > 1.4 * far > 0
    assert behind == 0, "who is behind the camera is not in its picture"


@given(st.floats(-0.4, 0.2), st.floats(0, 1), st.floats(0, 1))
def test_bending_undoes_straightening(k, x, y):
    lens = Lens(SIZE, k)
    xy = np.array([[x * SIZE[0], y * SIZE[1]]])
    assert lens.bend(lens.straighten(xy)) == pytest.approx(xy, abs=1e-6)


def test_a_bent_picture_taken_for_straight_does_not_fit():
    p = projection((5, 12, 3.0))
    bent = camera(p, k=-0.2)
    straight = bent.model_copy(update={"lens": 0.0})
    assert point_errors_m(bent, camera_view(bent)).max() < 1e-6
    assert point_errors_m(straight, camera_view(straight)).max() > 0.01


def _pairs(image, floor):
    return [PointPair(image=i, floor_m=f) for i, f in zip(image, floor, strict=True)]


SQUARE = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)]
TRAPEZE = [(0.3, 0.3), (0.7, 0.3), (0.9, 0.9), (0.1, 0.9)]


@pytest.mark.parametrize(
    ("image", "floor", "says"),
    [
        (TRAPEZE, [(0, 0), (1, 0), (2, 0), (0, 4)], "one line"),
        ([(0.5, 0.5)] * 4, SQUARE, "one spot of the image"),
        (TRAPEZE, [(1, 1)] * 4, "one spot of the floor"),
        (TRAPEZE, [(x, -y) for x, y in SQUARE], "mirrors the floor"),
        (TRAPEZE, [SQUARE[0], SQUARE[1], SQUARE[3], SQUARE[2]], "behind the camera"),
    ],
)
def test_points_that_do_not_hold_are_refused_in_words(image, floor, says):
    with pytest.raises(GeometryError, match=says):
        camera_view(Camera(calibration=Calibration(points=_pairs(image, floor))))


def test_an_uncalibrated_camera_has_no_view():
    with pytest.raises(GeometryError, match="not calibrated"):
        camera_view(Camera())
