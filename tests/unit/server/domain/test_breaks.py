"""What changed without anybody asking: found where it was planted, and nothing where nothing was."""

import numpy as np
import pytest

from server.domain.breaks import FEWEST_WEEKS, find_breaks

FIRST = 739_900 - (739_900 + 6) % 7
WEEKDAYS = np.array([0.9, 0.9, 0.95, 1.0, 1.2, 1.4, 0.7])


def days(weeks, *, series=1, seed=0, noise=0.12):
    rng = np.random.default_rng(seed)
    d = 7 * weeks
    day = np.arange(FIRST, FIRST + d)
    return day, 200 * np.tile(WEEKDAYS, weeks) * np.exp(rng.normal(0, noise, (series, d)))


def look(day, series, **given):
    named = {f"s{i}": values for i, values in enumerate(series)}
    closed = given.pop("closed", np.zeros(len(day), np.bool_))
    return find_breaks(named, day, closed, rng=np.random.default_rng(7), **given)


@pytest.mark.parametrize("seed", range(5))
def test_a_planted_break_is_found_where_it_is(seed):
    day, series = days(16, series=20, seed=seed)
    series[3, 7 * 10 :] *= 0.8
    first, *_ = look(day, series)
    assert (first.series, first.kind) == ("s3", "break")
    assert abs(first.day - (FIRST + 70)) <= 7
    assert first.change.low < -0.2 < first.change.high


def test_a_planted_trend_is_told_as_one():
    day, series = days(16, series=20, seed=3)
    series[5] *= np.exp(np.linspace(0, 0.5, len(day)))
    (first, *_) = look(day, series)
    assert (first.series, first.kind) == ("s5", "trend")
    assert first.change.low < np.exp(0.5 * 15 / 16) - 1 < first.change.high


def test_noise_is_hardly_ever_news():
    """At most one in twenty of those looked at together tells anything; 40 looks of 20 series."""
    told = sum(bool(look(*days(12, series=20, seed=100 + seed))) for seed in range(40))
    assert told <= 5


def test_a_week_that_is_always_alike_is_no_break():
    day, series = days(12, noise=0.0)
    assert look(day, series) == []


def test_too_short_a_history_tells_nothing():
    day, series = days(FEWEST_WEEKS - 1)
    series[:, 20:] *= 3
    assert look(day, series) == []


def test_closed_days_and_gaps_are_passed_over():
    day, series = days(16, seed=2)
    series[0, 7 * 10 :] *= 1.5
    closed = np.zeros(len(day), np.bool_)
    closed[30:33], series[0, 30:33], series[0, 50] = True, 1.0, np.nan
    (found,) = look(day, series, closed=closed)
    assert abs(found.day - (FIRST + 70)) <= 7


def test_small_changes_are_no_news_however_sure():
    day, series = days(30, noise=0.01)
    series[0, 7 * 15 :] *= 1.03
    assert look(day, series) == []


def test_few_are_named():
    day, series = days(16, series=10, noise=0.02)
    series[:, 7 * 8 :] *= 1.4
    assert len(look(day, series, most=3)) == 3


def test_the_same_input_tells_the_same():
    day, series = days(16, series=4, seed=1)
    series[2, 60:] *= 1.3
    assert look(day, series) == look(day, series)
