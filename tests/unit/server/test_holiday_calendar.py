from datetime import date

import pytest

from server.holiday_calendar import check_region, country_of, holiday_names


@pytest.mark.parametrize(
    ("timezone", "country"),
    [("Europe/Berlin", "DE"), ("Pacific/Auckland", "NZ"), ("Europe/Kiev", "UA"), ("UTC", None), ("Etc/GMT+3", None)],
)
def test_a_time_zone_tells_the_country(timezone, country):
    assert country_of(timezone) == country


def test_holidays_are_named_alike_each_year():
    first, second = (holiday_names("NZ", date(year, 1, 1), date(year, 12, 31)) for year in (2022, 2023))
    assert first[date(2022, 2, 7)] == first[date(2022, 2, 6)] == second[date(2023, 2, 6)] == "Waitangi Day"


def test_only_days_asked_for_and_none_without_a_region():
    found = holiday_names("DE", date(2025, 12, 24), date(2026, 1, 2))
    assert set(found) == {date(2025, 12, 25), date(2025, 12, 26), date(2026, 1, 1)}
    assert holiday_names(None, date(2025, 1, 1), date(2026, 1, 1)) == {}


def test_names_in_the_readers_language_where_they_are_known():
    day = date(2026, 6, 12)
    assert holiday_names("RU", day, day, language="ru")[day] == "День России"


def test_a_region_of_which_nothing_is_known_is_refused():
    assert check_region("NZ-AUK") == "NZ-AUK"
    with pytest.raises(ValueError, match="such as NZ"):
        check_region("XX")
    with pytest.raises(ValueError, match="NZ-AUK"):
        check_region("NZ-QQQ")
