from datetime import date
from zoneinfo import ZoneInfo

import pytest

from server.db.footfall import HourCount
from server.web.period import midnight
from server.web.usual import Usual, by_local_hour, same_weekdays

DAYS = [{9: 10.0, 10: 20.0}, {9: 20.0, 10: 40.0}, {9: 30.0, 10: 60.0}]


def test_two_days_are_not_usual():
    usual = Usual(DAYS[:2])
    assert (usual.missing, usual.band(9), usual.until(10.0)) == (1, None, None)


def test_median_and_middle_of_an_hour():
    band = Usual(DAYS).band(9)
    assert (band.low, band.mid, band.high) == pytest.approx((12, 20, 28))


def test_an_hour_in_which_nobody_ever_came():
    assert Usual(DAYS).band(3).high == 0


def test_the_hour_under_way_counts_in_proportion():
    assert Usual(DAYS).until(10.25).mid == pytest.approx(20 + 40 / 4)
    assert Usual(DAYS).until(24.0).mid == pytest.approx(60)


def test_span_is_where_anyone_came():
    assert Usual(DAYS).span() == (9, 11)
    assert Usual([]).span() is None


def test_same_weekdays():
    found = same_weekdays(date(2026, 11, 21), weeks=3)
    assert found == [date(2026, 11, 14), date(2026, 11, 7), date(2026, 10, 31)]


def test_hours_are_local():
    berlin, day = ZoneInfo("Europe/Berlin"), date(2026, 11, 21)
    nine = midnight(day, berlin).timestamp() + 9 * 3600
    assert by_local_hour([HourCount(nine, 7, 3, 3600.0)], day, berlin) == {9: 7.0}
