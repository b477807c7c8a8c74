import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import chi2

from server.db.packing import add_grid, pack_grid, pack_table, sum_tables
from server.domain.intervals import count_interval


@given(
    arrays(np.int64, st.tuples(st.integers(1, 4), st.integers(1, 700)), elements=st.integers(0, 2**40), fill=st.just(0))
)
def test_a_packed_grid_comes_back(counts):
    total = np.zeros_like(counts)
    packed = pack_grid(counts)
    add_grid(total, packed)
    add_grid(total, None)
    assert (total == counts).all()
    add_grid(total, packed)
    assert (total == 2 * counts).all()
    assert (packed is None) == (not counts.any())


def test_a_minute_of_a_large_floor_is_small():
    """Eight people who walk on 1,600 cells: as 4-byte indices and values it was 3.2 kB, without visits and stops."""
    rng = np.random.default_rng(5)
    counts = np.zeros((4, 1600), np.int64)
    cells = rng.choice(1600, 400, replace=False)
    counts[0, cells], counts[1, cells], counts[2, cells[:5]] = 100 * rng.integers(1, 30, 400), 1, 1
    assert len(pack_grid(counts)) < 1000


@given(st.lists(arrays(np.int64, (4, 24), elements=st.integers(0, 2**40), fill=st.just(0)), max_size=5))
def test_packed_tables_add_up(tables):
    packed = [pack_table(table) for table in tables]
    assert [one is None for one in packed] == [not table.any() for table in tables]
    found = sum_tables((one for one in packed if one), (4, 24))
    assert (found == np.sum(tables, axis=0, dtype=np.int64)).all()


@pytest.mark.parametrize("n", [1, 2, 3, 5, 10, 100, 10_000])
def test_count_interval_agrees_with_the_exact_one(n):
    low, high = count_interval(n)
    assert low == pytest.approx(chi2.ppf(0.025, 2 * n) / 2, rel=0.02, abs=0.02)
    assert high == pytest.approx(chi2.ppf(0.975, 2 * n + 2) / 2, rel=0.02)


def test_nothing_counted_is_not_certainly_nothing():
    assert count_interval(0) == (0, pytest.approx(3.69, rel=0.01))
