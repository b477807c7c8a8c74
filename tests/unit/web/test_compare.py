from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from server.web import compare
from server.web import period as periods

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 21, 13, 20, tzinfo=UTC)


def against(key=None, period=None, start=None, end=None, now=NOW, span=(None, None)):
    shown = periods.read(period, *span, now=now, timezone=BERLIN)
    return compare.read(key, start, end, period=shown, until=max(min(shown.end, now), shown.start))


@pytest.mark.parametrize(
    ("period", "key", "first", "last"),
    [
        ("today", "week", date(2026, 11, 14), date(2026, 11, 14)),
        ("today", "before", date(2026, 11, 20), date(2026, 11, 20)),
        ("7d", "week", date(2026, 11, 8), date(2026, 11, 14)),
        ("28d", "week", date(2026, 9, 27), date(2026, 10, 24)),
        ("lastweek", "before", date(2026, 11, 2), date(2026, 11, 8)),
        ("lastmonth", "before", date(2026, 9, 1), date(2026, 9, 30)),
        ("month", "before", date(2026, 10, 1), date(2026, 10, 21)),
    ],
)
def test_days_against_days(period, key, first, last):
    found = against(key, period)
    assert (found.first_day, found.last_day) == (first, last)


def test_today_so_far_meets_as_much_of_the_other_day():
    assert against().end.astimezone(BERLIN).strftime("%a %H:%M") == "Sat 14:20"


def test_the_same_time_of_day_after_the_clocks_changed():
    """On 25 October 2026 the clocks went back; a week before Saturday 31 October 14:20 is 24 October 14:20."""
    found = against(now=datetime(2026, 10, 31, 13, 20, tzinfo=UTC))
    assert found.start == datetime(2026, 10, 23, 22, tzinfo=UTC)
    assert found.end == datetime(2026, 10, 24, 12, 20, tzinfo=UTC)


def test_a_morning_meets_the_hours_just_before_it():
    found = against("before", span=("2026-11-21T09:00", "2026-11-21T12:00"))
    assert (found.end - found.start).total_seconds() == 3 * 3600
    assert found.end.astimezone(BERLIN).hour == 9


def test_nothing_and_a_span_of_ones_own():
    assert against("none") is None
    assert against("none", None, "2026-11-01T00:00", "2026-11-02T00:00").first_day == date(2026, 11, 1)
    assert against("nonsense").key == "week"
