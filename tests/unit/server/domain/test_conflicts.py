import pytest

from server.domain.campaigns import Campaign, Creative, Daypart, Flight, Goal
from server.domain.conflicts import conflicts, meet

ALL = ("entrance", "tills")
DAY = 86_400.0


def campaign(id_, start=0, end=10, **more):
    flights = (Flight(start * DAY, end * DAY),)
    return Campaign(id_, (Creative("c", "image", 10.0),), more.pop("flights", flights), Goal("plays"), **more)


def told(*campaigns):
    return {(found.kind, found.campaign, found.other) for found in conflicts(campaigns, ALL)}


def part(days, start, end):
    return (Daypart(frozenset(days), start * 60, end * 60),)


def test_rivals_are_in_each_others_way_only_where_and_when_both_are():
    coffee = campaign("coffee", category="coffee", rivals=frozenset({"tea"}), screens=frozenset({"tills"}))
    assert told(coffee, campaign("tea", category="tea")) == {("rivals", "coffee", "tea"), ("rivals", "tea", "coffee")}
    assert told(coffee, campaign("tea", category="tea", screens=frozenset({"entrance"}))) == set()
    assert told(coffee, campaign("tea", 10, 20, category="tea")) == set(), "the day it ends is not a day of both"
    assert told(coffee, campaign("milk", category="milk")) == set()


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (part([0], 8, 12), part([0], 11, 13), True),
        (part([0], 8, 12), part([0], 12, 13), False),
        (part([0], 8, 12), part([1], 8, 12), False),
        (part([0], 22, 2), part([1], 1, 3), True),
        (part([6], 22, 2), part([0], 1, 3), True),
        (part([0], 0, 24), part([0], 23, 24), True),
        ((), part([3], 8, 9), True),
    ],
)
def test_hours_of_the_week_meet_over_midnight_and_over_sunday(one, other, both):
    assert meet(campaign("a", dayparts=one), campaign("b", dayparts=other)) is both
    assert meet(campaign("b", dayparts=other), campaign("a", dayparts=one)) is both


def test_shares_of_voice_that_make_more_than_all_the_time_are_told_to_each():
    shares = [campaign(key, share_of_voice=share) for key, share in (("a", 0.5), ("b", 0.4), ("c", 0.1))]
    assert told(*shares) == set()
    more = campaign("d", share_of_voice=0.2, screens=frozenset({"tills"}))
    found = conflicts([*shares, more], ALL)
    assert {one.other for one in found} == {"a", "b", "c", "d"}
    assert {one.screens for one in found} == {frozenset({"tills"})}
    assert {round(one.voice, 3) for one in found} == {1.2}


def test_who_goes_first_without_any_limit_leaves_nothing():
    first = campaign("first", priority=5)
    assert told(first, campaign("last")) == {("hidden", "first", "last")}
    assert told(campaign("first", priority=5, plays_per_hour=10), campaign("last")) == set()
    assert told(first, campaign("last", end=20)) == set(), "after it there is time"


def test_two_for_one_zone_cannot_be_told_apart():
    pair = [campaign(key, promotes="bakery") for key in "ab"]
    assert told(*pair) == {("same-zone", "a", "b"), ("same-zone", "b", "a")}
