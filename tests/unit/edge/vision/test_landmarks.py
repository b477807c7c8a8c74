"""Landmarks on the demo's forecourt: what moved is told, what did not is left alone."""

from itertools import islice

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.data_files import find_data
from edge.io.video import VideoFile
from edge.vision.landmarks import LEAST_LANDMARKS, MOST_LANDMARKS, Landmarks, compare, find_landmarks

SETUP_FRAMES = 7


@pytest.fixture(scope="module")
def frames():
    """Every fiftieth picture of the clip."""
    return [frame.image for frame in islice(VideoFile(find_data("config/demo/vtest.mp4"), camera_id="x"), 0, 800, 50)]


@pytest.fixture(scope="module")
def landmarks(frames):
    return find_landmarks(np.median(frames[:SETUP_FRAMES], axis=0).astype(np.uint8))


@pytest.fixture(scope="module")
def picture(frames):
    """Minutes after set-up, with people."""
    return frames[-1]


def moved(image, right=0.0, down=0.0, turned_deg=0.0):
    """Shifted by shares of the width, turned about its middle."""
    height, width = image.shape[:2]
    motion = cv2.getRotationMatrix2D((width / 2, height / 2), turned_deg, 1.0)
    motion[:, 2] += width * right, width * down
    return cv2.warpAffine(image, motion, (width, height), borderMode=cv2.BORDER_REFLECT)


def noisy(image, spread):
    return np.clip(image + np.random.default_rng(1).normal(0, spread, image.shape), 0, 255).astype(np.uint8)


def test_they_are_spread_over_the_picture_and_can_be_told_apart(landmarks):
    assert len(landmarks) == MOST_LANDMARKS
    counts, *_ = np.histogram2d(*landmarks.xy.T, bins=(4, 3), range=((0, 1), (0, 1)))
    assert (counts > 0).sum() >= 10
    bits = np.bitwise_count(landmarks.marks[:, None] ^ landmarks.marks[None]).sum(axis=2)
    assert bits[~np.eye(len(bits), dtype=bool)].min() >= 40


def test_people_who_come_and_go_move_nothing(frames, landmarks):
    fits = [compare(landmarks, frame) for frame in frames]
    assert {fit.verdict for fit in fits} == {"fits"}
    assert max(fit.shift_share for fit in fits) < 0.001


@pytest.mark.parametrize("turned_deg", [-5, 0.2, 2])
@pytest.mark.parametrize("share", [0.005, 0.02, 0.05, 0.2])
def test_a_move_is_measured(picture, landmarks, share, turned_deg):
    image = moved(picture, right=0.8 * share, down=-0.6 * share, turned_deg=turned_deg)
    fit = compare(landmarks, image)
    side = np.linspace(-0.5, 0.5, 5)
    places = np.stack(np.meshgrid(side, side * image.shape[0] / image.shape[1]), axis=-1).reshape(-1, 2)
    angle = np.radians(-turned_deg)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shift = places @ turn.T + (0.8 * share, -0.6 * share) - places
    truth = float(np.sqrt((shift**2).sum(axis=1).mean()))
    assert fit.shift_share == pytest.approx(truth, abs=0.001)
    assert fit.verdict == ("moved" if truth > 0.01 else "fits")


@settings(max_examples=15, deadline=None)
@given(brightness=st.floats(0.4, 2.0), quality=st.integers(25, 95), width=st.sampled_from([480, 768, 1280]))
def test_light_compression_and_resolution_move_nothing(picture, landmarks, brightness, quality, width):
    image = np.clip(picture * brightness, 0, 255).astype(np.uint8)
    image = cv2.resize(image, (width, width * 3 // 4))
    image = cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)
    fit = compare(landmarks, image)
    assert fit.verdict == "fits"
    assert fit.shift_share < 0.003


@pytest.mark.parametrize(
    "cover",
    [
        np.zeros_like,
        lambda image: noisy(np.zeros_like(image), 6),
        lambda image: np.full_like(image, 250),
        lambda image: cv2.GaussianBlur(image, (0, 0), 0.006 * image.shape[1]),
        lambda image: cv2.GaussianBlur(image, (0, 0), 0.02 * image.shape[1]),
        lambda image: noisy(cv2.GaussianBlur(np.full_like(image, (90, 120, 180)), (0, 0), 9), 2),
    ],
    ids=["black", "black and noisy", "dazzled", "out of focus", "far out of focus", "a hand"],
)
@pytest.mark.parametrize("caption", [False, True], ids=["plain", "with a caption"])
def test_a_lens_that_sees_nothing_is_blind(picture, landmarks, cover, caption):
    image = cover(picture).copy()
    if caption:
        cv2.putText(image, "CAM 3  2026-11-22 10:00:00", (20, 40), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (255, 255, 255), 2)
    assert compare(landmarks, image).verdict == "blind"


def test_another_scene_is_told_as_moved_even_under_the_same_caption(frames, picture):
    def captioned(image):
        image = image.copy()
        cv2.putText(image, "FORECOURT 3 NORTH", (20, 40), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (255, 255, 255), 2)
        return image

    landmarks = find_landmarks(captioned(frames[0]))
    elsewhere = captioned(cv2.rotate(picture, cv2.ROTATE_180)[:, ::-1])
    fit = compare(landmarks, elsewhere)
    assert (fit.verdict, fit.shift_share) == ("moved", None)


def test_in_the_dark_and_in_infrared_nothing_is_said_about_a_scene_it_does_not_know(picture, landmarks):
    elsewhere = cv2.rotate(picture, cv2.ROTATE_180)[:, ::-1]
    grey = cv2.cvtColor(cv2.cvtColor(elsewhere, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    assert compare(landmarks, grey).verdict == "unknown"
    assert compare(landmarks, noisy(elsewhere * 0.25, 12)).verdict == "unknown"


def test_a_blank_wall_has_no_landmarks_and_says_nothing(picture):
    wall = find_landmarks(noisy(np.full((480, 640, 3), 180), 1))
    assert len(wall) < LEAST_LANDMARKS
    assert compare(wall, picture).verdict == "unknown"


def test_what_is_hidden_holds_no_landmark(picture):
    hidden = np.zeros(picture.shape[:2], np.bool_)
    hidden[:, : picture.shape[1] // 2] = True
    found = find_landmarks(picture, hidden)
    assert len(found) > LEAST_LANDMARKS
    assert found.xy[:, 0].min() > 0.5


def test_people_before_most_of_it_say_nothing(picture, landmarks):
    crowd = np.ones(picture.shape[:2], np.bool_)
    crowd[:50] = False
    assert compare(landmarks, np.zeros_like(picture), crowd).verdict == "unknown"
    crowd[: picture.shape[0] // 2] = False
    assert compare(landmarks, picture, crowd).verdict == "fits"


def test_they_pass_through_the_site_document(landmarks):
    back = Landmarks.of(landmarks.parts())
    assert (back.marks == landmarks.marks).all()
    assert np.abs(back.xy - landmarks.xy).max() <= 0.00005
    assert len(Landmarks.of([])) == 0
