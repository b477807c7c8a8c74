import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from edge.tracking.association import Gate, Pairs, compare, contained, match, within
from edge.tracking.kalman import MOTION, Gait, begin

NUMBERS = st.lists(st.floats(-100, 100), max_size=20)


@given(NUMBERS, st.lists(st.tuples(st.floats(-100, 100), st.floats(-10, 100)), max_size=20))
def test_within_finds_every_value_of_every_interval(values, spans):
    low = np.array([start for start, _ in spans])
    high = np.array([start + length for start, length in spans])
    values = np.array(values)
    interval, value = within(low, high, values)
    expected = (values >= low[:, None]) & (values < high[:, None])
    found = np.zeros_like(expected)
    found[interval, value] = True
    assert len(interval) == expected.sum()
    np.testing.assert_array_equal(found, expected)


@given(st.integers(1, 7), st.integers(1, 7), st.integers(0, 10**6))
def test_match_is_as_cheap_as_the_full_assignment(tracks, detections, seed):
    rng = np.random.default_rng(seed)
    price = 4.0
    dense = np.where(rng.random((tracks, detections)) < 0.5, rng.uniform(-8, price, (tracks, detections)), price)
    rows, cols = np.nonzero(dense < price)
    taken = match(Pairs(rows, cols, dense[rows, cols]), price)
    assert len(set(taken[0].tolist())) == len(set(taken[1].tolist())) == len(taken[0])
    best = (dense - price)[linear_sum_assignment(dense)].sum()
    np.testing.assert_allclose((dense - price)[taken].sum(), best, atol=1e-9)


def test_contained_is_about_the_better_box():
    corners = np.array([[0, 0, 40, 100], [5, 40, 35, 99], [30, 0, 70, 100], [0, 0, 80, 200]], float)
    assert contained(corners, 0.85).tolist() == [False, True, False, False]


def test_who_could_be_anywhere_does_not_take_what_fits_another():
    """Both are near enough; the one seen a moment ago is the likelier."""
    tracks = np.zeros(2, np.dtype(MOTION))
    begin(tracks, np.array([[100.0, 300, 40, 100], [112.0, 300, 40, 100]]), Gait())
    tracks["place_var"][0, :2] = 1.0
    pairs = compare(tracks, np.array([2.0, 0.1]), np.array([[106.0, 300, 40, 100]]), Gait(), Gate(price=10))
    cost = dict(zip(pairs.track.tolist(), pairs.cost.tolist(), strict=True))
    assert cost[1] < cost[0]


def test_nobody_is_compared_with_someone_out_of_reach():
    tracks = np.zeros(1, np.dtype(MOTION))
    begin(tracks, np.array([[100.0, 300, 40, 100]]), Gait())
    tracks["place_var"][:] = 50.0
    gate = Gate(price=100, slack=0.5, fastest=1.5)
    reachable = np.array([[100.0 + 100 * away, 300, 40, 100] for away in (0.5, 1.9, 2.1, 5.0)])
    pairs = compare(tracks, np.array([1.0]), reachable, Gait(), gate)
    assert pairs.detection.tolist() == [0, 1]
