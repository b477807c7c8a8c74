"""Effects on one line, promises against results, before and after; and amounts of money as they are written."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.intervals import Estimate
from server.web.figures import effects
from server.web.figures.effects import Point, Side
from server.web.language import Words
from server.web.money import JOINER, Money, rounded, tidy, upwards

AMOUNTS = st.integers(-(10**6), 10**6)


def estimate(a, b, c):
    low, value, high = sorted((a, b, c))
    return Estimate(value, low, high)


@pytest.fixture
def english():
    return Words("en", ZoneInfo("Europe/Berlin"))


@pytest.fixture
def russian():
    return Words("ru", ZoneInfo("Europe/Moscow"))


@given(st.lists(st.builds(estimate, AMOUNTS, AMOUNTS, AMOUNTS), max_size=6))
def test_every_interval_and_zero_lie_on_the_axis(found):
    axis = effects.axis_of(found)
    for value in [0.0, *(bound for one in found for bound in (one.low, one.high))]:
        assert axis.low <= value <= axis.high
    assert 0.0 in [round(tick, 6) for tick in axis.ticks]
    assert 2 <= len(axis.ticks) <= 7


def test_an_effect_lies_where_its_numbers_are(parsed):
    axis = effects.axis_of([Estimate(0, -200, 600)])
    drawn = parsed(effects.effect_row(axis, Estimate(200, 0, 400), look="now", label="+200"))
    line, dot = drawn.find("line"), drawn.find("circle")
    zero = parsed(effects.zero_line(axis)).find("line")
    assert line.get("x1") == zero.get("x1")
    assert float(dot.get("cx")) == pytest.approx((float(line.get("x1")) + float(line.get("x2"))) / 2)


@pytest.mark.parametrize("n", range(5))
def test_bars_rise_with_the_evidence(parsed, n):
    bars = parsed(effects.rising_bars(n)).findall("rect")
    assert [bar.get("class") for bar in bars] == ["full"] * n + ["none"] * (4 - n)


def test_a_promise_that_was_kept_lies_on_the_line(parsed):
    points = [Point(100, 100, "held", "kept"), Point(200, 200, "held", "kept"), Point(150, -80, "wrong", "no")]
    drawn = parsed(effects.promises_chart(points, label="three", written=lambda value: f"{value:g}", unit="promised"))
    same = drawn.find("line[@class='same']")
    a, b = ((float(same.get(f"x{i}")), float(same.get(f"y{i}"))) for i in (1, 2))
    for dot in drawn.findall(".//circle")[:2]:
        x, y = float(dot.get("cx")), float(dot.get("cy"))
        assert y == pytest.approx(a[1] + (b[1] - a[1]) * (x - a[0]) / (b[0] - a[0]), abs=0.5)
    wrong = drawn.find(".//circle[@class='dot wrong']")
    assert float(wrong.get("cy")) > float(drawn.find("line[@class='zero']").get("y1"))


@pytest.mark.parametrize(("before", "after"), [(84, 14), (84, 56), (28, 56), (30, 28)])
def test_both_sides_stay_wide_enough_for_their_words(parsed, before, after):
    sides = Side(before, "before", "1 Jan"), Side(2, "", "25 Mar"), Side(after, "after", "27 Mar")
    drawn = parsed(effects.two_sides(*sides, end="24 Apr", label="both"))
    widths = [float(rect.get("width")) for rect in drawn.findall("rect")]
    assert min(widths) > 90
    assert bool(drawn.findall("line[@class='side-cut']")) == (before / (before + 2 + after) > effects.WIDEST)


@given(st.integers(28, 84), st.integers(7, 56), st.data())
def test_today_moves_on_from_left_to_right(before, after, data):
    sides = Side(before, "", ""), Side(2, "", ""), Side(after, "", "")
    passed = data.draw(st.integers(0, before + after))

    def place(day):
        drawn = str(effects.two_sides(*sides, end="", label="", passed=day))
        return float(drawn.split('class="now-mark"', maxsplit=1)[0].rsplit('x1="', 1)[1].split('"', maxsplit=1)[0])

    assert 0 <= place(passed) < place(passed + 1) <= 372


def test_money_is_written_as_the_language_does(english, russian):
    assert Money(english, "EUR").signed(310) == f"+{JOINER}€310"
    assert Money(english, "EUR").amount(-1234.4) == f"−{JOINER}€1,234"
    assert Money(russian, "RUB").signed(1234) == f"+{JOINER}1 234 ₽".replace(" ", "\u00a0")
    assert Money(english, "EUR").signed(0.2) == "€0"
    assert Money(english, "").amount(12) == "12"


def test_amounts_are_no_more_exact_than_their_interval():
    assert rounded(Estimate(312.4, 118.2, 506.6)) == Estimate(310, 120, 510)
    assert rounded(Estimate(3.26, 2.1, 4.4)) == Estimate(3, 2, 4)
    assert rounded(Estimate(31_244, 11_800, 50_660)) == Estimate(31_000, 12_000, 51_000)
    assert (tidy(1234), tidy(-1234), tidy(12.3)) == (1200, -1200, 12)


@given(st.floats(0, 1e6))
def test_a_test_never_sees_less_than_is_said(amount):
    assert upwards(amount) >= amount
