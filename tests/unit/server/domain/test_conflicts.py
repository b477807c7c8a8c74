import pytest

from server.domain.campaigns import Campaign, Creative, Daypart, Flight, Goal, NearRule
from server.domain.conflicts import Conflict, conflicts

DAY = 86_400.0
SCREENS = ["entry", "till"]


def campaign(key, **changed):
    plain = {"creatives": (Creative(key, "image", 10),), "flights": (Flight(0, 7 * DAY),), "rules": (NearRule(1),)}
    return Campaign(id=key, goal=Goal("plays"), **(plain | changed))


def found(one, *others):
    return conflicts(one, others, screens=SCREENS)


COLA = campaign("cola", category="cola", rivals=frozenset({"kvass"}))
KVASS = campaign("kvass", category="kvass")


def test_rivals_on_the_same_screen_are_told_from_both_sides():
    assert found(COLA, KVASS) == [Conflict("rivals", ("kvass",), ("entry", "till"))]
    assert found(KVASS, COLA, KVASS) == [Conflict("rivals", ("cola",), ("entry", "till"))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"flights": (Flight(0, DAY),)}, {"flights": (Flight(DAY, 2 * DAY),)}),
        ({"screens": frozenset({"entry"})}, {"screens": frozenset({"till"})}),
        ({"dayparts": (Daypart(frozenset({0}), 0, 720),)}, {"dayparts": (Daypart(frozenset({0}), 720, 1440),)}),
        ({"dayparts": (Daypart(frozenset({6}), 1320, 60),)}, {"dayparts": (Daypart(frozenset({6}), 0, 60),)}),
    ],
)
def test_who_never_meets_does_not_conflict(one, other):
    assert found(campaign("a", category="x", **one), campaign("b", category="x", **other)) == []


def test_hours_over_midnight_meet_the_next_morning():
    night = campaign("a", category="x", dayparts=(Daypart(frozenset({6}), 1320, 60),))
    morning = campaign("b", category="x", dayparts=(Daypart(frozenset({0}), 0, 60),), screens=frozenset({"till"}))
    assert found(night, morning) == [Conflict("same_category", ("b",), ("till",))]


def test_more_than_the_whole_time_is_promised():
    half = campaign("a", share_of_voice=0.5)
    others = [campaign("b", share_of_voice=0.3), campaign("c", share_of_voice=0.3, screens=frozenset({"till"}))]
    (conflict,) = found(half, *others)
    assert (conflict.kind, conflict.campaigns, conflict.screens) == ("shares", ("b", "c"), ("till",))
    assert conflict.figures["together"] == pytest.approx(1.1)
    assert found(half, campaign("b", share_of_voice=0.5)) == []


def test_shares_one_after_the_other_are_not_together():
    half = campaign("a", share_of_voice=0.5)
    first = campaign("b", share_of_voice=0.4, flights=(Flight(0, DAY),))
    then = campaign("c", share_of_voice=0.4, flights=(Flight(DAY, 2 * DAY),))
    assert found(half, first, then) == []
    early = campaign("d", share_of_voice=0.4, dayparts=(Daypart(frozenset(range(7)), 0, 720),))
    late = campaign("e", share_of_voice=0.4, dayparts=(Daypart(frozenset(range(7)), 720, 0),))
    assert found(half, early, late) == []


def test_a_higher_priority_that_nothing_paces_leaves_no_room():
    always, last = campaign("always", priority=5, rules=()), campaign("last", priority=2)
    assert [conflict.kind for conflict in found(last, always)] == ["overshadowed"]
    assert [conflict.kind for conflict in found(always, last)] == ["overshadows"]
    paced = campaign("paced", priority=5, rules=(), plays_per_hour=10)
    assert found(last, paced) == []
