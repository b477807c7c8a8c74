"""From a plan to proposals: who makes room is told with whom it is made for, and what nobody knows is bounded."""

from dataclasses import replace

import numpy as np
import pytest

from server.domain.exposure import exposure
from server.domain.gains import Gain, weekly_margin
from server.domain.intervals import Estimate
from server.domain.relocation import Plan, relocations, worth_of
from server.domain.shelves import Goods, Place, floor_of

GAIN = Gain(0, 1, Estimate(900.0, 700.0, 1100.0), 0.5, 0.0001, "estimated", {"placebo": True}, ("weather",), (80, 70))


def proposals(days, *gains, measured=(), shelves=(1.0, 2.0, 5.0), metres=(1.0, 2.0, 1.0), on_show=frozenset()):
    places = [Place(f"z{i}", shelf_m) for i, shelf_m in enumerate(shelves)]
    goods = [Goods(f"c{i}", shelf_m) for i, shelf_m in enumerate(metres)]
    floor = floor_of(days, places, [], goods, [])
    told = {(gain.category, gain.zone): gain for gain in gains}
    known = {(gain.category, gain.zone): gain for gain in measured}
    plan = Plan(days, floor, exposure(days), told, known, worth_of(days, floor, [*measured, *gains], told))
    return list(relocations(plan, on_show=on_show))


@pytest.fixture
def days(make_days):
    """c0 in z0, c1 in z1, c2 in z2, which 300, 400 and 200 a day visit."""
    made = make_days(60, place=[0, 1, 2], zones=3, sold=[40.0, 10.0, 40.0])
    return replace(made, visits=np.tile([300.0, 400.0, 200.0], (60, 1)))


def test_a_step_into_room_is_told_as_it_is_known(days):
    (one,) = proposals(days, GAIN, shelves=(1.0, 9.0, 5.0))
    assert (one.kind, one.key, one.evidence) == ("move", "move:c0::z0:z1", "estimated")
    assert (one.effect, one.checks, one.confounders) == (GAIN.effect, {"placebo": True}, ("weather",))
    assert (one.reasons["change"], one.reasons["days_before"], one.reasons["days_after"]) == (0.5, 80, 70)
    assert proposals(days, GAIN, shelves=(1.0, 9.0, 5.0), on_show={1})[0].kind == "feature"


def test_who_makes_room_is_told_with_it_and_what_that_may_cost(days):
    (one,) = proposals(days, GAIN)
    assert (one.kind, one.target) == ("move", "z1")
    assert (one.reasons["makes_room"], one.reasons["room_zone"]) == ("c1", "z2")
    lost = weekly_margin(days)[1] / 2
    assert one.effect.low == pytest.approx(700 - lost, abs=0.1)
    assert one.effect.value == pytest.approx(900 - lost / 2, abs=0.1)
    assert one.effect.high == 1100
    assert one.evidence == "associated"


def test_who_makes_room_and_gains_by_it_costs_nothing(days):
    gains = replace(GAIN, category=1, zone=2, effect=Estimate(300.0, 200.0, 400.0))
    first, second = proposals(days, GAIN, gains)
    assert (first.key, first.effect, first.evidence) == ("move:c0::z0:z1", GAIN.effect, "estimated")
    assert first.reasons["makes_room"] == "c1"
    assert (second.key, second.effect) == ("move:c1::z1:z2", gains.effect)
    assert "makes_room" not in second.reasons


def test_two_that_gain_by_a_swap_gain_together(days):
    back = replace(GAIN, category=1, zone=0, effect=Estimate(80.0, 50.0, 110.0), evidence="associated", checks={})
    (one,) = proposals(days, GAIN, back, shelves=(1.0, 1.0, 1.0), metres=(1.0, 1.0, 1.0))
    assert (one.kind, one.subject, one.other) == ("swap", "c0", "c1")
    assert one.effect.value == pytest.approx(980)
    assert one.effect.low == pytest.approx(980 - np.hypot(200, 30))
    assert one.evidence == "associated", "as well as the least known of its parts"


def test_what_the_other_of_a_swap_is_known_to_lose_is_taken_off_wholly(days):
    loses = replace(GAIN, category=1, zone=0, effect=Estimate(-80.0, -110.0, -50.0))
    (one,) = proposals(days, GAIN, measured=[loses], shelves=(1.0, 1.0, 1.0), metres=(1.0, 1.0, 1.0))
    assert (one.kind, one.other, one.evidence) == ("swap", "c1", "estimated")
    assert one.effect.value == pytest.approx(820)
    assert "at_worst" not in one.reasons


def test_what_costs_more_than_it_brings_is_no_plan(days):
    dear = replace(GAIN, effect=Estimate(50.0, 20.0, 80.0))
    assert proposals(days, dear) == []
