"""Alarms over time, as little stories."""

import pytest

from server.domain.alarms import CLEAR_AFTER_S, Condition, Key, crowded, turn, waiting

QUEUE = Key("queue_wait", "tills")


def play(story):
    """`story`: [(now, [conditions])]; the alarms that were, and what was told at each turn."""
    open_, told, past = [], [], []
    for now, holding in story:
        changed = turn(open_, holding, now=now)
        told.append((len(changed.raised), len(changed.cleared)))
        past += changed.cleared
        gone = {alarm.key for alarm in changed.cleared} | {alarm.key for alarm in changed.held}
        open_ = [alarm for alarm in open_ if alarm.key not in gone] + changed.held + changed.raised
    return open_, past, told


def over(value):
    return [Condition(QUEUE, value, 120.0)]


def test_an_alarm_is_raised_once_and_cleared_when_it_has_not_held_for_a_while():
    open_, past, told = play([(0, over(130)), (10, over(200)), (20, over(150)), (30, []), (80, []), (90, [])])
    assert told == [(1, 0), (0, 0), (0, 0), (0, 0), (0, 1), (0, 0)]
    assert not open_
    assert (past[0].raised, past[0].held, past[0].cleared, past[0].value) == (0, 20, 80, 200)


def test_one_that_flickers_is_one_alarm():
    story = [(t, over(130) if t % 20 == 0 else []) for t in range(0, 400, 10)]
    open_, past, told = play(story)
    assert sum(raised for raised, _ in told) == 1
    assert len(open_) == 1
    assert not past


def test_a_clock_that_runs_backwards_clears_nothing_and_raises_nothing_twice():
    open_, past, told = play([(1000, over(130)), (10, []), (20, over(130)), (1000 + CLEAR_AFTER_S / 2, [])])
    assert [raised for raised, _ in told] == [1, 0, 0, 0]
    assert len(open_) == 1
    assert not past


def test_the_worst_of_a_footfall_too_low_is_the_lowest():
    key = Key("footfall_low")
    open_, _, _ = play(
        [(0, [Condition(key, 30.0, 80.0)]), (10, [Condition(key, 20.0, 80.0)]), (20, [Condition(key, 25.0, 80.0)])]
    )
    assert open_[0].value == 20


@pytest.mark.parametrize(
    ("counts", "total", "most", "found", "reason"),
    [
        ({"bakery": 5}, 20, 20, [], "at the limit is within it"),
        ({"bakery": 6}, 20, 20, [Key("zone_people", "bakery")], "a zone over its limit"),
        ({"bakery": 6}, 21, 20, [Key("zone_people", "bakery"), Key("occupancy")], "both"),
        ({"dairy": 99}, None, 20, [], "no limit for this zone, and nobody knows the total"),
        ({}, 21, None, [], "the store has no limit"),
    ],
)
def test_crowds(counts, total, most, found, reason):
    conditions = crowded(counts, {"bakery": 5, "dairy": None}, total=total, most=most)
    assert [condition.key for condition in conditions] == found, reason


def test_waits():
    limits = {"tills": 120.0, "desk": 60.0, "bakery": None}
    found = waiting({"tills": 121.0, "desk": None, "bakery": 900.0}, limits)
    assert [(condition.key.subject, condition.value, condition.limit) for condition in found] == [
        ("tills", 121.0, 120.0)
    ]
