"""What goods would bring elsewhere: in money, of what was moved and of what was not, and how long to wait."""

from dataclasses import replace

import numpy as np
import pytest

from server.domain.gains import Gain, chosen, from_exposure, from_moves, weekly_margin, worst_case
from server.domain.intervals import Estimate

DAYS = 168
ESTIMATE = Estimate(10.0, 5.0, 15.0)


def moved(make_days, change, *, row=84, days=DAYS, seed=0, back=None):
    after = np.arange(days) >= row
    there = after & (np.arange(days) < (back or days))
    place = np.column_stack([there.astype(int), np.full((days, 9), 2)])
    rate = np.full((days, 10), 60.0)
    rate[there, 0] *= change
    return make_days(
        days, place=place, zones=3, sold=rate, visits=[300.0, 450.0 if change > 1 else 150, 300], seed=seed
    )


def gain(category=0, zone=1, p=0.001, effect=ESTIMATE):
    return Gain(category, zone, effect, 0.1, p, "estimated", {}, (), (84, 84))


def test_going_back_is_worth_what_the_move_cost(make_days):
    days = moved(make_days, 0.5)
    (gains, waiting) = from_moves(days)
    (found,) = gains
    week = weekly_margin(days)[0]
    assert (found.category, found.zone, found.evidence) == (0, 0, "estimated")
    assert week == pytest.approx(7 * days.category_margin[-28:, 0].mean())
    assert found.effect.low < week < found.effect.high, "it sold twice as much"
    assert found.p < 1e-4
    assert not waiting


def test_doing_again_what_was_taken_back(make_days):
    (gains, _) = from_moves(moved(make_days, 2.0, row=60, back=120))
    assert {(one.category, one.zone) for one in gains} == {(0, 1)}
    assert gains[0].effect.low > 0


def test_a_gain_of_a_good_move_is_not_in_taking_it_back(make_days):
    ((found,), _) = from_moves(moved(make_days, 1.5))
    assert found.effect.high < 0
    assert chosen([found]) == []


def test_a_new_move_waits_for_days(make_days):
    gains, (wait,) = from_moves(moved(make_days, 0.5, row=DAYS - 5))
    assert gains == []
    assert (wait.needs_days, wait.gathered) == (9, pytest.approx(5 / 14))


def test_a_small_effect_waits_for_as_many_days_as_it_takes(make_days):
    days = moved(make_days, 1.0, row=DAYS - 20, seed=3)
    _, (wait,) = from_moves(days)
    assert wait.needs_days > 0
    assert wait.gathered == pytest.approx(20 / (20 + wait.needs_days), abs=0.02)


def test_sales_that_go_with_exposure_are_associated(make_days):
    rng = np.random.default_rng(0)
    busy = np.exp(rng.normal(0, 0.3, DAYS))
    visits = np.column_stack([400 * busy, np.full(DAYS, 4000.0)])
    rate = np.column_stack([60 * busy, *[np.full(DAYS, 60.0)] * 4])
    days = make_days(DAYS, place=[0] * 5, visits=visits, sold=rate, entrants=20_000 / 20)
    found = [one for one in chosen(from_exposure(days)) if one.category == 0]
    assert [(one.zone, one.evidence) for one in found] == [(1, "associated")]
    assert found[0].change == pytest.approx(1.0, abs=0.3), "reckoned to twice the exposure, not to ten times"
    assert {"traffic", "season", "neighbour", "weather"} <= set(found[0].confounders)


def test_nothing_is_chosen_where_nothing_is(make_days):
    assert [chosen(from_exposure(make_days(DAYS, place=[0] * 8, seed=seed, visits=[300.0, 600.0]))) for seed in range(5)] == [[]] * 5  # fmt: skip


def test_the_more_is_tried_the_surer_it_must_be():
    sure = gain(p=0.002)
    assert chosen([sure]) == [sure]
    assert chosen([sure, *(gain(category=c, p=0.5) for c in range(1, 30))]) == []
    assert chosen([sure, *(gain(zone=z, p=0.002) for z in range(2, 30))]) != [], "zones of one slope are one test"
    assert chosen([gain(effect=Estimate(10.0, -1.0, 21.0))]) == []


def test_at_worst_as_much_less_is_sold_as_fewer_come_by(make_days):
    days = make_days(28, visits=np.tile([300.0, 100.0], (28, 1)))
    days = replace(days, visits=np.tile([300.0, 100.0], (28, 1)))
    worst, week = worst_case(days), weekly_margin(days)
    assert worst[0].tolist() == [0.0, pytest.approx(-week[0] * 2 / 3)]
    assert worst[1].tolist() == [0.0, 0.0], "more people do no harm"


def test_unknown_margins_are_no_gain(make_days):
    days = moved(make_days, 0.5)
    silent = replace(days, category_margin=np.full_like(days.category_margin, np.nan))
    assert from_moves(silent)[0] == []
    assert np.isnan(weekly_margin(silent)).all()
    assert (worst_case(silent) == 0).all()
