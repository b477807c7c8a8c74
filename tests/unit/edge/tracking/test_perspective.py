import numpy as np

from edge.tracking.perspective import Perspective


def standing(rows, heights):
    rows, heights = np.array(rows, float), np.array(heights, float)
    return np.stack([0 * rows + 100, rows, heights / 3, heights], axis=1)


def learned(seconds=60, slope=0.5):
    perspective, rng = Perspective(), np.random.default_rng(0)
    for t in np.arange(0, seconds, 0.5):
        rows = rng.uniform(100, 500, 3)
        perspective.learn(float(t), standing(rows, slope * rows * rng.normal(1, 0.05, 3)))
    return perspective


def test_a_box_much_too_tall_for_its_row_is_cut():
    boxes = standing([200, 400, 400], [100, 200, 330])
    cut = learned().cut(boxes)
    np.testing.assert_allclose(cut[:, 3], [100, 200, 200], rtol=0.1)
    np.testing.assert_array_equal(cut[:, :3], boxes[:, :3])


def test_tall_people_and_children_stay_as_they_are():
    boxes = standing([300, 300], [150 * 1.12, 150 * 0.6])
    np.testing.assert_array_equal(learned().cut(boxes), boxes)


def test_nothing_is_cut_before_enough_was_seen():
    boxes = standing([400], [900])
    np.testing.assert_array_equal(learned(seconds=2).cut(boxes), boxes)


def test_a_level_floor_is_assumed_while_nobody_walked():
    perspective = Perspective()
    for t in range(60):
        perspective.learn(float(t), standing([300], [150]))
    np.testing.assert_allclose(perspective.cut(standing([500], [500]))[:, 3], 150, rtol=0.05)
