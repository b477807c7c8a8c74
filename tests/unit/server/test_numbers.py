from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from server.db.packing import add_into, pack, pack_dense
from server.db.spans import HOUR_MS, cut, to_ms
from server.domain.intervals import count_interval


@given(st.lists(st.integers(0, 60_000), min_size=1, max_size=60))
def test_what_is_packed_comes_back(counts):
    total = np.zeros(len(counts))
    packed = pack_dense(np.array(counts, dtype=float))
    add_into(total, packed)
    add_into(total, None)
    assert total.tolist() == counts
    assert len(packed) == 8 * np.count_nonzero(counts)
    add_into(total, packed)
    assert total.sum() == 2 * sum(counts)


def test_a_cell_named_twice_counts_twice():
    total = np.zeros((2, 2))
    add_into(total, pack([3, 3], [1.5, 2.0]))
    assert total.tolist() == [[0, 0], [0, 3.5]]


@given(st.integers(0, 10**6), st.integers(-100, 10**5))
def test_a_cut_period_is_whole_without_gap_or_overlap(start, length):
    head, hours, tail = cut(start, start + length)
    filled = [part for part in (head, hours, tail) if part[0] < part[1]]
    assert sum(last - first for first, last in filled) == max(0, to_ms(length))
    assert all(a[1] == b[0] for a, b in pairwise(filled))
    assert hours[0] == hours[1] or all(edge % HOUR_MS == 0 for edge in hours)
    assert head[1] - head[0] < HOUR_MS or hours[0] == hours[1]


@pytest.mark.parametrize("n", [1, 2, 3, 5, 10, 100, 10_000])
def test_count_interval_agrees_with_the_exact_one(n):
    low, high = count_interval(n)
    assert low == pytest.approx(chi2.ppf(0.025, 2 * n) / 2, rel=0.02, abs=0.02)
    assert high == pytest.approx(chi2.ppf(0.975, 2 * n + 2) / 2, rel=0.02)


def test_nothing_counted_is_not_certainly_nothing():
    assert count_interval(0) == (0, pytest.approx(3.69, rel=0.01))
