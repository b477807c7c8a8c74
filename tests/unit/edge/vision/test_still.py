import numpy as np
import pytest

from edge.arrays import Detections
from edge.vision.still import SAMPLES, Still


def found(*boxes):
    n = len(boxes)
    return Detections(np.array(boxes, np.float32).reshape(n, 4), np.ones(n, np.float32), np.zeros(n, np.int16))


def picture(box=None, shade=90):
    image = np.full((120, 160, 3), shade, np.uint8)
    if box is not None:
        x0, y0, x1, y1 = box
        image[y0:y1, x0:x1] = 255
    return image


def test_someone_who_never_leaves_is_not_in_the_still():
    still = Still()
    stander = (60, 30, 80, 90)
    for _ in range(40):
        still.offer(picture(stander), found(stander))
    median = still.median()
    assert median.max() < 130, "the place is filled from around it, not with the person"


def test_passers_by_are_not_in_the_still():
    still = Still()
    for x in range(0, 120, 3):
        walker = (x, 30, x + 20, 90)
        still.offer(picture(walker), found(walker))
    assert (still.median() == 90).all()


def test_someone_the_detector_missed_is_outvoted():
    still = Still()
    for k in range(32):
        still.offer(picture((60, 30, 80, 90) if k < 8 else None), found())
    assert (still.median() == 90).all()


@pytest.mark.parametrize("missed_every", [2, 3, 5])
def test_someone_who_stands_there_and_is_missed_now_and_then_is_not_in_the_still(missed_every):
    still = Still(samples=16)
    stander = (60, 30, 80, 90)
    for k in range(15):
        still.offer(picture(stander), found() if k % missed_every == 0 else found(stander))
    assert still.median().max() < 130
    assert still.never_free()[60, 70]
    assert not still.never_free()[10, 10]


def test_someone_who_was_missed_for_a_while_is_not_in_the_still():
    still = Still(samples=16)
    stander = (60, 30, 80, 90)
    for k in range(15):
        still.offer(picture(stander), found() if k in (6, 7, 8) else found(stander))
    assert still.median().max() < 130


def test_where_people_are_seldom_the_scene_behind_them_shows():
    still = Still()
    poster = (60, 30, 80, 90)
    for k in range(30):
        still.offer(picture(poster), found(poster) if 10 <= k < 15 else found())
    assert (still.median()[40:80, 65:75] == 255).all()
    assert not still.never_free().any()


def test_memory_is_bounded_and_spread_over_the_whole_recording():
    still = Still()
    for k in range(1000):
        still.offer(picture(shade=k // 5), found())
    assert len(still) <= SAMPLES
    assert abs(int(still.median()[0, 0, 0]) - 100) < 15, "the median of the whole, not of its beginning"


def test_nothing_was_seen():
    assert Still().median() is None
    assert Still().never_free() is None
