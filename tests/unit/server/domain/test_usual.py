import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.usual import Usual, deviation

DAYS = [{9: 10.0, 10: 20.0}, {9: 20.0, 10: 40.0}, {9: 30.0, 10: 60.0}]
DAILY = 1 / 365


def test_two_days_are_not_usual():
    usual = Usual(DAYS[:2])
    assert (usual.missing, usual.band(9), usual.until(10.0), usual.deviation(5, 10.0)) == (1, None, None, None)


def test_median_and_middle_of_an_hour():
    band = Usual(DAYS).band(9)
    assert (band.low, band.mid, band.high) == pytest.approx((12, 20, 28))


def test_an_hour_in_which_nobody_ever_came():
    assert Usual(DAYS).band(3).high == 0


def test_the_hour_under_way_counts_in_proportion():
    assert Usual(DAYS).until(10.25).mid == pytest.approx(20 + 40 / 4)
    assert Usual(DAYS).until(24.0).mid == pytest.approx(60)


def test_span_is_where_anyone_came():
    assert Usual(DAYS).span() == (9, 11)
    assert Usual([]).span() is None


def test_a_deviation_is_held_against_the_day_so_far():
    usual = Usual([{9: 200.0 + i, 10: 400.0} for i in range(8)])
    assert usual.deviation(200, 10.0).far is None
    assert usual.deviation(200, 11.0).far == "low"


@pytest.mark.parametrize("variation", [0.0, 0.03, 0.1])
@pytest.mark.parametrize("days", [3, 12])
def test_usual_days_raise_few_alarms(variation, days):
    rng = np.random.default_rng(5)
    rates = 300 * (rng.gamma(1 / variation, variation, (1500, days + 1)) if variation else np.ones((1500, days + 1)))
    far = [deviation(counts[0], counts[1:]).far for counts in rng.poisson(rates)]
    # 1500 looks expect 4 alarms; days that vary far more than assumed are allowed three times that.
    assert 1500 - far.count(None) <= 13


def test_a_store_that_stays_empty_is_told():
    past = np.random.default_rng(1).poisson(300 * np.random.default_rng(2).gamma(33, 0.03, 8))
    low = deviation(60, past)
    assert low.far == "low"
    assert low.p < DAILY
    assert deviation(900, past).far == "high"


def test_three_days_that_happen_to_be_alike_raise_no_alarm():
    assert deviation(80, [100, 100, 100]).far is None


@given(st.lists(st.integers(0, 5000), min_size=3, max_size=12), st.integers(0, 5000))
def test_far_is_what_lies_outside_the_bounds(past, count):
    found = deviation(count, past)
    assert 0 <= found.low <= found.expected <= found.high
    assert 0 <= found.p <= 1
    if found.far == "low":
        assert count <= found.low
    elif found.far == "high":
        assert count >= found.high
    else:
        assert found.low - 1e-6 <= count <= found.high + 1e-6
