import re
from dataclasses import replace

from server.web.figures.calendar import Bar, Row, Scale, calendar
from server.web.figures.week import week

DAY = 86_400.0
SCALE = Scale(0, 28 * DAY, [(7 * n * DAY, f"{7 * n} Nov") for n in range(4)], 10 * DAY, "now")


def drawn(*bars, clash=False, width=790.0):
    row = Row("Skyr", "/campaigns/skyr", bars, "Skyr", clash)
    return str(calendar([row], SCALE, label="Campaigns", width=width, left=90.0))


def spans(svg):
    return [
        (float(x), float(w)) for x, w in re.findall(r'<rect class="span[^"]*" x="([\d.]+)"[^>]*? width="([\d.]+)"', svg)
    ]


def test_a_bar_lies_where_its_days_are():
    ((x, width),) = spans(drawn(Bar(7 * DAY, 14 * DAY, "now")))
    assert (x, width) == (90 + 700 / 4, 175)


def test_what_lies_outside_the_calendar_is_cut_or_left_out():
    ((x, width),) = spans(drawn(Bar(-90 * DAY, 7 * DAY, "now"), Bar(60 * DAY, 70 * DAY, "now")))
    assert (x, width) == (90, 175)


def test_words_stand_on_the_bar_where_they_fit_else_behind_it_else_nowhere():
    wide = drawn(Bar(0, 28 * DAY, "now", "Dairy", "5,000 plays"))
    assert re.findall(r'class="on[^"]*"[^>]*>([^<]+)', wide) == ["Dairy", "5,000 plays"]
    small = drawn(Bar(7 * DAY, 8 * DAY, "now", "Dairy", "5,000 plays"))
    assert 'class="on' not in small
    assert "5,000 plays" in small
    crowded = drawn(Bar(7 * DAY, 8 * DAY, "now", note="5,000 plays"), Bar(9 * DAY, 10 * DAY, "now"))
    assert "5,000 plays" not in crowded


def test_names_are_links_and_text():
    svg = str(calendar([Row("<b>", "/x?a=1&b=2", [], "tip")], SCALE, label="C", width=400, left=90))
    assert '<a href="/x?a=1&amp;b=2"><text' in svg
    assert "&lt;b&gt;" in svg


def test_days_are_named_where_there_is_room():
    assert len(re.findall(r">\d+ Nov<", drawn())) == 4
    assert len(re.findall(r">\d+ Nov<", drawn(width=200.0))) < 4
    soon = calendar([], replace(SCALE, now=8 * DAY), label="C", width=790.0, left=90.0)
    assert ">7 Nov<" not in str(soon), "the word for now stands there"


def test_a_clash_is_marked_before_the_name():
    assert 'class="clash"' in drawn(clash=True)
    assert 'class="clash"' not in drawn()


def filled(parts):
    svg = str(week(parts, list("abcdefg"), label="Week"))
    return [
        (float(x), float(y), float(w))
        for x, y, w in re.findall(r'class="amount" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"', svg)
    ]


def test_a_week_without_hours_is_full():
    assert [width for _, _, width in filled([])] == [24 * 11.0] * 7


def test_hours_over_midnight_go_on_on_the_next_day_and_on_sunday_into_monday():
    (monday, sunday) = filled([(["sun"], "22:00-06:00")])
    assert (monday[0], monday[2]) == (36.0, 66.0)
    assert (sunday[0], sunday[2]) == (36 + 22 * 11.0, 22.0)
    assert sunday[1] - monday[1] == 6 * 15.0
