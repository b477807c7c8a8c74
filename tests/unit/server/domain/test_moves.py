"""What a move did: found where it was one, bounded where it was none, and not believed where something else could be it."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t as student

from server.domain.moves import Move, days_apart, effect_of, moves, pooled

DAYS, ROW, OTHERS = 168, 84, 9


def moved(make_days, *, change=1.0, days=DAYS, row=ROW, seed=0, sold=60.0, growth=None, **others):
    """c0 goes from z0 to z1 on day `row` and then sells `change` times as much; others stay in z2."""
    after = np.arange(days) >= row
    place = np.column_stack([after.astype(int), np.full((days, OTHERS), 2)])
    rate = np.full((days, OTHERS + 1), 60.0)
    rate[:, 0] = sold * np.where(after, change, 1.0) * (1.0 if growth is None else growth)
    visits = others.pop("visits", [300.0, 450.0, 300.0])
    return make_days(days, place=place, zones=3, sold=rate, visits=visits, seed=seed, **others)


def told(days, **more):
    (move,) = moves(days)
    effect = effect_of(days, move, **more)
    assert effect is not None
    return effect


def test_moves_are_found_with_gaps_and_back(make_days):
    place = np.array([[0]] * 10 + [[-1]] * 5 + [[1]] * 10 + [[0]] * 5)
    assert moves(make_days(30, place=place)) == [Move(0, 15, 0, 1), Move(0, 25, 1, 0)]
    assert moves(make_days(30)) == []


def test_days_of_another_move_do_not_count(make_days):
    place = np.array([[1]] * 10 + [[0]] * 20 + [[1]] * 20 + [[0]] * 10)
    days = make_days(60, place=place)
    assert days_apart(days, moves(days)[1]) == (20, 20)


def test_a_move_is_measured(make_days):
    effect = told(moved(make_days, change=1.4))
    assert effect.change == pytest.approx(np.log(1.4), abs=3 * effect.error)
    assert effect.p < 0.01
    assert effect.sound
    assert effect.confounders == ("weather",)


@pytest.mark.parametrize("memory", [0.0, 0.5])
def test_intervals_cover(make_days, memory):
    """Of 60 intervals of 95 %, 57 should hold the truth; 52 is three standard deviations below."""
    inside, false = 0, 0
    for seed in range(60):
        effect = told(moved(make_days, change=1.2, seed=seed, memory=memory))
        inside += abs(effect.change - np.log(1.2)) <= student.ppf(0.975, effect.freedom) * effect.error
        none = told(moved(make_days, seed=seed + 1000, memory=memory))
        false += none.p < 0.01
    assert inside >= 52
    assert false <= 3


def test_what_all_categories_do_is_no_effect(make_days):
    growth = np.where(np.arange(DAYS) >= ROW, 1.5, 1.0)
    days = moved(make_days, growth=growth)
    sold = days.sold * np.column_stack([np.ones(DAYS), np.tile(growth, (OTHERS, 1)).T])
    assert abs(told(replace(days, sold=sold)).change) < 0.1


def test_goods_that_change_anyway_make_it_harder_to_say(make_days):
    """Every category sells more or less from that day on, by a fifth or so, whether it is moved or not."""
    false = 0
    for seed in range(20):
        by = np.exp(np.random.default_rng(seed).normal(0, 0.2, OTHERS + 1))
        days = moved(make_days, seed=seed)
        changed = np.where(np.arange(DAYS)[:, None] >= ROW, days.sold * by, days.sold)
        false += told(replace(days, sold=np.round(changed))).p < 0.01
    assert false <= 1


def test_a_season_that_bends_with_the_move_is_not_believed(make_days):
    growth = np.exp(np.maximum(np.arange(DAYS) - ROW, 0) / 84 * np.log(2))
    effect = told(moved(make_days, growth=growth))
    assert not effect.checks["pre_trend"]
    assert not effect.sound
    assert "season" in effect.confounders


def test_a_step_long_before_the_move_is_told(make_days):
    growth = np.where(np.arange(DAYS) >= 42, 1.6, 1.0)
    assert not told(moved(make_days, growth=growth)).checks["placebo"]


def test_traffic_that_came_with_the_move_is_told(make_days):
    effect = told(moved(make_days, entrants=np.where(np.arange(DAYS) >= ROW, 1400.0, 1000.0)))
    assert not effect.checks["traffic"]
    assert "traffic" in effect.confounders


def test_more_sold_where_fewer_come_by_is_not_believed(make_days):
    effect = told(moved(make_days, change=1.4, visits=[450.0, 300.0, 300.0]))
    assert not effect.checks["exposure"]
    assert not effect.sound


def test_an_offer_that_began_with_the_move_leaves_nothing_to_compare(make_days):
    days = moved(make_days, change=1.5)
    offered = np.zeros((DAYS, OTHERS + 1, 1), dtype=bool)
    offered[ROW:, 0] = True
    assert effect_of(replace(days, offers=("o",), offered=offered), moves(days)[0]) is None


def test_days_on_offer_do_not_count(make_days):
    days = moved(make_days)
    offered = np.zeros((DAYS, OTHERS + 1, 1), dtype=bool)
    offered[ROW : ROW + 14, 0] = True
    sold = np.where(offered[:, :, 0], days.sold * 5, days.sold)
    effect = told(replace(days, offers=("o",), offered=offered, sold=sold))
    assert abs(effect.change) < 3 * effect.error
    assert "offer" in effect.confounders


def test_what_other_stores_saw_too_is_no_effect(make_days):
    growth = np.where(np.arange(DAYS) >= ROW, 1.5, 1.0)
    own = moved(make_days, growth=growth)
    rate = np.full((DAYS, OTHERS + 1), 60.0)
    rate[:, 0] *= growth
    peers = [make_days(DAYS, place=[0] * (OTHERS + 1), zones=3, sold=rate, seed=seed) for seed in (1, 2)]
    alone, beside = told(own), told(own, peers=peers)
    assert alone.p < 0.01
    assert beside.p > 0.05
    assert told(own, peers=[own]).change == alone.change, "a store that moved it too is no control"


def test_too_few_days_or_others_say_nothing(make_days):
    late = moved(make_days, row=DAYS - 10)
    assert effect_of(late, moves(late)[0]) is None
    lonely = make_days(DAYS, place=np.column_stack([np.arange(DAYS) >= ROW, np.zeros(DAYS)]), sold=60)
    assert effect_of(lonely, moves(lonely)[0]) is None


def test_neighbours_moved_with_it_are_named(make_days):
    days = moved(make_days)
    place = days.place.copy()
    place[ROW:, 1] = 0
    place[ROW:, 2] = 1
    swapped = replace(days, place=place)
    assert "neighbour" in effect_of(swapped, Move(0, ROW, 0, 1)).confounders


def test_mean_of_effects_as_dersimonian_and_laird():
    """Three effects, by hand."""
    value, error = np.array([0.0, 0.1, 0.5]), np.array([0.1, 0.1, 0.1])
    mean, variance, spread = pooled(value, error)
    assert mean == pytest.approx(0.2)
    assert spread == pytest.approx((14 - 2) / (300 - 100))
    assert variance == pytest.approx((0.01 + spread) / 3)
