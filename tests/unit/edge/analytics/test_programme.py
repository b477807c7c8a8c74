"""What a screen shows when."""

import itertools
import math

from hypothesis import given
from hypothesis import strategies as st

from edge.analytics.programme import MOST_KEPT, Programme

seconds = st.integers(0, 60)


def told(programme, start, end):
    return [(showing.creative, a, b) for showing, a, b in programme.between(start, end)]


def test_before_and_after_a_showing_nothing_is_known():
    programme = Programme()
    programme.show("tea", 10, 20)
    assert told(programme, 0, 30) == [(None, 0, 10), ("tea", 10, 20), (None, 20, 30)]


def test_what_is_told_later_holds_from_then_on():
    programme = Programme()
    programme.show("tea", 10, 60)
    programme.show("coffee", 30, 40)
    assert told(programme, 10, 60) == [("tea", 10, 30), ("coffee", 30, 40), (None, 40, 60)]


def test_told_twice_or_to_last_longer_it_is_one_showing():
    programme = Programme()
    for until in (20, 20, 50):
        programme.show("tea", 10, until)
    assert [showing.since for showing, _, _ in programme.between(10, 60)] == [10, 50]


def test_what_is_over_is_forgotten_and_so_is_what_nobody_asks_for():
    programme = Programme()
    for k in range(1000):
        programme.show(f"c{k}", k, k + 1)
    assert len(programme.between(-math.inf, math.inf)) <= MOST_KEPT + 1
    assert told(programme, 999, 1001) == [("c999", 999, 1000), (None, 1000, 1001)]


@given(st.lists(st.tuples(seconds, st.integers(1, 30)), max_size=8), st.lists(seconds, min_size=2, max_size=8))
def test_the_parts_of_a_time_are_all_of_it_however_it_is_cut(shows, cuts):
    whole, cut = Programme(), Programme()
    for k, (start, lasts) in enumerate(shows):
        for programme in (whole, cut):
            programme.show(f"c{k}", start, start + lasts)
    cuts = sorted(cuts)
    seconds_of = [{}, {}]
    for programme, ends, sums in ((whole, [cuts[0], cuts[-1]], seconds_of[0]), (cut, cuts, seconds_of[1])):
        for a, b in itertools.pairwise(ends):
            for showing, start, end in programme.between(a, b):
                sums[showing] = sums.get(showing, 0) + end - start
    assert seconds_of[0] == seconds_of[1]
    assert sum(seconds_of[0].values()) == cuts[-1] - cuts[0]
