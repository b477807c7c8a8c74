import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.campaigns import Campaign, Creative, Daypart, Flight, Goal
from server.domain.holdout import Shares
from server.domain.pacing import WEEK_S, Progress, active_s, claim, elapsed, settle, spent

MONDAY = 1_763_942_400.0
"""A Monday's midnight, UTC."""
DAY = 86_400.0
WORKDAYS = Daypart(frozenset(range(5)), 9 * 60, 18 * 60)
NIGHT = Daypart(frozenset({6}), 22 * 60, 6 * 60)
PLAIN = Shares(same=True)


def campaign(**changed):
    plain = {
        "creatives": (Creative("c", "image", 10),),
        "flights": (Flight(MONDAY, MONDAY + 7 * DAY),),
        "shares": PLAIN,
    }
    return Campaign(id="tea", goal=Goal("plays"), **(plain | changed))


def over(t, *dayparts, flights=None):
    local = t - MONDAY
    weekday, minute = int(local // DAY) % 7, int(local % DAY // 60)
    changed = {"flights": flights} if flights else {}
    return elapsed(campaign(dayparts=dayparts, **changed), t=t, weekday=weekday, minute=minute)


def test_without_dayparts_time_passes_evenly():
    assert over(MONDAY) == 0
    assert over(MONDAY + 3.5 * DAY) == pytest.approx(0.5)
    assert over(MONDAY + 8 * DAY) == 1


def test_only_its_hours_count():
    assert over(MONDAY + 8 * 3600, WORKDAYS) == 0
    assert over(MONDAY + 13.5 * 3600, WORKDAYS) == pytest.approx(0.1)
    assert over(MONDAY + DAY, WORKDAYS) == pytest.approx(0.2)
    assert over(MONDAY + 5.5 * DAY, WORKDAYS) == 1


def test_hours_over_midnight_go_from_the_week_s_end_to_its_start():
    assert active_s([NIGHT], start=MONDAY, end=MONDAY + WEEK_S, t=MONDAY, weekday=0, minute=0) == 8 * 3600
    assert active_s([NIGHT], start=MONDAY, end=MONDAY + DAY, t=MONDAY, weekday=0, minute=0) == 6 * 3600


def test_dayparts_that_overlap_count_once():
    late = Daypart(frozenset({0}), 12 * 60, 20 * 60)
    assert active_s([WORKDAYS, late], start=MONDAY, end=MONDAY + DAY, t=MONDAY, weekday=0, minute=0) == 11 * 3600


def test_breaks_between_flights_do_not_count():
    flights = (Flight(MONDAY, MONDAY + DAY), Flight(MONDAY + 5 * DAY, MONDAY + 6 * DAY))
    assert over(MONDAY + 3 * DAY, flights=flights) == pytest.approx(0.5)


@given(
    dayparts=st.lists(
        st.builds(Daypart, st.frozensets(st.integers(0, 6), min_size=1), st.integers(0, 1439), st.integers(0, 1440)),
        max_size=4,
    ),
    cuts=st.lists(st.floats(0, 20 * DAY), min_size=2, max_size=6).map(sorted),
)
def test_parts_of_a_time_add_up_to_it(dayparts, cuts):
    def between(a, b):
        return active_s(dayparts, start=MONDAY + a, end=MONDAY + b, t=MONDAY, weekday=0, minute=0)

    parts = sum(between(a, b) for a, b in itertools.pairwise(cuts))
    assert parts == pytest.approx(between(cuts[0], cuts[-1]), abs=1e-3)
    assert 0 <= parts <= cuts[-1] - cuts[0] + 1e-3


def claims(of, **progress):
    return claim(of, Progress(**progress), t=MONDAY + 3.5 * DAY, weekday=3, minute=720)


def test_evenly_means_no_more_than_the_time_that_is_over():
    of = campaign(plays_most=100)
    assert claims(of, total=49) == "owed"
    assert claims(of, total=50) is None
    assert claims(campaign(plays_most=100, pacing="asap"), total=99) == "owed"


def test_turns_held_back_keep_the_rhythm_and_cost_nothing():
    of = campaign(plays_most=100, shares=Shares(0.6, 0.2, 0.2))
    assert claims(of, total=49, held=13) == "owed"
    assert claims(of, total=50, held=13) is None
    assert not spent(of, Progress(total=99, held=500))
    assert spent(of, Progress(total=100))


def test_half_a_play_is_not_bought():
    assert spent(campaign(plays_most=2.5), Progress(total=2))
    assert not spent(campaign(plays_most=2.5), Progress(total=1))


@given(st.lists(st.tuples(st.floats(0.1, 60), st.booleans()), max_size=200), st.floats(0.01, 1))
def test_what_is_owed_stays_within_bounds(turns, share):
    owed = 0.0
    for elapsed_s, had in turns:
        owed = settle(owed, share=share, elapsed_s=elapsed_s, had=had)
        assert -300 <= owed <= 300
