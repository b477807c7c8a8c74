import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import lfilter

from server.domain.autoregression import memory_left, regress


def wandering(rng, n, memory):
    steps = rng.normal(size=n + 50)
    return lfilter([np.sqrt(1 - memory**2)], [1, -memory], steps)[50:]


def step(n, last):
    return np.column_stack([np.arange(n) >= n - last, np.ones(n)]).astype(float)


def test_without_noise_the_coefficients_are_exact():
    day = np.array([1, 2, 3, 5, 6, 9, 10, 11, 12, 13])
    columns = np.column_stack([np.ones(10), day])
    found = regress(columns @ [3.0, 0.5], columns, day)
    assert found.coefficients == pytest.approx([3.0, 0.5])
    assert found.estimate(1).low == pytest.approx(found.estimate(1).high, abs=1e-6)


def test_without_memory_it_is_least_squares():
    rng = np.random.default_rng(0)
    columns, day = step(120, 40), np.arange(120)
    values = 5 * columns[:, 0] + rng.permutation(wandering(rng, 120, 0.0))
    found = regress(values, columns, day)
    usual = np.linalg.lstsq(columns, values, rcond=None)[0]
    assert found.memory < 0.2
    assert found.coefficients == pytest.approx(usual, abs=0.05)
    assert found.error(0) == pytest.approx(np.sqrt(1 / 40 + 1 / 80), rel=0.25)


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.8])
def test_the_memory_is_found(memory):
    rng = np.random.default_rng(3)
    found = [regress(wandering(rng, 300, memory), step(300, 90), np.arange(300)).memory for _ in range(20)]
    assert np.mean(found) == pytest.approx(memory, abs=0.06)


def test_memory_fades_over_missing_days():
    rng = np.random.default_rng(4)
    whole = wandering(rng, 800, 0.7)
    keep = np.sort(rng.choice(800, size=400, replace=False))
    assert regress(whole[keep], np.ones((400, 1)), keep).memory == pytest.approx(0.7, abs=0.1)


@pytest.mark.parametrize(("memory", "last", "uneven"), [(0.0, 30, 0.0), (0.4, 30, 1.5), (0.6, 60, 0.0)])
def test_the_interval_covers(memory, last, uneven):
    """93 to 97 of 100, within what 250 draws tell."""
    rng, n = np.random.default_rng(5), 150
    day = np.arange(n)
    columns = np.column_stack([step(n, last), day / n, day % 7 >= 5])
    spread = 1 + uneven * (day % 7 >= 5)
    told = [regress(3 * columns[:, 0] + spread * wandering(rng, n, memory), columns, day) for _ in range(250)]
    held = np.mean([each.estimate(0).low <= 3 <= each.estimate(0).high for each in told])
    assert 0.92 <= held <= 0.985
    assert np.mean([memory_left(each) < 0.05 for each in told]) < 0.12


def test_memory_that_is_no_simple_one_is_noticed():
    rng, day = np.random.default_rng(6), np.arange(210)
    weekly = np.sin(2 * np.pi * day / 3.5) + 0.5 * rng.normal(size=210)
    assert memory_left(regress(weekly, np.ones((210, 1)), day)) < 0.01


@given(scale=st.floats(0.01, 1e4), shift=st.floats(-1e4, 1e4), seed=st.integers(0, 50))
def test_the_unit_does_not_matter(scale, shift, seed):
    values = wandering(np.random.default_rng(seed), 60, 0.4)
    one, other = (regress(each, step(60, 20), np.arange(60)) for each in (values, values * scale + shift))
    assert other.memory == pytest.approx(one.memory, abs=2e-3)
    assert other.coefficients[0] == pytest.approx(scale * one.coefficients[0], rel=0.02, abs=0.02 * scale)
    assert other.p(0) == pytest.approx(one.p(0), abs=0.02)


@pytest.mark.parametrize("columns", [np.ones((3, 2)), np.ones((30, 2)), np.eye(4)])
def test_columns_that_cannot_be_told_apart_are_refused(columns):
    with pytest.raises(ValueError, match="do not tell"):
        regress(np.arange(len(columns), dtype=float), columns, np.arange(len(columns)))
