"""Ratios of sums over days, the zone a category stood in, and what is not known."""

from dataclasses import replace

import numpy as np
import pytest

from server.domain.exposure import exposure, per_metre, where_it_stood


def test_ratios_are_of_sums_not_means_of_ratios(make_days):
    days = make_days(7, visits=100, place=(0,), zones=1)
    days = replace(days, visits=np.array([[10.0], [1000.0], *[[100.0]] * 5]), stops=np.array([[10.0], *[[0.0]] * 6]))
    seen = exposure(days)
    assert seen.stopping.value[0] == pytest.approx(10 / 1510)
    assert seen.visits.value[0] == pytest.approx(1510 / 7)


def test_closed_days_are_left_out(make_days):
    days = make_days(20)
    shut = np.arange(20) < 5
    closed = replace(days, closed=shut, visits=np.where(shut[:, None], 9e9, days.visits))
    assert exposure(closed).visits.value == pytest.approx(days.visits[5:].mean(axis=0))
    assert exposure(closed).visits.days.tolist() == [15, 15]


def test_a_category_counts_where_it_stood_that_day(make_days):
    days = make_days(20, place=np.repeat([[0, -1], [1, 1]], 10, axis=0))
    stood = where_it_stood(days, days.visits)
    assert stood[:10, 0].tolist() == days.visits[:10, 0].tolist()
    assert stood[10:, 0].tolist() == days.visits[10:, 1].tolist()
    assert np.isnan(stood[:10, 1]).all()
    margin = days.category_margin[:, 0].sum() / stood[:, 0].sum()
    assert exposure(days).margin.value[0] == pytest.approx(margin)


def test_what_nobody_counted_is_not_nothing(make_days):
    days = make_days(20, place=(0, -1))
    blind = replace(days, visits=days.visits * [1, np.nan])
    seen = exposure(blind)
    assert np.isnan(seen.visits.value[1])
    assert np.isnan(seen.conversion.value[1])
    assert seen.visits.estimate(1) is None
    assert seen.visits.estimate(0) is not None


def test_few_days_have_no_interval(make_days):
    seen = exposure(make_days(6))
    assert np.isfinite(seen.reach.value[0])
    assert seen.reach.estimate(0) is None


def test_intervals_cover(make_days):
    """300 of 1000 come by, 30 % of them stop: of 200 intervals 190 should hold it, 181 to 198 by chance (3 sigma)."""
    inside = np.zeros(2)
    for seed in range(200):
        seen = exposure(make_days(28, seed=seed, place=(0,), zones=1))
        for i, (ratios, truth) in enumerate([(seen.reach, 0.3), (seen.stopping, 0.3)]):
            inside[i] += ratios.low[0] <= truth <= ratios.high[0]
    assert ((inside >= 181) & (inside <= 198)).all()


def test_share_of_visits_over_share_of_shelf():
    shares = per_metre(np.array([300.0, 100.0, 50.0]), np.array([10.0, 30.0, np.nan]))
    assert shares[:2].tolist() == [3.0, pytest.approx(1 / 3)]
    assert np.isnan(shares[2])
    assert np.isnan(per_metre(np.array([1.0]), np.array([np.nan]))).all()
