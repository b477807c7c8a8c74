from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from server.web.gaps import Gap, gaps, words_of
from server.web.language import Words

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 11, 15, 23, tzinfo=UTC)  # Monday, midnight in Berlin
HOUR = timedelta(hours=1)


def found(hours, days=4, known=0):
    watched = {START + timedelta(days=day) + hour * HOUR for day in range(days) for hour in range(7, 22)} - set(hours)
    start = START + timedelta(days=known)
    return gaps(watched, start=start, end=START + timedelta(days=days), known_from=START, timezone=BERLIN)


def test_a_closed_night_is_no_gap():
    assert found([]) == []


def test_a_blank_evening_is_one_gap():
    evening = [START + timedelta(days=2) + hour * HOUR for hour in (19, 20, 21)]
    assert found(evening) == [Gap(evening[0], evening[2] + HOUR)]


def test_the_longest_comes_first():
    lone, pair = START + 9 * HOUR, [START + timedelta(days=1) + hour * HOUR for hour in (10, 11)]
    assert [gap.end - gap.start for gap in found([lone, *pair])] == [2 * HOUR, HOUR]


def test_in_words():
    words = Words("en", BERLIN)
    evening = START + timedelta(days=2, hours=19)
    assert words_of([], words) == ""
    assert words_of([Gap(evening, evening + 3 * HOUR)], words) == (
        "Nothing was received Wed 18 Nov 19:00–22:00; that time is blank here, not empty."
    )
    assert words_of([Gap(evening, evening + 12 * HOUR)] * 2, words) == (
        "Nothing was received Wed 18 Nov 19:00 – Thu 19 Nov 07:00; that time is blank here, not empty. So is 1 more time."
    )
