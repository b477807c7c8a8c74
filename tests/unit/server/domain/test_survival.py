import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from contract.messages import DWELL_BINS_S
from server.domain.survival import survival

BINS = len(DWELL_BINS_S)


def table(**rows):
    order = ("left", "lost", "late_left", "late_lost")
    return np.array([rows.get(name, [0] * BINS) for name in order], dtype=float)


def binned(seconds):
    return np.histogram(seconds, [*DWELL_BINS_S, np.inf])[0]


def test_median_of_exponential_stays():
    stays = np.random.default_rng(1).exponential(60, 20_000)
    curve = survival(table(left=binned(stays)), DWELL_BINS_S)
    assert curve.median_s() == pytest.approx(60 * np.log(2), rel=0.04)
    assert curve.mean_s(300) == pytest.approx(60 * (1 - np.exp(-5)), rel=0.04)


def test_censored_tracks_do_not_shorten_the_stay():
    rng = np.random.default_rng(2)
    stays, breaks = rng.exponential(120, 40_000), rng.exponential(80, 40_000)
    ended = stays < breaks
    left, lost = binned(stays[ended]), binned(breaks[~ended])
    curve = survival(table(left=left, lost=lost), DWELL_BINS_S)
    naive = np.median(np.minimum(stays, breaks))
    assert curve.median_s() == pytest.approx(120 * np.log(2), rel=0.06)
    assert naive < 0.6 * curve.median_s()


def test_visits_already_inside_are_left_out():
    late = [0] * 10 + [50] + [0] * (BINS - 11)
    with_late = survival(table(left=[3] * BINS, late_left=late), DWELL_BINS_S)
    assert with_late.n == 3 * BINS
    assert with_late.median_s() == survival(table(left=[3] * BINS), DWELL_BINS_S).median_s()


def test_nobody_came():
    curve = survival(table(), DWELL_BINS_S)
    assert (curve.n, curve.median_s(), curve.share.tolist()) == (0, None, [1.0])


def test_interval_narrows_with_n():
    one = [2, 3, 4, 4, 3, 2, 1] + [0] * (BINS - 7)
    few, many = (survival(table(left=np.array(one) * k), DWELL_BINS_S) for k in (1, 25))
    width = [c.median_interval_s()[1] - c.median_interval_s()[0] for c in (few, many)]
    assert width[1] < width[0] / 3


@given(arrays(float, (4, BINS), elements=st.integers(0, 50).map(float)))
def test_curve_falls_within_its_interval(dwell):
    curve = survival(dwell, DWELL_BINS_S)
    assert curve.share[0] == 1
    assert np.all(np.diff(curve.share) <= 1e-12)
    assert np.all((curve.low <= curve.share + 1e-12) & (curve.share <= curve.high + 1e-12))
    assert np.all((curve.low >= 0) & (curve.high <= 1))


def test_a_lost_longest_visit_does_not_stretch_the_mean_to_its_end():
    dwell = np.zeros((4, len(DWELL_BINS_S)))
    dwell[0, 1:5] = 10
    dwell[1, 6] = 1
    assert survival(dwell, DWELL_BINS_S).mean_s(300) < 7, "not 300 s times the share that was lost"
