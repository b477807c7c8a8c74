from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.site import Site
from server.advice.neighbours import neighbours
from server.advice.plan import as_change, concerned, next_monday, sides
from server.domain.advice import Advice
from server.domain.trial import SETTLING_DAYS, Length, Trial

TRIAL = Trial("before_after", (), ("coffee",), ("till",), 84, 28, (Length(14, 90.0), Length(28, 60.0)))


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_the_day_that_is_proposed_is_a_monday_with_time_to_prepare(today):
    day = next_monday(today)
    assert day.weekday() == 0
    assert 2 <= (day - today).days <= 8


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(28, 84), st.sampled_from((14, 21, 28, 42, 56)))
def test_both_sides_lie_round_the_change(day, before, after):
    ahead, behind = sides(day, before=before, after=after)
    assert (len(ahead), len(behind)) == (before, after)
    assert ahead.last == day - timedelta(days=1)
    assert behind.first == day + timedelta(days=SETTLING_DAYS)


def test_an_advice_becomes_a_change_of_the_length_that_is_asked_for():
    advice = Advice("move", "coffee", origin="aisle", target="till", evidence="estimated")
    change = as_change(advice, TRIAL, day=date(2026, 11, 30), days=14)
    assert (change.day, len(change.after), change.sees) == (date(2026, 11, 30), 14, 90.0)
    assert len(as_change(advice, TRIAL, day=date(2026, 11, 30), days=15).after) == 28
    assert (change.origin, change.target, change.categories) == ("aisle", "till", ["coffee"])


@pytest.mark.parametrize(
    ("advice", "goods"),
    [
        (Advice("swap", "coffee", other="tea"), ("coffee", "tea")),
        (Advice("advertise", "coffee", other="screen_1"), ("coffee",)),
        (Advice("drop_offer", "sale"), ("tea",)),
        (Advice("drop_offer", "for_all"), ("coffee", "tea", "milk")),
    ],
)
def test_what_an_advice_is_judged_on(advice, goods):
    assert concerned(advice, {"sale": ["tea"], "for_all": []}, ("coffee", "tea", "milk")) == goods


def test_zones_across_an_aisle_are_neighbours_and_others_not():
    def box(x, y, w=2, h=6):
        return {"polygon_m": [[x, y], [x + w, y], [x + w, y + h], [x, y + h]]}

    zones = {"a": box(0, 0), "b": box(4, 0), "c": box(10, 0), "inside": box(0.2, 1, 1, 1)}
    site = Site.model_validate({"site": "shop", "floor": {"bounds_m": [[0, 0], [20, 10]]}, "zones": zones})
    assert neighbours(site) == {("a", "b"), ("a", "inside")}
