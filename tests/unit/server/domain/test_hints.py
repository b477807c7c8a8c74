"""What stands out and what only differs."""

from dataclasses import replace

import numpy as np
import pytest

from server.domain.hints import hidden, unsold


def test_a_zone_where_many_stay_and_few_buy_stands_out(make_days):
    rates = [40.0, 44.0, 36.0, 42.0, 38.0, 41.0, 3.0, 2.0]
    days = make_days(60, place=[0, 1, 2, 3, 4, 5, 6, 6], zones=7, sold=rates)
    dear = days.category_margin * np.array([1, 1, 1, 1, 1, 1, 1, 3])
    (hint,) = unsold(replace(days, category_margin=dear))
    assert (hint.category, hint.zone) == (7, 6), "named by the category that earns most a receipt"
    assert hint.bought == pytest.approx(5 / 90, rel=0.1)
    assert hint.usual == pytest.approx(40 / 90, rel=0.1)


@pytest.mark.parametrize("seed", range(5))
def test_zones_that_only_differ_do_not(make_days, seed):
    rates = 40 * np.exp(np.random.default_rng(seed).normal(0, 0.5, 12))
    assert unsold(make_days(60, place=range(12), zones=12, sold=rates, seed=seed)) == []


def test_few_zones_or_stays_tell_nothing(make_days):
    assert unsold(make_days(60, place=range(4), zones=4, sold=[40, 40, 40, 2.0])) == []
    visits = [300.0] * 7 + [9.0]
    assert unsold(make_days(60, place=range(8), zones=8, sold=[40.0] * 7 + [0.05], visits=visits)) == []


def test_what_few_see_and_those_buy_is_hidden(make_days):
    visits, rates = [300.0] * 7 + [60.0], [40.0] * 7 + [30.0]
    (hint,) = hidden(make_days(60, place=range(8), zones=8, sold=rates, visits=visits))
    assert (hint.category, hint.zone) == (7, 7)
    assert hint.bought > hint.usual
    assert hint.reach == pytest.approx(0.06, rel=0.05)


def test_what_many_see_or_few_buy_is_not_hidden(make_days):
    assert hidden(make_days(60, place=range(8), zones=8, sold=[40.0] * 7 + [90.0])) == []
    assert hidden(make_days(60, place=range(8), zones=8, sold=[40.0] * 7 + [1.0], visits=[300.0] * 7 + [60.0])) == []


def test_a_store_nobody_counted_in_has_no_hints(make_days):
    days = make_days(60, place=range(8), zones=8)
    blind = replace(days, visits=days.visits * np.nan, engaged=days.engaged * np.nan)
    assert (unsold(blind), hidden(blind)) == ([], [])
