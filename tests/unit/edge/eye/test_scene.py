"""Stills for set-up of a forecourt with people on it, and what is told of a camera."""

from base64 import b64decode

import cv2
import numpy as np
import pytest

from contract.messages import Still
from contract.site import Camera
from edge.arrays import Frame
from edge.eye.background import LOOK_S
from edge.eye.exposure import COLLECT_S, LARGEST_JPEG, find_small, jpeg
from edge.eye.scene import Scene
from edge.vision.landmarks import Landmarks, compare, find_landmarks
from edge.vision.mask import Mask, people_area
from edge.wire import NoStill

RIGHT_HALF = [(0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)]
A_PERSON = 0.40
"""From this score on the tracker takes a detection for one."""


def scene(detector, clock, **camera):
    return Scene("door", Camera(**camera), detector=detector, clock=clock)


def expose(scene, clock, images, people, seconds=COLLECT_S, fps=4):
    """Order a still and show the pictures again and again."""
    scene.take_still()
    for n in range(int(seconds * fps)):
        assert scene.still() is None
        scene.show(Frame(images[n % len(images)], clock.time, n, "door"), people[n % len(people)])
        clock.time += 1 / fps
    return scene.still()


def picture_of(still):
    assert isinstance(still, Still), still
    return cv2.imdecode(np.frombuffer(b64decode(still.jpeg), np.uint8), cv2.IMREAD_COLOR)


def best_person(detector, picture):
    return detector.detect(picture).confidence.max(initial=0.0)


def test_nobody_who_walked_by_is_on_it(detector, forecourt, people, fake_clock):
    assert max(found.confidence.max() for found in people) > 0.6, "there are people"
    still = expose(scene(detector, fake_clock), fake_clock, forecourt, people)
    picture = picture_of(still)
    assert picture.shape == forecourt[0].shape
    assert best_person(detector, picture) < A_PERSON
    assert still.camera == "door"
    assert still.t.timestamp() == pytest.approx(fake_clock.time)


@pytest.mark.parametrize("missed_every", [1000, 4])
def test_nobody_who_stood_there_all_the_while_is_on_it(detector, forecourt, people, nobody, fake_clock, missed_every):
    """The clip held at one picture: everyone stands; in the second case the detector misses them now and then."""
    seen = [nobody if n % missed_every == missed_every - 1 else people[0] for n in range(80)]
    still = expose(scene(detector, fake_clock), fake_clock, forecourt[:1], seen)
    picture = picture_of(still)
    assert best_person(detector, forecourt[0]) > 0.6
    assert best_person(detector, picture) < A_PERSON
    for (x0, y0, x1, y1), score in zip(people[0].xyxy_px.astype(int).clip(0), people[0].confidence, strict=True):
        if score >= A_PERSON:
            change = np.abs(picture[y0:y1, x0:x1].astype(int) - forecourt[0][y0:y1, x0:x1]).mean()
            assert change > 10, "painted over"


def test_who_was_missed_all_the_while_is_found_at_the_end_and_painted_over(detector, forecourt, nobody, fake_clock):
    still = expose(scene(detector, fake_clock), fake_clock, forecourt[:1], [nobody])
    assert best_person(detector, picture_of(still)) < A_PERSON


def test_small_people_are_found_by_looking_closer(detector, forecourt):
    far = cv2.copyMakeBorder(forecourt[0], 0, 576 * 2, 0, 768 * 2, cv2.BORDER_REFLECT)
    whole = detector.detect(far).xyxy_px
    assert len(find_small(detector, far)) > 2 * len(whole)


def test_masks_are_black_and_hold_no_landmark(detector, forecourt, people, fake_clock):
    mask = Mask.of(Camera(masks=[RIGHT_HALF]))
    images = [mask.black_out(image) for image in forecourt]
    still = expose(scene(detector, fake_clock, masks=[RIGHT_HALF]), fake_clock, images, people)
    assert picture_of(still)[:, 400:].max() < 10
    assert len(still.landmarks) > 30
    assert max(landmark.image[0] for landmark in still.landmarks) < 0.5


def test_its_landmarks_fit_the_scene(detector, forecourt, people, fake_clock):
    still = expose(scene(detector, fake_clock), fake_clock, forecourt, people)
    for image, found in zip(forecourt[::16], people[::16], strict=True):
        fit = compare(Landmarks.of(still.landmarks), image, people_area(image.shape, found.xyxy_px))
        assert fit.verdict == "fits"
        assert fit.share > 0.3


def test_a_camera_without_a_picture_has_no_still(detector, fake_clock):
    door = scene(detector, fake_clock)
    door.take_still()
    fake_clock.time += COLLECT_S
    refused = door.still()
    assert isinstance(refused, NoStill)
    assert refused.reason == "the camera gave 0 pictures in 20 s; see to the camera"
    assert door.still() is None, "said once"


def test_where_people_hide_most_of_it_there_is_no_still(detector, forecourt, people, fake_clock):
    crowd = people[0][np.zeros(1, np.int64)]
    crowd.xyxy_px[:] = (0, 0, 768, 400)
    refused = expose(scene(detector, fake_clock), fake_clock, forecourt, [crowd])
    assert isinstance(refused, NoStill)
    assert "people hid" in refused.reason


def test_a_second_order_while_one_is_in_the_making_changes_nothing(detector, forecourt, people, fake_clock):
    door = scene(detector, fake_clock)
    door.take_still()
    fake_clock.time += COLLECT_S / 2
    door.show(Frame(forecourt[0], fake_clock.time, 0, "door"), people[0])
    door.take_still()
    fake_clock.time += COLLECT_S / 2
    assert door.still() is not None


def test_without_an_order_there_is_no_still(detector, forecourt, people, fake_clock):
    door = scene(detector, fake_clock)
    for n, image in enumerate(forecourt):
        fake_clock.time += 1
        door.show(Frame(image, fake_clock.time, n, "door"), people[n])
        assert door.still() is None


def test_a_picture_full_of_detail_still_fits():
    noise = np.random.default_rng(0).integers(0, 256, (960, 1280, 3)).astype(np.uint8)
    data = jpeg(noise)
    assert len(data) <= LARGEST_JPEG
    assert cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).shape[1] >= 320


def test_a_move_is_told_once_in_words(detector, forecourt, nobody, fake_clock):
    landmarks = find_landmarks(forecourt[0]).parts()
    door = scene(detector, fake_clock, landmarks=landmarks)
    told = []
    for n in range(30):
        image = forecourt[n % 8] if n < 5 or n > 18 else np.roll(forecourt[n % 8], 24, axis=1)
        door.show(Frame(image, 1000 + n * LOOK_S, n, "door"), nobody)
        told += [event] if (event := door.change()) else []
    moved, fits = told
    assert (moved.kind, moved.level, moved.camera) == ("camera_moved", "warning", "door")
    assert moved.text.startswith("the picture has moved by 3.1% of its width since set-up: places in it are off")
    assert (fits.kind, fits.level) == ("camera_fits", "info")
    assert (door.view, door.moved) == ("fits", False)
