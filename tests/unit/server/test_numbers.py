import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import chi2

from server.db.packing import add_into, pack
from server.domain.intervals import count_interval


@given(
    arrays(np.int64, st.tuples(st.integers(1, 4), st.integers(1, 700)), elements=st.integers(0, 2**40), fill=st.just(0))
)
def test_what_is_packed_comes_back(counts):
    total = np.zeros_like(counts)
    packed = pack(counts)
    add_into(total, packed)
    add_into(total, None)
    assert (total == counts).all()
    add_into(total, packed)
    assert (total == 2 * counts).all()
    assert (packed is None) == (not counts.any())


def test_layers_are_added_to_their_own_rows_whatever_the_shape():
    counts = np.zeros((2, 6), np.int64)
    counts[0, 5], counts[1, 1] = 300, 2
    total = np.ones((2, 2, 3))
    add_into(total, pack(counts))
    assert total.tolist() == [[[1, 1, 1], [1, 1, 301]], [[1, 3, 1], [1, 1, 1]]]


def test_a_minute_of_a_large_floor_is_small():
    """Eight people who walk on 1,600 cells: as 4-byte indices and values it was 3.4 kB, without visits and stops."""
    rng = np.random.default_rng(5)
    counts = np.zeros((4, 1600), np.int64)
    cells = rng.choice(1600, 400, replace=False)
    counts[0, cells], counts[1, cells], counts[2, cells[:5]] = 100 * rng.integers(1, 30, 400), 1, 1
    assert len(pack(counts)) < 1000


@pytest.mark.parametrize("n", [1, 2, 3, 5, 10, 100, 10_000])
def test_count_interval_agrees_with_the_exact_one(n):
    low, high = count_interval(n)
    assert low == pytest.approx(chi2.ppf(0.025, 2 * n) / 2, rel=0.02, abs=0.02)
    assert high == pytest.approx(chi2.ppf(0.975, 2 * n + 2) / 2, rel=0.02)


def test_nothing_counted_is_not_certainly_nothing():
    assert count_interval(0) == (0, pytest.approx(3.69, rel=0.01))
