import cv2
import numpy as np
import pytest

from edge.eye.background import LOOK_S, LOOKS_TO_BELIEVE, Background, Standing
from edge.vision.landmarks import Fit, Landmarks, find_landmarks
from edge.vision.mask import Mask

FITS, UNKNOWN, BLIND = Fit("fits", 0.001, 90, 0.8), Fit("unknown"), Fit("blind")
MOVED = Fit("moved", 0.03, 80, 0.7)
NOWHERE = Landmarks.of([])


def believed(*fits):
    """The view after each look."""
    standing = Standing()
    views = []
    for fit in fits:
        standing.take(fit)
        views.append(standing.view)
    return views


def test_one_or_two_bad_looks_are_no_news():
    assert set(believed(*[FITS] * 3, MOVED, MOVED, FITS, BLIND, FITS, MOVED, BLIND, MOVED, FITS)[2:]) == {"fits"}


def test_three_looks_in_a_row_are_believed_and_told_once():
    standing = Standing()
    changes = [standing.take(fit) for fit in [*[FITS] * 5, *[MOVED] * 5, *[FITS] * 5]]
    assert [number for number, changed in enumerate(changes) if changed] == [2, 7, 12]
    assert (standing.view, standing.moved) == ("fits", False)


def test_a_look_that_says_nothing_neither_confirms_nor_denies():
    assert believed(*[FITS] * 3, MOVED, UNKNOWN, MOVED, UNKNOWN, UNKNOWN, MOVED)[-2:] == ["fits", "moved"]
    assert believed(*[MOVED] * 3, *[UNKNOWN] * 100)[-1] == "moved"


def test_a_blind_camera_that_was_moved_before_is_still_moved():
    standing = Standing()
    for fit in [*[MOVED] * 3, *[BLIND] * 3]:
        standing.take(fit)
    assert (standing.view, standing.moved) == ("blind", True)
    for fit in [FITS] * 3:
        standing.take(fit)
    assert (standing.view, standing.moved) == ("fits", False)


def test_at_the_limit_it_does_not_change_to_and_fro():
    just_over, just_under = Fit("moved", 0.0102, 80, 0.7), Fit("fits", 0.0098, 80, 0.7)
    views = believed(*[FITS] * 3, *[just_over] * 3, *([just_under] * 3 + [just_over] * 3) * 5)
    assert set(views[5:]) == {"moved"}


class Camera:
    """Shows the clip to a background, one picture every two seconds, as it is or changed."""

    def __init__(self, background, images, people):
        self.background, self._images, self._people = background, images, people
        self.t = 1_000_000.0
        self.changes = []

    def show(self, seconds, change=lambda image: image):
        end = self.t + seconds
        while self.t < end:
            n = int(self.t / 2) % len(self._images)
            found = self.background.show(self.t, change(self._images[n]), self._people[n])
            self.changes += [found] if found else []
            self.t += 2
        return self.background.view


@pytest.fixture
def landmarks(forecourt):
    return find_landmarks(np.median(forecourt[::8], axis=0).astype(np.uint8))


@pytest.fixture
def camera(forecourt, people):
    def make(at_setup=NOWHERE, mask=None):
        return Camera(Background(at_setup, mask or Mask()), forecourt, people)

    return make


def turned(image):
    return np.roll(image, image.shape[1] // 25, axis=1)


def test_a_camera_that_is_turned_is_told_after_three_looks(camera, landmarks):
    door = camera(landmarks)
    assert door.show(LOOK_S * LOOKS_TO_BELIEVE) == "fits"
    door.show(10 * LOOK_S)
    assert len(door.changes) == 1
    door.show(LOOK_S * LOOKS_TO_BELIEVE, turned)
    assert (door.background.view, door.background.moved) == ("moved", True)
    assert door.changes[-1].fit.shift_share == pytest.approx(1 / 25, abs=0.001)
    assert door.changes[-1].since_setup
    assert door.show(LOOK_S * LOOKS_TO_BELIEVE, np.zeros_like) == "blind"
    assert door.background.moved
    assert door.show(LOOK_S * LOOKS_TO_BELIEVE) == "fits"
    assert len(door.changes) == 4


def test_a_hand_before_the_lens_for_a_minute_is_no_news(camera, landmarks):
    door = camera(landmarks)
    door.show(200)
    assert door.show(2 * LOOK_S, np.zeros_like) == "fits"
    assert door.show(200) == "fits"
    assert len(door.changes) == 1


def test_without_landmarks_it_takes_its_own_and_tells_moves_since_then(camera):
    door = camera()
    assert door.show(60 + 4 * LOOK_S) == "fits"
    assert door.show(4 * LOOK_S, turned) == "moved"
    assert not door.changes[-1].since_setup


def test_its_own_landmarks_are_not_taken_in_the_dark(camera):
    door = camera()
    assert door.show(300, lambda image: image // 50) == "unknown"
    assert door.show(60 + 5 * LOOK_S) == "fits"


def test_its_own_landmarks_from_a_bad_moment_are_given_up(camera):
    door = camera()
    door.show(62, lambda image: cv2.rotate(image, cv2.ROTATE_180))
    assert door.show(120 + 6 * LOOK_S) == "fits"
    assert [change.view for change in door.changes] == ["fits"]


def test_a_mask_holds_nothing_to_go_by(camera, forecourt):
    """Its edges stand still whatever the camera does."""
    comb = [np.array([[x, 0.2], [x + 0.05, 0.2], [x + 0.05, 0.9], [x, 0.9]]) for x in np.arange(0.5, 0.95, 0.1)]
    mask = Mask(comb)
    door = camera(find_landmarks(mask.black_out(forecourt[0]), mask.area(forecourt[0].shape)), mask)
    assert door.show(LOOK_S * 3, mask.black_out) == "fits"
    assert door.show(LOOK_S * 3, lambda image: mask.black_out(turned(image))) == "moved"


def test_time_that_jumps_back_does_not_end_the_looking(camera, landmarks):
    door = camera(landmarks)
    door.show(LOOK_S * 3)
    door.t -= 86_400
    assert door.show(LOOK_S * 4, turned) == "moved"
