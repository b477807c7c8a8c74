from datetime import date
from zoneinfo import ZoneInfo

from server.db.footfall import HourCount
from server.db.usual import by_local_hour, same_weekdays
from server.web.period import midnight


def test_same_weekdays():
    found = same_weekdays(date(2026, 11, 21), weeks=3)
    assert found == [date(2026, 11, 14), date(2026, 11, 7), date(2026, 10, 31)]


def test_hours_are_local():
    berlin, day = ZoneInfo("Europe/Berlin"), date(2026, 11, 21)
    nine = midnight(day, berlin).timestamp() + 9 * 3600
    assert by_local_hour([HourCount(nine, 7, 3, 3600.0)], day, berlin) == {9: 7.0}
