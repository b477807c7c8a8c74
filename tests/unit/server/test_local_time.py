from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.db.local_time import (
    HOUR_MS,
    Hours,
    day_of,
    day_start,
    days_between,
    hour_start,
    hours_between,
    next_hour,
    read_hours,
    step_start,
)
from server.db.spans import cut_at

BERLIN, KOLKATA, LORD_HOWE = "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe"
SAMPLE = (BERLIN, KOLKATA, LORD_HOWE, "America/Havana", "Africa/Cairo", "America/Nuuk", "Asia/Kathmandu", "UTC")
CHANGES = (  # just before the clocks of Berlin, Lord Howe, Havana, Cairo and Nuuk change
    datetime(2025, 3, 30, tzinfo=UTC),
    datetime(2025, 10, 26, tzinfo=UTC),
    datetime(2025, 4, 5, 14, tzinfo=UTC),
    datetime(2025, 10, 4, 14, tzinfo=UTC),
    datetime(2025, 11, 2, 4, tzinfo=UTC),
    datetime(2025, 3, 9, 4, tzinfo=UTC),
    datetime(2025, 4, 24, 21, tzinfo=UTC),
    datetime(2025, 10, 30, 20, tzinfo=UTC),
)
zones = st.sampled_from(SAMPLE).map(ZoneInfo)
instants = st.builds(
    lambda change, s: round(change.timestamp() + s) * 1000, st.sampled_from(CHANGES), st.integers(-200_000, 200_000)
)


def ms(text):
    return round(datetime.fromisoformat(text).timestamp()) * 1000


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (BERLIN, date(2025, 3, 30), 23),
        (BERLIN, date(2025, 10, 26), 25),
        (BERLIN, date(2025, 7, 1), 24),
        (LORD_HOWE, date(2025, 10, 5), 23.5),
        (LORD_HOWE, date(2025, 4, 6), 24.5),
        (KOLKATA, date(2025, 3, 30), 24),
    ],
)
def test_a_day_is_as_long_as_the_clock_makes_it(zone, day, hours):
    timezone = ZoneInfo(zone)
    first, last = day_start(day, timezone), day_start(day.replace(day=day.day + 1), timezone)
    assert (last - first) / HOUR_MS == hours
    assert list(days_between(first, last, timezone)) == [(day, first, last)]


def test_an_hour_begins_where_the_local_clock_is_full():
    assert hour_start(ms("2025-11-22T12:10+05:30"), ZoneInfo(KOLKATA)) == ms("2025-11-22T12:00+05:30")
    assert next_hour(ms("2025-11-22T12:10+05:30"), ZoneInfo(KOLKATA)) == ms("2025-11-22T13:00+05:30")


def test_an_hour_in_which_the_clocks_change_is_cut_there():
    """Lord Howe: at 2:00 on 5 October it is 2:30; at 2:00 on 6 April it is 1:30 again."""
    spring, autumn = ms("2025-10-05T02:30+11:00"), ms("2025-04-06T01:30+10:30")
    timezone = ZoneInfo(LORD_HOWE)
    assert [next_hour(spring - HOUR_MS, timezone), next_hour(spring, timezone)] == [
        spring,
        ms("2025-10-05T03:00+11:00"),
    ]
    assert [next_hour(autumn - HOUR_MS, timezone), next_hour(autumn, timezone)] == [
        autumn,
        ms("2025-04-06T02:00+10:30"),
    ]
    assert hour_start(spring + 60_000, timezone) == spring
    assert hour_start(autumn + 60_000, timezone) == autumn


@given(instants, zones)
def test_an_instant_is_in_its_hour_and_the_hour_in_its_day(t_ms, timezone):
    start, end = hour_start(t_ms, timezone), next_hour(t_ms, timezone)
    assert start <= t_ms < end <= start + HOUR_MS
    assert hour_start(start, timezone) == hour_start(end - 1, timezone) == start
    assert hour_start(end, timezone) == end
    day = day_of(t_ms, timezone)
    assert day_of(start, timezone) == day_of(end - 1, timezone) == day
    assert day_start(day, timezone) <= start


@given(instants, zones, st.integers(1, 5 * 86_400_000))
def test_days_follow_without_gap_and_consist_of_hours(first, timezone, length):
    found = list(days_between(first, first + length, timezone))
    assert found[0][1] <= first < found[0][2]
    assert found[-1][1] < first + length <= found[-1][2]
    assert all(a[2] == b[1] for a, b in pairwise(found))
    for day, start, end in found:
        hours = list(hours_between(start, end, timezone))
        assert next_hour(hours[-1], timezone) == end
        assert {day_of(t_ms, timezone) for t_ms in hours} == {day}
        assert all(next_hour(a, timezone) == b for a, b in pairwise(hours))


@given(instants, zones, st.integers(0, 4 * 86_400_000), st.data())
def test_a_cut_period_is_whole_without_gap_or_overlap(first, timezone, length, data):
    days = {start: end for _, start, end in days_between(first, first + length, timezone)}
    ready = data.draw(st.sets(st.sampled_from(sorted(days)))) if days else set()
    span = cut_at(first, first + length, timezone, ready)
    pieces = [(t, days[t]) for t in span.days] + [(t, next_hour(t, timezone)) for t in span.hours] + [*span.windows]
    pieces.sort()
    assert sum(b - a for a, b in pieces) == length
    assert all(a[1] == b[0] for a, b in pairwise(pieces))
    assert set(span.days) == {t for t in ready if first <= t and days[t] <= first + length}
    assert all(b - a < HOUR_MS for a, b in span.windows)


@given(instants, zones, st.integers(0, 3 * 86_400_000))
def test_a_choice_of_hours_takes_what_the_clock_says(first, timezone, length):
    chosen = Hours(frozenset({0, 2, 23}), frozenset({5, 6}))
    every, span = (cut_at(first, first + length, timezone, (), choice) for choice in (Hours(), chosen))
    for t_ms in (*every.hours, *(part[0] for part in every.windows)):
        local = datetime.fromtimestamp(t_ms / 1000, timezone)
        held = t_ms in (*span.hours, *(part[0] for part in span.windows))
        assert held == (local.hour in {0, 2, 23} and local.weekday() >= 5)


@pytest.mark.parametrize(
    ("step", "start"),
    [
        ("hour", "2025-10-26T02:00+01:00"),
        ("day", "2025-10-26T00:00+02:00"),
        ("week", "2025-10-20T00:00+02:00"),
        ("month", "2025-10-01T00:00+02:00"),
    ],
)
def test_steps_begin_where_the_calendar_says(step, start):
    """In the second 2:30 of 26 October."""
    assert step_start(ms("2025-10-26T02:30+01:00"), step, ZoneInfo(BERLIN)) == ms(start)


@pytest.mark.parametrize(
    ("hours", "weekdays", "chosen"),
    [
        ("9-12,17", None, ({9, 10, 11, 12, 17}, set(range(7)))),
        ("22-1", "sat-mon", ({22, 23, 0, 1}, {5, 6, 0})),
        ("", " Fri , sun", (set(range(24)), {4, 6})),
    ],
)
def test_hours_and_weekdays_are_read(hours, weekdays, chosen):
    assert read_hours(hours, weekdays) == Hours(*map(frozenset, chosen))


def test_no_choice_is_none():
    assert read_hours(None, "") is None


@pytest.mark.parametrize(
    ("hours", "weekdays"), [("24", None), ("9-", None), ("nine", None), (None, "monday"), ("-3", "")]
)
def test_what_is_no_hour_is_said(hours, weekdays):
    with pytest.raises(ValueError, match="expected (hours|weekdays)"):
        read_hours(hours, weekdays)
