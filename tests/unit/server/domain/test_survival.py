import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from contract.messages import DWELL_BINS_S
from server.domain.survival import staying_shares, survival

TRUE_MEAN_S, BREAKS_EVERY_S = 306, 200
STAYS = {
    "exponential": lambda rng, n: rng.exponential(TRUE_MEAN_S, n),
    "lognormal": lambda rng, n: rng.lognormal(np.log(TRUE_MEAN_S) - 0.5, 1, n),
    "gamma": lambda rng, n: rng.gamma(2, TRUE_MEAN_S / 2, n),
}

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


def broken(stays, rng):
    """The first piece of each visit when tracks break by chance, as a table; and the mean of all pieces."""
    breaks = rng.exponential(BREAKS_EVERY_S, stays.size)
    whole = stays <= breaks
    pieces, rest = [np.minimum(stays, breaks)], np.where(whole, 0, stays - breaks)
    while (rest > 0).any():
        rest = rest[rest > 0]
        piece = np.minimum(rest, rng.exponential(BREAKS_EVERY_S, rest.size))
        pieces.append(piece)
        rest = rest - piece
    return table(left=binned(stays[whole]), lost=binned(breaks[~whole])), np.concatenate(pieces).mean()


@pytest.mark.parametrize("name", STAYS)
@pytest.mark.parametrize("seed", range(5))
def test_broken_tracks_leave_the_mean_within_a_tenth(name, seed):
    rng = np.random.default_rng(seed)
    stays = STAYS[name](rng, 20_000)
    dwell, naive = broken(stays, rng)
    end = DWELL_BINS_S[-1]
    assert survival(dwell, DWELL_BINS_S).mean_s(end) == pytest.approx(np.minimum(stays, end).mean(), rel=0.1)
    assert naive < 0.5 * TRUE_MEAN_S


@pytest.mark.parametrize("name", STAYS)
def test_a_mean_up_to_a_quarter_of_an_hour_is_sharper(name):
    rng = np.random.default_rng(9)
    stays = STAYS[name](rng, 3_000)
    found = survival(broken(stays, rng)[0], DWELL_BINS_S).mean(900)
    assert found.value_s == pytest.approx(np.minimum(stays, 900).mean(), rel=0.05)


@pytest.mark.parametrize("name", STAYS)
@pytest.mark.parametrize("up_to_s", [60, 120, 300])
def test_nine_of_ten_intervals_of_the_mean_hold_the_truth(name, up_to_s):
    rng = np.random.default_rng(up_to_s)
    truth, inside = np.minimum(STAYS[name](rng, 400_000), up_to_s).mean(), 0
    for _ in range(200):
        found = survival(broken(STAYS[name](rng, 150), rng)[0], DWELL_BINS_S).mean(up_to_s)
        inside += found.low_s <= truth <= found.high_s
    assert 0.9 <= inside / 200 <= 0.995


@pytest.mark.parametrize("name", STAYS)
def test_nine_of_ten_intervals_of_a_share_hold_the_truth(name):
    rng = np.random.default_rng(4)
    truth, inside = (STAYS[name](rng, 400_000) >= 150).mean(), 0
    for _ in range(200):
        found = survival(broken(STAYS[name](rng, 150), rng)[0], DWELL_BINS_S).staying(150)
        inside += found.low <= truth <= found.high
    assert inside / 200 >= 0.9


def test_wide_bins_with_many_losses_do_not_lengthen_the_stay():
    """Half a bin for each loss, as is usual, would say 54 % here."""
    left, lost = np.zeros(BINS), np.zeros(BINS)
    i = DWELL_BINS_S.index(600)
    rng = np.random.default_rng(0)
    stays, breaks = 600 + rng.exponential(300, 100_000), 600 + rng.exponential(150, 100_000)
    left[i], lost[i] = (stays < np.minimum(breaks, 900)).sum(), (breaks < np.minimum(stays, 900)).sum()
    left[i + 1] = 100_000 - left[i] - lost[i]
    curve = survival(table(left=left, lost=lost), DWELL_BINS_S)
    assert curve.share[i + 1] == pytest.approx(np.exp(-1), abs=0.01)


def test_without_losses_it_is_the_share_that_stayed():
    stays = np.random.default_rng(3).gamma(2, 40, 999)
    curve = survival(table(left=binned(stays)), DWELL_BINS_S)
    for t, share in zip(curve.t_s, curve.share, strict=True):
        assert share == pytest.approx((stays >= t).mean())
    found = curve.staying(60)
    half = 1.96 * np.sqrt(found.value * (1 - found.value) / 999)
    assert (found.low, found.high) == pytest.approx((found.value - half, found.value + half), abs=0.004)


def test_a_share_beyond_the_longest_visit():
    assert survival(table(left=[5] * 4 + [0] * (BINS - 4)), DWELL_BINS_S).staying(100).value == 0
    assert survival(table(lost=[5] * 4 + [0] * (BINS - 4)), DWELL_BINS_S).staying(100) is None
    assert survival(table(), DWELL_BINS_S).staying(1) is None


def test_the_mean_of_nobody_is_nothing():
    found = survival(table(), DWELL_BINS_S).mean(300)
    assert (found.value_s, found.low_s, found.high_s) == (0, 0, 0)


@given(arrays(float, (4, BINS), elements=st.integers(0, 50).map(float)), st.floats(0.5, 5000))
def test_a_mean_lies_within_its_interval_and_under_its_cut(dwell, up_to_s):
    found = survival(dwell, DWELL_BINS_S).mean(up_to_s)
    assert 0 <= found.low_s <= found.value_s <= found.high_s <= up_to_s + 1e-9


@given(arrays(float, (4, BINS), elements=st.integers(0, 50).map(float)))
def test_more_losses_never_shorten_the_stay(dwell):
    more = dwell.copy()
    more[1, -1] += 5
    assert survival(more, DWELL_BINS_S).mean_s(3600) >= survival(dwell, DWELL_BINS_S).mean_s(3600) - 1e-6


@given(
    arrays(np.int64, (3, 4, BINS), elements=st.integers(0, 3)),
    st.lists(st.floats(0.5, 3600.0), min_size=3, max_size=3),
    st.integers(1, BINS),
)
def test_many_tables_at_once_say_what_each_says_alone(tables, at_least_s, ends):
    tables[:, :, ends:] = 0
    found = staying_shares(tables.astype(np.float64), DWELL_BINS_S, np.array(at_least_s))
    for share, table, seconds in zip(found, tables.astype(np.float64), at_least_s, strict=True):
        alone = survival(table, DWELL_BINS_S).staying(seconds)
        assert np.isnan(share) if alone is None else share == pytest.approx(alone.value, abs=1e-12)
