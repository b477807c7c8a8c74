"""What to offer with what: ranking, learning from taps, and who is in the shop."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.affinity import Rule
from server.domain.intervals import Estimate
from server.domain.tips import LIKED_MOST, MOST_LIKELY, Hour, Taps, best_tips, busy_hours, chance, liking

HOUR = Hour(receipts=80, shares={"coffee": 0.4, "bread": 0.5}, margins={"rolls": 1.0, "jam": 0.5, "tea": 0.0})


def pair(first, second, confidence=0.2):
    return Rule(
        given=first,
        then=second,
        together=180,
        support=0.05,
        confidence=confidence,
        lift=Estimate(2.0, 1.5, 2.6),
        excess=90.0,
        q=0.001,
    )


def test_the_worthiest_comes_first_and_is_worth_what_the_formula_says():
    tips = best_tips([pair("bread", "jam"), pair("coffee", "rolls")], HOUR, {})
    assert [tip.rule.then for tip in tips] == ["rolls", "jam"]
    assert tips[0].asked == pytest.approx(80 * 0.4 * 0.8)
    assert tips[0].worth == pytest.approx(80 * 0.4 * 0.8 * 0.2 * 1.0)


@pytest.mark.parametrize(
    ("pairs", "left"),
    [
        pytest.param([pair("coffee", "tea")], [], id="earns nothing"),
        pytest.param([pair("pet_food", "rolls")], [], id="nobody buys the first in this hour"),
        pytest.param([pair("coffee", "rolls"), pair("bread", "rolls")], ["bread"], id="one offer of a thing"),
        pytest.param([pair("bread", "jam"), pair("jam", "bread")], ["bread"], id="the same two, the other way round"),
    ],
)
def test_what_is_not_offered(pairs, left):
    assert [tip.rule.given for tip in best_tips(pairs, HOUR, {})] == left


def test_what_hardly_goes_together_is_not_offered():
    weak = replace(pair("coffee", "rolls"), lift=Estimate(1.1, 1.05, 1.15))
    assert best_tips([weak], HOUR, {}) == []


def test_never_more_than_asked_for():
    pairs = [pair("coffee", "rolls"), pair("bread", "jam")]
    assert len(best_tips(pairs, HOUR, {}, most=1)) == 1


def test_taps_move_a_tip_down():
    pairs = [pair("bread", "jam"), pair("coffee", "rolls")]
    refused = {("coffee", "rolls"): Taps(offered=200, accepted=2)}
    assert [tip.rule.then for tip in best_tips(pairs, HOUR, refused)] == ["jam", "rolls"]


@given(st.floats(0, 1), st.integers(0, 5000), st.data())
def test_a_chance_lies_between_what_was_thought_and_what_was_tapped(confidence, offered, data):
    accepted = data.draw(st.integers(0, offered))
    found = chance(pair("a", "b", confidence), Taps(offered, accepted))
    thought = min(confidence, MOST_LIKELY)
    seen = accepted / offered if offered else thought
    assert min(thought, seen) - 1e-12 <= found <= max(thought, seen) + 1e-12


def test_families_in_the_shop_make_what_they_like_weigh_more():
    shares = {"all": {"toys": 0.1, "wine": 0.2}, "families": {"toys": 0.15, "wine": 0.05}}
    assert liking(shares, {"families": 5}) == pytest.approx({"toys": 1.5, "wine": 0.5})


@pytest.mark.parametrize(
    ("present", "why"),
    [({}, "nobody known"), ({"families": 0}, "none of them"), ({"cyclists": 9}, "a segment without shares")],
)
def test_without_knowledge_nothing_weighs_more(present, why):
    assert liking({"all": {"toys": 0.1}, "families": {"toys": 0.3}}, present) == {}, why


@given(st.dictionaries(st.sampled_from("abc"), st.floats(0, 1)), st.floats(0.001, 1))
def test_liking_is_bounded(theirs, usual):
    found = liking({"all": dict.fromkeys("abc", usual), "one": theirs}, {"one": 7})
    assert all(1 / LIKED_MOST <= factor <= LIKED_MOST for factor in found.values())


def test_busy_hours_are_clearly_above_the_open_mean():
    assert busy_hours([0, 10, 10, 40, 30, 10, 0]) == [3, 4]
    assert busy_hours([0.0] * 24) == []
