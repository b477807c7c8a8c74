from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.web import times
from server.web.language import Words

ENGLISH = Words("en", ZoneInfo("Europe/Berlin"))


@given(st.sets(st.integers(0, 23), min_size=1), st.sets(st.integers(0, 6), min_size=1))
def test_the_url_says_the_choice_again(hours, weekdays):
    found = times.read(times.hours_written(hours), times.weekdays_written(weekdays))
    if len(hours) == 24 and len(weekdays) == 7:
        assert found is None
    else:
        assert (found.hours_of_day, found.weekdays) == (hours, weekdays)


@pytest.mark.parametrize(("hours", "weekdays"), [("25", None), ("x", "mon"), (None, "someday"), ("", "")])
def test_nonsense_is_everything(hours, weekdays):
    assert times.read(hours, weekdays) is None


def test_a_weekday_is_chosen_alone_then_added_and_taken_away():
    assert times.toggled(None, 5) == "sat"
    assert times.toggled(times.read(None, "sat"), 6) == "sat,sun"
    assert times.toggled(times.read(None, "sat,sun"), 5) == "sun"
    assert times.toggled(times.read(None, "sun"), 6) is None


def test_in_words():
    assert times.title(times.read("9-11,17", "sat,sun"), ENGLISH) == "Sat, Sun 9:00–12:00, 17:00–18:00"
    assert times.title(times.read(None, "mon"), ENGLISH) == "Mon"
    assert times.title(None, ENGLISH) == "All hours"
