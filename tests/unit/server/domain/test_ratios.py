import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import chi2, poisson

from server.domain.ratios import Ratios, ratios


def one(events, expected, dispersion=1.0):
    return Ratios(*(np.array([float(value)]) for value in (events, expected, dispersion)))


@pytest.mark.parametrize("events", [0, 1, 7, 300])
def test_the_interval_is_the_exact_one_of_poisson(events):
    found = one(events, 10)
    assert found.low[0] == pytest.approx(chi2.ppf(0.025, 2 * events) / 2 / 10 if events else 0)
    assert found.high[0] == pytest.approx(chi2.ppf(0.975, 2 * events + 2) / 2 / 10)


def test_p_is_the_chance_of_so_few_or_so_many():
    assert one(4, 20).p_under(0.5)[0] == pytest.approx(poisson.cdf(4, 10))
    assert one(9, 2).p_over(2)[0] == pytest.approx(poisson.sf(8, 4))
    assert one(0, 2).p_over(2)[0] == 1


def test_nothing_expected_is_nothing_known():
    found = one(0, 0)
    assert np.isnan(found.value[0])
    assert (found.low[0], found.high[0], found.p_under(0.5)[0]) == (0, np.inf, 1)


def test_people_counted_in_clumps_widen_the_interval():
    rng = np.random.default_rng(1)
    expected = np.full((28, 60), 40.0)
    alone, clumps = ratios(rng.poisson(expected), expected), ratios(5 * rng.poisson(expected / 5), expected)
    assert np.median(alone.dispersion) < 1.15
    assert np.median(clumps.dispersion) == pytest.approx(5, rel=0.2)


@pytest.mark.parametrize("days", [4, 7, 28])
@pytest.mark.parametrize("each", [0.5, 5.0, 50.0])
def test_nine_of_ten_intervals_hold_the_truth(days, each):
    rng = np.random.default_rng(days)
    expected = np.full((days, 1000), each)
    counts = 3 * rng.poisson(expected / 3 * rng.gamma(50, 1 / 50, (days, 1000)))
    found = ratios(counts.astype(float), expected)
    assert np.mean((found.low <= 1) & (found.high >= 1)) >= 0.94


@given(
    arrays(float, (5, 3), elements=st.integers(0, 40).map(float)),
    arrays(float, (5, 3), elements=st.just(0.0) | st.floats(0.001, 40)),
)
def test_bounds_enclose_the_ratio(events, expected):
    found = ratios(np.where(expected > 0, events, 0), expected)
    known = found.expected > 1e-9
    assert np.all(found.low[known] <= found.value[known] * (1 + 1e-9))
    assert np.all(found.value[known] <= found.high[known] * (1 + 1e-9))
    assert np.all((found.p_under(0.5) >= 0) & (found.p_over(2.0) <= 1))


def test_more_of_the_same_makes_it_surer():
    few = one(3, 12)
    assert few.grown(4).p_under(0.5)[0] < few.p_under(0.5)[0]
    assert few.grown(4).value[0] == few.value[0]
