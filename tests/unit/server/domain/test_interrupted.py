from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter

from server.domain.interrupted import days_missing, factors, interrupted

N = 140


def since(start, n=N):
    return np.arange(n) >= start


def spans(*starts, length=14, n=N):
    return np.any([(np.arange(n) >= start) & (np.arange(n) < start + length) for start in starts], axis=0)


def wandering(seed, n=N, memory=0.4):
    steps = np.random.default_rng(seed).normal(size=n + 50)
    return lfilter([np.sqrt(1 - memory**2)], [1, -memory], steps)[50:]


def figure(seed, n=N):
    """A day's margin about 100: Saturdays, a trend, chance of 5."""
    day = np.arange(n)
    return 100 + 20 * (day % 7 == 5) + 0.05 * day + 5 * wandering(seed, n)


def told(values, on, make_days, **options):
    days = make_days(len(values))
    return interrupted(values, on, factors(days), day=days.day, **options)


def test_a_step_is_found_with_its_interval(make_days):
    found = told(figure(2) + 15 * since(100), since(100), make_days)
    assert found.effect.low < 15 < found.effect.high
    assert found.effect.high - found.effect.low < 16
    assert found.p < 0.001 and found.net == found.effect and found.echo is None
    assert (found.days_without, found.days_on) == (100, 40)
    assert found.checks == dict.fromkeys(["placebo", "pre_trend", "trend", "residuals"], True)
    assert found.without[100:].mean() == pytest.approx(100 + 20 / 7 + 6, abs=6)


def test_nothing_is_found_where_nothing_is(make_days):
    found = [told(figure(seed), since(100), make_days) for seed in range(40)]
    assert np.mean([each.p < 0.05 for each in found]) <= 0.15
    for check in ("placebo", "pre_trend", "trend", "residuals"):
        assert np.mean([each.checks[check] for each in found]) > 0.85, check


@pytest.mark.parametrize("on", [since(100), spans(40, 100)], ids=["a move", "an offer"])
def test_the_interval_covers(on, make_days):
    days = make_days(N)
    held = [
        interrupted(figure(seed) + 8 * on, on, factors(days), day=days.day, echo_days=0).effect for seed in range(60)
    ]
    assert 0.88 <= np.mean([each.low <= 8 <= each.high for each in held]) <= 0.995


def test_a_rise_that_had_begun_before_is_not_believed(make_days):
    day = np.arange(N)
    rising = 40 * np.clip((day - 70) / 60, 0, 1)
    doubted = [not all(told(figure(seed) + rising, since(100), make_days).checks.values()) for seed in range(20)]
    assert np.mean(doubted) > 0.8


def test_what_strays_just_before_is_noticed(make_days):
    early = figure(3) + 25 * since(88)
    assert not told(early, since(100), make_days).checks["pre_trend"]


def test_a_step_where_there_was_no_change_is_noticed(make_days):
    assert not told(figure(3) + 25 * since(75), since(110), make_days).checks["placebo"]


def test_what_is_bought_ahead_is_set_against_what_was_sold(make_days):
    on, after = spans(40, 100), spans(54, 114)
    found = told(figure(4) + 20 * on - 10 * after, on, make_days, echo_days=14)
    assert found.effect.value == pytest.approx(20, abs=5)
    assert found.echo.value == pytest.approx(-10, abs=5)
    assert found.net.value == pytest.approx(10, abs=6)
    assert found.net.high - found.net.low > found.effect.high - found.effect.low


def test_what_else_moves_a_figure_is_taken_out(make_days):
    days = make_days(N)
    rng = np.random.default_rng(5)
    warm, came = rng.normal(15, 5, N), 1000 + 200 * rng.normal(size=N) + 150 * since(100)
    days = replace(days, temperature_c=warm, rain_mm=np.zeros(N), entrants=came)
    values = figure(5) + 2 * warm + 0.1 * came
    assert interrupted(values, since(100), factors(days), day=days.day).p > 0.05
    assert interrupted(values, since(100), factors(days, traffic=False), day=days.day).effect.value > 8


def test_days_that_were_not_told_or_closed_are_left_out(make_days):
    days, on = make_days(N), since(100)
    values = figure(6) + 15 * on
    closed = np.arange(N) % 7 == 6
    values[closed] = 0.0
    values[30:35] = np.nan
    found = interrupted(values, on, factors(days), day=days.day, told=~closed)
    assert found.effect.low < 15 < found.effect.high
    assert np.isnan(found.without[30:35]).all() and np.isnan(found.without[closed]).all()
    assert found.days_on == (on & ~closed).sum()


@pytest.mark.parametrize(
    ("on", "missing"),
    [(since(20), 8), (since(N - 3), 4), (np.zeros(N, bool), 7), (np.ones(N, bool), 28), (since(100), 0)],
)
def test_too_few_days_say_nothing(on, missing, make_days):
    assert days_missing(on, np.ones(N, bool)) == missing
    assert (told(figure(7), on, make_days) is None) == bool(missing)


def test_what_falls_together_with_weekdays_cannot_be_told(make_days):
    assert told(figure(8), np.arange(N) % 7 == 5, make_days) is None


@settings(max_examples=20)
@given(start=st.integers(60, 120), size=st.floats(-50, 50), level=st.floats(-1000, 1000))
def test_levels_cancel_and_effects_add_up(start, size, level):
    day, on = np.arange(N), since(start)
    beside = np.column_stack([day % 7 == 5, day / N]).astype(float)
    plain = interrupted(figure(9), on, beside, day=day)
    moved = interrupted(figure(9) + level + size * on, on, beside, day=day)
    assert moved.effect.value == pytest.approx(plain.effect.value + size, abs=0.05)
    assert moved.memory == pytest.approx(plain.memory, abs=0.01)
