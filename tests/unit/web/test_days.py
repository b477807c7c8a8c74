from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from server.domain.usual import Band
from server.web import days_chart
from server.web.days import Days, StepOfDays
from server.web.language import Words

WORDS = Words("en", ZoneInfo("Europe/Berlin"))
MONDAY = date(2026, 11, 16)


def day(i, entered, usual=None, *, so_far=None, running=False, ahead=False):
    band = None if usual is None else Band(usual * 0.9, usual, usual * 1.1)
    return StepOfDays(
        date=MONDAY + timedelta(days=i),
        entered=entered,
        left=0,
        inside=None,
        observed_s=0.0 if entered is None else 3600.0,
        running=running,
        ahead=ahead,
        usual=band,
        usual_so_far=so_far if running else usual,
    )


def week(*steps, step="day"):
    return Days(step, ["door"], list(steps), 7200.0, 3600.0)


def test_a_week_under_way_is_held_against_as_much_of_a_usual_one():
    found = week(day(0, 110, 100), day(1, 66, 120, so_far=60, running=True), day(2, None, 90, ahead=True))
    assert found.usual == 160
    assert found.change == pytest.approx(0.1)
    assert found.mean_inside == 2.0


def test_one_day_without_a_usual_leaves_no_comparison():
    assert week(day(0, 110, 100), day(1, 90)).change is None
    assert week().change is None


def test_the_running_day_heads_for_the_usual_day_scaled(parsed):
    chart = days_chart.draw(WORDS, week(day(0, 60, 120, so_far=30, running=True)), "this week")
    heading = [e for e in parsed(chart.wide).iter() if "heading" in (e.get("class") or "").split()]
    bar = next(e for e in parsed(chart.wide).iter() if "bar" in (e.get("class") or "").split())
    # 60 so far where 30 are usual: the other 90 come twice as fast, too.
    assert float(heading[0].get("height")) / float(bar.get("height")) == pytest.approx(3.0, rel=0.01)


@pytest.mark.parametrize(("n", "step", "names"), [(3, "day", ["Mon 16", "Tue 17", "Wed 18"]), (1, "week", ["16 Nov"])])
def test_days_are_named_under_their_bars(parsed, n, step, names):
    chart = days_chart.draw(WORDS, week(*(day(i, 10 * i) for i in range(n)), step=step), "x")
    ticks = [e.text for e in parsed(chart.wide).iter("text") if e.get("class") == "tick"]
    assert ticks[-len(names) :] == names


def test_what_is_ahead_is_not_in_the_table():
    chart = days_chart.draw(WORDS, week(day(0, 12), day(1, None), day(2, None, ahead=True)), "x")
    assert [row[:2] for row in chart.table.rows] == [["Mon 16 Nov", "12"], ["Tue 17 Nov", "–"]]
