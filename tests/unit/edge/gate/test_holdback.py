from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.gate.holdback import LONGEST, Holdback
from edge.wire import AudienceCount, AudienceCounts

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DIGESTS = {name: f"{number:012x}" for number, name in enumerate("abcdefgh")}
K = 5


def counts(minute, cells, camera="door", zone="shelf", dwell_s=10.0):
    """`cells`: segment -> (n, of)."""
    t = NOON + minute * MINUTE
    told = [
        AudienceCount(zone=zone, segment=key, digest=DIGESTS[key], n=n, of=of, dwell_sum_s=n * dwell_s)
        for key, (n, of) in cells.items()
    ]
    return AudienceCounts(camera=camera, t_start=t, t_end=t + MINUTE, cells=told)


def run(holdback, minutes, key="a"):
    """The cells that go, each with the minute after which it went."""
    return [
        (minute, cell)
        for minute, (n, of) in enumerate(minutes)
        for cell in holdback.add(counts(minute, {key: (n, of)}))
    ]


def test_a_cell_waits_until_it_is_large_enough_and_says_which_span_it_covers():
    told = run(Holdback(smallest=K), [(2, 6), (0, 5), (2, 6), (1, 5)])
    ((minute, cell),) = told
    assert minute == 3
    assert (cell.n, cell.of, cell.dwell_sum_s) == (5, 22, 50.0)
    assert (cell.t_start, cell.t_end) == (NOON, NOON + 4 * MINUTE)


def test_it_waits_while_those_who_are_left_are_few():
    told = run(Holdback(smallest=K), [(5, 6), (5, 6), (5, 6), (0, 5)])
    assert [(minute, cell.n, cell.of) for minute, cell in told] == [(3, 15, 23)]


def test_where_everyone_is_of_the_segment_nobody_is_left_and_it_may_go():
    told = run(Holdback(smallest=K), [(5, 5)])
    assert [(cell.n, cell.of) for _, cell in told] == [(5, 5)]


def test_what_is_beyond_a_multiple_goes_with_the_next_cell():
    told = run(Holdback(smallest=K), [(7, 20), (1, 20), (2, 20)])
    assert [(cell.n, cell.of) for _, cell in told] == [(5, 20), (5, 40)]
    assert [(cell.t_start, cell.t_end) for _, cell in told] == [
        (NOON, NOON + MINUTE),
        (NOON + MINUTE, NOON + 3 * MINUTE),
    ]
    assert sum(cell.dwell_sum_s for _, cell in told) == pytest.approx(100.0)


def test_dwell_is_told_in_whole_seconds_on_average_and_the_rest_is_not_lost():
    holdback = Holdback(smallest=K)
    told = [cell for m in range(10) for cell in holdback.add(counts(m, {"a": (5, 10)}, dwell_s=2.4))]
    assert {cell.dwell_sum_s for cell in told} <= {10.0, 15.0}
    assert sum(cell.dwell_sum_s for cell in told) == pytest.approx(120.0, abs=5)


def test_segments_that_mean_times_need_not_wait():
    holdback = Holdback(smallest=K, times=frozenset({DIGESTS["a"]}))
    told = run(holdback, [(0, 3), (1, 1), (0, 0), (2, 3)])
    assert [(cell.n, cell.of, cell.dwell_sum_s) for _, cell in told] == [(1, 4, 10.0), (2, 3, 20.0)]


def test_counts_of_two_definitions_of_a_segment_are_never_added_up():
    holdback = Holdback(smallest=K)
    one, two = counts(0, {"a": (3, 10)}), counts(1, {"a": (3, 10)})
    other = two.model_copy(update={"cells": [two.cells[0].model_copy(update={"digest": "f" * 12})]})
    assert holdback.add(one) + holdback.add(other) == []


def test_nor_are_those_of_two_cameras_or_two_zones():
    holdback = Holdback(smallest=K)
    assert holdback.add(counts(0, {"a": (3, 10)})) == []
    assert holdback.add(counts(0, {"a": (3, 10)}, camera="till")) == []
    assert holdback.add(counts(0, {"a": (3, 10)}, zone="hall")) == []


def test_what_does_not_grow_in_a_week_is_given_up():
    holdback = Holdback(smallest=K)
    week = int(LONGEST / MINUTE)
    assert holdback.add(counts(0, {"a": (4, 10)})) == []
    assert holdback.add(counts(week + 1, {"a": (4, 10)})) == []
    (cell,) = holdback.add(counts(week + 2, {"a": (1, 10)}))
    assert cell.t_start == NOON + (week + 1) * MINUTE


def test_it_keeps_only_so_many():
    holdback = Holdback(smallest=K, most=100)
    for number in range(300):
        holdback.add(counts(0, {"a": (4, 10)}, zone=f"zone{number}"))
    assert len(holdback) == 100
    assert len(holdback.add(counts(1, {"a": (1, 10)}, zone="zone299"))) == 1, "the newest are known"
    assert holdback.add(counts(1, {"a": (1, 10)}, zone="zone0")) == [], "the oldest are not"


# Who comes: minutes of visits, each of which is of none, some or all of the segments. `a` holds `b` holds `c`; `d` and
# `e` are two parts of everyone, with the rest a third.
SEGMENTS_OF_A_KIND = {0: "", 1: "a", 2: "ab", 3: "abc", 4: "d", 5: "ad", 6: "abd", 7: "abcd", 8: "e", 9: "ae"}
INSIDE = (("a", "b"), ("a", "c"), ("b", "c"))
MINUTES = st.lists(st.lists(st.sampled_from(sorted(SEGMENTS_OF_A_KIND)), max_size=12), min_size=1, max_size=60)


def publish(minutes):
    """The cells that go as all those visits end, by segment in order."""
    holdback, told = Holdback(smallest=K), {key: [] for key in "abcde"}
    for minute, kinds in enumerate(minutes):
        cells = {key: (sum(key in SEGMENTS_OF_A_KIND[kind] for kind in kinds), len(kinds)) for key in told}
        for cell in holdback.add(counts(minute, {key: cell for key, cell in cells.items() if cell[1]})):
            told[cell.segment].append(cell)
    return told


def runs(cells):
    """Every row of cells without a gap."""
    return [cells[i:j] for i, j in combinations(range(len(cells) + 1), 2)]


def minutes_of(row):
    return slice((row[0].t_start - NOON) // MINUTE, (row[-1].t_end - NOON) // MINUTE)


def is_small(n):
    return 0 < n < K


@given(MINUTES)
def test_no_cell_is_small_and_no_sum_of_cells_leaves_few_of_all_who_came(minutes):
    for cells in publish(minutes).values():
        for row in runs(cells):
            n, everyone = sum(cell.n for cell in row), sum(len(kinds) for kinds in minutes[minutes_of(row)])
            assert everyone == sum(cell.of for cell in row)
            assert not is_small(n)
            assert not is_small(everyone - n)


@given(MINUTES)
def test_cells_of_segments_inside_each_other_never_differ_by_few_over_whatever_spans(minutes):
    told = publish(minutes)
    for outer, inner in INSIDE:
        for row, part in product(runs(told[outer]), runs(told[inner])):
            assert not is_small(sum(cell.n for cell in row) - sum(cell.n for cell in part))


@given(MINUTES)
def test_when_a_cell_comes_it_says_nothing_of_the_last_few(minutes):
    """It comes only at instants that anyone could foretell from the plain counts, and many come between two of them."""
    asked, since = [], 0
    for minute, kinds in enumerate(minutes):
        since += len(kinds)
        if since >= K:
            asked.append(NOON + (minute + 1) * MINUTE)
            since = 0
    for cells in publish(minutes).values():
        assert {cell.t_end for cell in cells} <= set(asked)


@given(MINUTES)
def test_nobody_is_counted_twice_and_the_spans_of_a_segment_follow_each_other(minutes):
    for key, cells in publish(minutes).items():
        came = sum(key in SEGMENTS_OF_A_KIND[kind] for kinds in minutes for kind in kinds)
        assert sum(cell.n for cell in cells) <= came
        assert all(cell.n % K == 0 for cell in cells)
        assert all(one.t_end == two.t_start for one, two in pairwise(cells))
