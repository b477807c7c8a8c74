import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.usual import Band
from server.web.figures import strokes, svg, ticks
from server.web.figures.bars import Bar, bar_chart
from server.web.figures.brush_chart import Handles, brush_chart
from server.web.figures.curve import Step, dwell_curve


def by_class(root, name):
    return [e for e in root.iter() if name in (e.get("class") or "").split()]


def bar(label, value, **more):
    return Bar(label, value, str(value), f"{value} people", **more)


def test_text_and_attributes_are_escaped(parsed):
    drawn = svg.element("text", 'Milk & "<b>bread</b>"', data_tip='<script>"')
    root = parsed(drawn)
    assert (root.text, root.get("data-tip")) == ('Milk & "<b>bread</b>"', '<script>"')


def test_bars_are_as_high_as_their_counts(parsed):
    root = parsed(bar_chart([bar("9", 50), bar("10", 100), bar("11", 0)], label="x", end_label="12"))
    heights = [float(e.get("height")) for e in by_class(root, "bar")]
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.05)
    assert heights[2] == 0


def test_an_hour_without_observation_has_no_bar(parsed):
    root = parsed(bar_chart([bar("9", 50), bar("10", None)], label="x", end_label="11"))
    assert len(by_class(root, "bar")) == 1
    assert len(by_class(root, "mark")) == 2  # it can still be asked why


def test_the_running_hour_is_dashed_to_where_it_is_heading(parsed):
    root = parsed(bar_chart([bar("9", 100), bar("10", 40, expected=80.0, running=True)], label="x", end_label="11"))
    (filled,), (dashed,) = by_class(root, "bar")[1:], by_class(root, "heading")
    assert float(dashed.get("height")) == pytest.approx(float(filled.get("height")), abs=0.05)
    assert float(dashed.get("y")) + float(dashed.get("height")) == pytest.approx(float(filled.get("y")), abs=0.05)


def test_the_band_spans_low_to_high_and_sets_the_scale(parsed):
    root = parsed(bar_chart([bar("9", 50, band=Band(80, 90, 100))], label="x", end_label="10"))
    (drawn,), (filled,) = by_class(root, "band"), by_class(root, "bar")
    assert float(drawn.get("height")) == pytest.approx(0.4 * float(filled.get("height")), abs=0.05)


def test_a_narrow_chart_labels_only_the_highest_and_the_running(parsed):
    bars = [bar(str(h), 10 + h, running=h == 20) for h in range(24)]
    root = parsed(bar_chart(bars, label="x", end_label="24", width=358.0))
    assert [e.text for e in by_class(root, "value")] == ["30", "33"]


def test_brush_frames_the_chosen_hours(parsed):
    bars = [(str(h), float(h), "") for h in range(10)]
    root = parsed(brush_chart(bars, range(2, 5), label="x", first=0, handles=Handles("From", "To")))
    (frame,) = by_class(root, "chosen")
    third = by_class(root, "hit")[2]
    assert float(frame.get("x")) == pytest.approx(float(third.get("x")))
    assert float(frame.get("width")) == pytest.approx(3 * float(third.get("width")), abs=0.05)
    assert [handle.get("aria-valuenow") for handle in by_class(root, "handle")] == ["2", "5"]


def test_another_period_is_a_dashed_line_that_ends_with_the_curve(parsed):
    steps = [Step(0, 1.0, 1.0, 1.0, ""), Step(40, 0.6, 0.5, 0.7, "")]
    root = parsed(dwell_curve(steps, label="x", unit="s", past=[(0, 1.0), (20, 0.9), (900, 0.1)]))
    (line,) = by_class(root, "past-line")
    assert line.get("d").count("L") == 1


def test_the_median_lies_on_the_curve(parsed):
    steps = [Step(0, 1.0, 1.0, 1.0, ""), Step(40, 0.6, 0.5, 0.7, ""), Step(60, 0.4, 0.3, 0.5, "")]
    root = parsed(dwell_curve(steps, label="x", unit="s", median_s=50.0, median_label="half"))
    (point,), (line,) = by_class(root, "point"), by_class(root, "now-line")
    corners = [tuple(map(float, pair.split())) for pair in re.findall(r"[-\d.]+ [-\d.]+", line.get("d"))]
    (x0, y0), (x1, y1) = corners[1], corners[2]
    x, y = float(point.get("cx")), float(point.get("cy"))
    assert x == pytest.approx((x0 + x1) / 2, abs=0.02)
    assert y == pytest.approx((y0 + y1) / 2, abs=0.02)


def test_a_sparkline_leaves_gaps_open(parsed):
    root = parsed(strokes.sparkline([1, 2, None, 3, 4], label="x"))
    assert len(by_class(root, "now-line")) == 2


def test_a_whisker_lies_between_its_bounds(parsed):
    root = parsed(strokes.whisker(10, 20, 40, top=100, label="x"))
    (line,), (dot,) = by_class(root, "whisker"), by_class(root, "now-dot")
    assert float(line.get("x1")) < float(dot.get("cx")) < float(line.get("x2"))


@given(st.floats(0.01, 1e6))
def test_ticks_are_few_round_and_within(top):
    found = ticks.counts(top)
    assert len(found) <= 4
    assert all(0 < tick <= top for tick in found)
    assert all(str(found[0]).rstrip("0") in {"1", "2", "5"} for _ in found[:1])


@given(st.floats(1, 3600))
def test_dwell_ticks_start_at_zero_and_stay_readable(top_s):
    found = ticks.seconds(top_s)
    assert found[0] == 0
    assert len(found) <= 6
    assert found[-1] <= top_s
