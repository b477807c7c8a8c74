from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from server.web import period as periods
from server.web.language import Words

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 21, 13, 20, tzinfo=UTC)


def read(key=None, start=None, end=None, timezone=BERLIN, now=NOW):
    return periods.read(key, start, end, now=now, timezone=timezone)


def test_today_is_cut_at_the_sites_midnight():
    assert read().start == datetime(2026, 11, 20, 23, tzinfo=UTC)
    assert read(timezone=ZoneInfo("Pacific/Auckland")).start == datetime(2026, 11, 21, 11, tzinfo=UTC)


def test_a_day_with_a_clock_change_has_25_hours():
    start, end = periods.day_span(date(2026, 10, 25), BERLIN)
    assert end - start == timedelta(hours=25)


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        ("yesterday", date(2026, 11, 20), date(2026, 11, 20)),
        ("28d", date(2026, 10, 25), date(2026, 11, 21)),
        ("week", date(2026, 11, 16), date(2026, 11, 22)),
        ("lastweek", date(2026, 11, 9), date(2026, 11, 15)),
        ("month", date(2026, 11, 1), date(2026, 11, 30)),
        ("lastmonth", date(2026, 10, 1), date(2026, 10, 31)),
    ],
)
def test_named_periods_are_whole_local_days(key, first, last):
    period = read(key)
    assert (period.first_day, period.last_day) == (first, last)
    assert (period.start, period.end) == periods.days_span(first, last, BERLIN)


@pytest.mark.parametrize("key", [*periods.NAMED, "custom"])
def test_the_url_says_the_period_again(key):
    asked = read("today", "2026-11-21T07:00", "2026-11-21T14:00") if key == "custom" else read(key)
    query = asked.query()
    assert read(query.get("period"), query.get("from"), query.get("to")) == asked


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-11-21T14:00", "2026-11-21T07:00"),
        ("x", "y"),
        ("2026-11-21T07:00", None),
        ("1990-01-01T00:00", "2026-01-01T00:00"),
    ],
)
def test_nonsense_is_today(start, end):
    assert read(None, start, end).key == "today"


def test_spans_in_words():
    words = Words("en", BERLIN)
    assert periods.span(read("yesterday"), words) == "Fri 20 Nov"
    assert periods.span(read("7d"), words) == "Sun 15 Nov – Sat 21 Nov"
    assert periods.span(read(None, "2026-11-21T07:00", "2026-11-21T14:00"), words) == "Sat 21 Nov 07:00–14:00"
    assert periods.span(read(None, "2026-11-21T20:00", "2026-11-22T00:00"), words) == "Sat 21 Nov 20:00–24:00"
