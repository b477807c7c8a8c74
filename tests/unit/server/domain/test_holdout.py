from collections import Counter
from itertools import pairwise
from math import ceil, floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.holdout import (
    ARMS,
    BLOCK,
    SLOT_S,
    Shares,
    SharesError,
    arm,
    block_of,
    is_outcome,
    slot_of,
    slots_between,
)

SOME_SLOT = 2_950_000
USUAL = Shares()
names = st.text(max_size=20)


@st.composite
def some_shares(draw):
    first, second = sorted(draw(st.lists(st.integers(0, 90), min_size=2, max_size=2)))
    return Shares(first / 100, (second - first) / 100, (100 - second) / 100)


def drawn(slots, *, seed="s", site="shop", screen="door", campaign="coffee", shares=USUAL):
    return [arm(seed, site=site, screen=screen, campaign=campaign, slot=slot, shares=shares) for slot in slots]


@given(seed=names, site=names, screen=names, campaign=names, slot=st.integers(0, 10**8), shares=some_shares())
def test_whoever_asks_gets_the_same_arm(seed, site, screen, campaign, slot, shares):
    ask = {"site": site, "screen": screen, "campaign": campaign, "slot": slot, "shares": shares}
    first = arm(seed, **ask)
    arm.__globals__["_block"].cache_clear()
    assert first in ARMS and arm(seed, **ask) == first


@given(block=st.integers(0, 10**7), shares=some_shares())
def test_every_block_has_the_shares_as_nearly_as_ten_slots_allow(block, shares):
    counts = Counter(drawn(range(block * BLOCK, (block + 1) * BLOCK), shares=shares))
    for name in ARMS:
        expected = shares.of(name) * BLOCK
        assert floor(expected + 1e-9) <= counts[name] <= ceil(expected - 1e-9)


@pytest.mark.parametrize("place", range(BLOCK))
def test_the_chance_of_an_arm_is_its_share_in_every_place_of_a_block(place):
    shares = Shares(0.55, 0.3, 0.15)
    n = 4000
    counts = Counter(drawn((SOME_SLOT + i * BLOCK + place for i in range(n)), shares=shares))
    for name in ARMS:
        p = shares.of(name)
        assert abs(counts[name] - n * p) < 4 * (n * p * (1 - p)) ** 0.5


@pytest.mark.parametrize("other", [{"seed": "t"}, {"site": "mall"}, {"screen": "till"}, {"campaign": "tea"}])
def test_draws_of_others_are_independent(other):
    slots = range(SOME_SLOT, SOME_SLOT + 6000)
    one, two = (np.array(drawn(slots, **of)) == "targeted" for of in ({}, other))
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.06


def test_names_that_run_into_each_other_are_told_apart():
    slots = range(SOME_SLOT, SOME_SLOT + 100)
    assert drawn(slots, screen="ab", campaign="c") != drawn(slots, screen="a", campaign="bc")


def test_the_arm_changes_in_no_pattern():
    """After the same arm's slot within a block the next is as likely as the others left in it, wherever it lies."""
    arms = drawn(range(SOME_SLOT, SOME_SLOT + 40_000), shares=Shares(0.6, 0.2, 0.2))
    inside = [pair for i, pair in enumerate(pairwise(arms)) if (SOME_SLOT + i) % BLOCK != BLOCK - 1]
    follows = Counter(inside)
    after_nothing = sum(n for (first, _), n in follows.items() if first == "nothing")
    assert follows["nothing", "nothing"] / after_nothing == pytest.approx(1 / 9, abs=0.015)


@pytest.mark.parametrize(
    ("shares", "says"),
    [
        ((0.7, 0.25, 0.05), "nothing: needs a share of 0.1 to 1 of the slots, got 0.05"),
        ((1.1, -0.2, 0.1), "targeted"),
        ((0.9, -0.1, 0.2), "everyone"),
        ((0.5, 0.2, 0.2), "add up to 1, got 0.[89]"),
        ((float("nan"), 0.5, 0.5), "targeted"),
    ],
)
def test_shares_that_could_show_nothing_are_refused(shares, says):
    with pytest.raises(SharesError, match=says):
        Shares(*shares)


def test_in_an_a_a_test_arms_are_drawn_alike_and_behave_alike():
    slots = range(SOME_SLOT, SOME_SLOT + 200)
    same = Shares(same=True)
    assert drawn(slots, shares=same) == drawn(slots)
    assert {same.acts_as(name) for name in ARMS} == {"targeted"}
    assert [Shares().acts_as(name) for name in ARMS] == list(ARMS)


@given(start=st.floats(1e9, 4e9), length=st.floats(0, 1e5))
def test_slots_between_are_the_whole_ones(start, length):
    end = start + length
    slots = slots_between(start, end)
    for slot in slots:
        assert start <= slot * SLOT_S and (slot + 1) * SLOT_S <= end
    assert len(slots) >= length / SLOT_S - 2


@given(t=st.floats(0, 4e9))
def test_an_instant_lies_in_its_slot(t):
    assert slot_of(t) * SLOT_S <= t < (slot_of(t) + 1) * SLOT_S
    assert block_of(slot_of(t)) == t // (SLOT_S * BLOCK)


def test_the_first_minute_of_a_slot_is_washed_out():
    start = SOME_SLOT * SLOT_S
    assert is_outcome([start, start + 59.9, start + 60, start + 540, start + 600]).tolist() == [0, 0, 1, 1, 0]
