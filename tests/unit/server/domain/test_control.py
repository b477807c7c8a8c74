import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter

from server.domain.control import compared

N, START = 120, 85
DAY = np.arange(739_000, 739_000 + N)
AFTER = np.arange(N) >= START


def wandering(rng, width, memory=0.4):
    steps = rng.normal(size=(N + 50, width))
    return lfilter([np.sqrt(1 - memory**2)], [1, -memory], steps, axis=0)[50:]


def chain(seed, stores=4, own=0.05, everywhere=None):
    """(d, stores) margins about 100, 150, 200, ...: what all share, and a little of each store's own."""
    rng = np.random.default_rng(seed)
    shared = 1 + 0.12 * wandering(rng, 1, 0.7) + 0.3 * (DAY % 7 == 5)[:, None]
    if everywhere is not None:
        shared = shared * everywhere[:, None]
    return (shared + own * wandering(rng, stores)) * (100 + 50 * np.arange(stores))


def test_an_effect_is_found_beyond_what_happened_everywhere():
    season = np.where(AFTER, 1.4, 1.0)
    stores = chain(1, everywhere=season)
    found = compared(stores[:, 0] + 15 * AFTER, stores[:, 1:], AFTER, day=DAY)
    assert found.effect.low < 15 < found.effect.high and found.p < 0.001
    assert found.change > 45 and found.elsewhere == pytest.approx(found.change - found.effect.value)
    assert found.elsewhere == pytest.approx(40, abs=8)
    assert (found.days_before, found.days_after) == (START, N - START)
    assert found.without[AFTER].mean() == pytest.approx(stores[AFTER, 0].mean(), abs=5)
    assert found.checks == {"fit": True, "placebo": True, "placebo_space": True}


def test_what_rose_everywhere_is_no_effect():
    season = np.where(AFTER, 1.4, 1.0)
    found = [
        compared(stores[:, 0], stores[:, 1:], AFTER, day=DAY)
        for stores in (chain(seed, everywhere=season) for seed in range(40))
    ]
    assert np.mean([each.p < 0.05 for each in found]) <= 0.125
    assert min(each.change for each in found) > 20
    assert np.mean([all(each.checks.values()) for each in found]) > 0.85


@pytest.mark.parametrize("others", [1, 2, 5])
def test_the_interval_covers(others):
    held = []
    for seed in range(80):
        stores = chain(seed, 1 + others)
        effect = compared(stores[:, 0] + 4 * AFTER, stores[:, 1:], AFTER, day=DAY).effect
        held.append(effect.low <= 4 <= effect.high)
    assert 0.88 <= np.mean(held) <= 0.995


@settings(max_examples=25)
@given(scales=st.lists(st.floats(0.01, 1000), min_size=4, max_size=4), seed=st.integers(0, 100))
def test_stores_of_any_size_compare_alike(scales, seed):
    stores = chain(seed) + np.outer(12 * AFTER, [1, 0, 0, 0])
    one = compared(stores[:, 0], stores[:, 1:], AFTER, day=DAY)
    other = compared(stores[:, 0] * scales[0], stores[:, 1:] * scales[1:], AFTER, day=DAY)
    assert other.weights == pytest.approx(one.weights, abs=1e-6)
    assert other.effect.value == pytest.approx(one.effect.value * scales[0], rel=1e-4)
    assert (other.weights >= 0).all() and other.weights.sum() == pytest.approx(1)


def test_the_mix_is_of_those_that_go_alike():
    rng = np.random.default_rng(7)
    stores = chain(7, 3, own=0.02)
    strange = 80 + 20 * wandering(rng, 2)
    found = compared(stores[:, 0], np.column_stack([stores[:, 1:], strange]), AFTER, day=DAY)
    assert found.weights[:2].sum() > 0.9


def test_stores_that_have_nothing_in_common_do_not_fit():
    rng = np.random.default_rng(8)
    found = compared(100 + 2 * wandering(rng, 1)[:, 0], 100 + 40 * wandering(rng, 2), AFTER, day=DAY)
    assert not found.checks["fit"]


def test_a_parting_of_ways_before_the_change_is_noticed():
    stores = chain(9)
    early = compared(stores[:, 0] * np.where(np.arange(N) >= 55, 1.3, 1), stores[:, 1:], AFTER, day=DAY)
    assert not early.checks["placebo"]


def test_another_store_that_changed_too_is_noticed():
    stores = chain(10)
    stores[:, 2] *= np.where(AFTER, 1.5, 1)
    assert not compared(stores[:, 0], stores[:, 1:], AFTER, day=DAY).checks["placebo_space"]


def test_days_not_told_somewhere_or_closed_are_left_out():
    stores = chain(11)
    stores[40:45, 2] = np.nan
    closed = DAY % 7 == 0
    stores[closed] = 0
    found = compared(stores[:, 0] + 15 * AFTER, stores[:, 1:], AFTER, day=DAY, told=~closed)
    assert found.effect.low < 15 < found.effect.high
    assert np.isnan(found.without[40:45]).all() and np.isnan(found.without[closed]).all()


@pytest.mark.parametrize(
    ("others", "after"),
    [(0, AFTER), (2, np.arange(N) >= 20), (2, np.arange(N) >= N - 3), (2, np.zeros(N, bool))],
)
def test_too_little_says_nothing(others, after):
    stores = chain(12)
    assert compared(stores[:, 0], stores[:, 1 : 1 + others], after, day=DAY) is None


def test_what_earned_nothing_before_has_no_level():
    stores = chain(13)
    assert compared(np.where(AFTER, stores[:, 0], 0), stores[:, 1:], AFTER, day=DAY) is None
