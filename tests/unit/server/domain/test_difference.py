from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.difference import Replicates, difference
from server.domain.smoothing import smooth

WEEKDAYS = range(7)
TRAFFIC = np.array([0.8, 0.8, 0.9, 1, 1.3, 1.6, 0.9])
HOURS = 12.0
BURST_S = 15.0
SHELVES = np.ones((48, 60), dtype=bool)
for column in range(12, 60, 12):
    SHELVES[8:20, column : column + 3] = False
    SHELVES[30:42, column : column + 3] = False
PROMOTED = np.zeros(SHELVES.shape, dtype=bool)
PROMOTED[22:28, 30:36] = True


def smooth_field(rng, sigma_cells):
    field = smooth(rng.normal(size=SHELVES.shape), np.ones(SHELVES.shape, dtype=bool), sigma_cells=sigma_cells)
    return field / field.std()


def week(rng, intensity, *, visitors=800, day_variation=0.15, place_variation=0.05):
    """Seven days of person-seconds: bursts of presence, days that vary as a whole, and places that vary by themselves."""
    grids = []
    for traffic in TRAFFIC:
        place = intensity * np.exp(place_variation * smooth_field(rng, 5))
        bursts = rng.poisson(
            visitors * traffic * rng.gamma(1 / day_variation**2, day_variation**2) * 24 * place.sum() / SHELVES.sum()
        )
        at = rng.choice(place.size, bursts, p=(place / place.sum()).ravel())
        amounts = np.bincount(at, rng.exponential(BURST_S, bursts), minlength=place.size)
        grids.append(np.nan_to_num(smooth(amounts.reshape(SHELVES.shape), SHELVES, sigma_cells=0.7)))
    return Replicates(np.array(grids), np.full(7, HOURS * 3600), WEEKDAYS)


def uneven(rng):
    return np.where(SHELVES, np.exp(0.23 * np.clip(smooth_field(rng, 6), -1.5, 1.5)), 0)


def compare(before, after, rng, **options):
    return difference(before, after, free=SHELVES, cell_m=0.5, rng=rng, **options)


def test_two_weeks_alike_are_hardly_ever_marked():
    marked = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        floor = uneven(rng)
        marked += compare(week(rng, floor, visitors=300), week(rng, floor, visitors=300), rng).significant.any()
    # 5 % of 30 is 1.5; five or more would come by chance once in 60 times.
    assert marked <= 4


def test_exactly_one_shuffle_in_twenty_is_marked():
    """The level is exact: over all orders of the same days at most 5 % mark any place."""
    rng = np.random.default_rng(2)
    days = rng.gamma(2, 30, (8, 5, 5)) * rng.gamma(9, 1 / 9, (8, 1, 1))
    marked = []
    for order in range(70):
        shuffled = days[np.random.default_rng(order).permutation(8)]
        halves = [Replicates(part, np.full(4, 3600.0), [0] * 4) for part in (shuffled[:4], shuffled[4:])]
        found = difference(*halves, free=np.ones((5, 5), dtype=bool), cell_m=0.5, rng=rng)
        marked.append(found.significant.any())
    assert 0 <= np.mean(marked) <= 0.12


def test_a_rise_of_half_in_three_by_three_metres_is_found():
    found, outside, among = 0, 0, 0
    for seed in range(12):
        rng = np.random.default_rng(100 + seed)
        floor = uneven(rng)
        result = compare(week(rng, floor), week(rng, floor * np.where(PROMOTED, 1.5, 1)), rng)
        found += (result.significant & PROMOTED & (result.change > 0)).any()
        near = smooth(PROMOTED.astype(float), SHELVES, sigma_cells=2) > 0.01
        outside += (result.significant & ~near).sum()
        among += result.significant.sum()
    assert found >= 9
    assert outside <= 0.05 * among


def test_a_floor_that_rises_as_a_whole_is_told_and_marks_no_place():
    rng = np.random.default_rng(3)
    floor = uneven(rng)
    result = compare(week(rng, floor, day_variation=0.05), week(rng, floor * 1.5, day_variation=0.05), rng)
    assert not result.significant.any()
    assert result.floor.low < 1.5 < result.floor.high
    risen = np.nanmedian(result.after - result.before)
    assert np.nanmedian(np.abs(result.change)) < 0.2 * risen
    assert np.mean((result.low <= 0) & (result.high >= 0), where=SHELVES) > 0.85


def test_saturdays_are_compared_with_saturdays():
    rng = np.random.default_rng(4)
    floor = uneven(rng)
    whole, part = week(rng, floor, day_variation=0.05), week(rng, floor, day_variation=0.05)
    weekend = Replicates(part.amounts[5:], part.observed_s[5:], WEEKDAYS[5:])
    assert compare(whole, weekend, rng).floor.value == pytest.approx(1, abs=0.1)


def test_too_many_orders_are_drawn_from():
    rng = np.random.default_rng(4)
    floor = uneven(rng)
    alike = [replace(of, blocks=["day"] * 7) for of in (week(rng, floor), week(rng, floor * np.where(PROMOTED, 2, 1)))]
    result = compare(*alike, rng)
    assert (result.significant & PROMOTED).any()
    assert np.nanmin(result.p) == pytest.approx(1 / 1000)


def test_three_days_are_not_enough():
    rng = np.random.default_rng(5)
    before, after = week(rng, uneven(rng)), week(rng, uneven(rng))
    few = [Replicates(of.amounts[:3], of.observed_s[:3], WEEKDAYS[:3]) for of in (before, after)]
    result = compare(*few, rng)
    assert result.days_missing == 3
    assert not result.significant.any()
    assert np.isnan(result.p).all()
    assert np.isfinite(result.before[SHELVES]).all()


def test_days_missing_are_what_is_missing():
    rng = np.random.default_rng(6)
    before, after = week(rng, uneven(rng)), week(rng, uneven(rng))
    six = [Replicates(of.amounts[:6], of.observed_s[:6], WEEKDAYS[:6]) for of in (before, after)]
    assert compare(*six, rng).days_missing == 0


def test_a_camera_that_was_down_for_two_days_costs_only_its_part():
    rng = np.random.default_rng(7)
    floor = uneven(rng)
    before, after = week(rng, floor), week(rng, floor * np.where(PROMOTED, 2, 1))
    observed = np.broadcast_to(before.observed_s[:, None, None], before.amounts.shape).copy()
    observed[:2, :, :20] = 0
    before.amounts[:2, :, :20] = 0
    result = compare(Replicates(before.amounts, observed, WEEKDAYS), after, rng)
    assert np.isnan(result.p[:, :14][SHELVES[:, :14]]).all()
    assert result.significant[PROMOTED].any()
    assert np.nanmax(np.abs(result.change[:, :14])) < 60


def test_a_night_without_data_is_no_difference():
    nothing = Replicates(np.zeros((7, 4, 4)), np.zeros(7), WEEKDAYS)
    free = np.ones((4, 4), dtype=bool)
    result = difference(nothing, nothing, free=free, cell_m=0.5, rng=np.random.default_rng(0))
    assert np.isnan(result.before).all()
    assert not result.significant.any()
    assert result.floor is None


def test_nobody_there_in_both_weeks():
    empty = Replicates(np.zeros((7, 4, 4)), np.full(7, 3600.0), WEEKDAYS)
    free = np.ones((4, 4), dtype=bool)
    result = difference(empty, empty, free=free, cell_m=0.5, rng=np.random.default_rng(0))
    assert np.all(result.after == 0)
    assert not result.significant.any()
    assert result.floor is None


@given(st.integers(0, 2**32 - 1))
def test_changing_sides_changes_the_sign(seed):
    rng = np.random.default_rng(seed)
    free = rng.random((6, 6)) < 0.8
    a, b = (Replicates(rng.gamma(1, 50, (7, 6, 6)), np.full(7, 3600.0), WEEKDAYS) for _ in range(2))
    there, back = (difference(*pair, free=free, cell_m=0.5, rng=np.random.default_rng(1)) for pair in ((a, b), (b, a)))
    assert there.change[free] == pytest.approx(-back.change[free])
    assert there.p[free] == pytest.approx(back.p[free])
    assert there.before[free] == pytest.approx(back.after[free])
    assert np.all(np.isnan(there.p) == ~free)
