import re

import pytest

from server.web.figures.sequence import Look, Written, sequence_chart
from server.web.figures.slot_strip import Axis, SlotBox, StripRow, slot_strip

SVG = "{http://www.w3.org/2000/svg}"
LOOKS = [Look(8, 5.0, -12.0, 22.0), Look(16, 3.0, -5.0, 11.0), Look(24, 2.0, -3.0, 7.0)]


def written(n):
    return Written(
        tips=[f"look {i}" for i in range(n)],
        signed=lambda value: f"{value:+g}",
        count=lambda n: f"{n:g}",
        end="240 slots",
        expected="expected, if it stays",
    )


def draw(looks=LOOKS, planned=240):
    return str(sequence_chart(looks, planned=planned, label="effect", written=written(len(looks))))


def paths(markup, class_):
    found = re.findall(rf'<path class="{class_}" d="([^"]+)"', markup)
    return [[tuple(map(float, p.split())) for p in re.split("[MLZ]", d) if p] for d in found]


def test_the_interval_narrows_towards_the_end_and_is_expected_to_go_on():
    (band,) = paths(draw(), "ci")
    upper, lower = band[:3], band[:2:-1]
    assert all(low[1] > high[1] for high, low in zip(upper, lower, strict=True))
    above, below = paths(draw(), "past-line")
    assert below[0][1] - above[0][1] > below[-1][1] - above[-1][1] > 0
    assert above[0] == pytest.approx(upper[-1])


def test_nothing_is_expected_once_all_slots_are_in(parsed):
    assert paths(draw(planned=24), "past-line") == []
    assert parsed(draw(planned=24)) is not None


def test_the_scale_holds_the_newest_interval_and_cuts_the_first():
    (band,) = paths(draw([Look(1, 0.0, -1e6, 1e6), *LOOKS]), "ci")
    heights = [y for _, y in band]
    assert min(heights) >= 0
    assert max(heights) <= 208
    newest = [y for x, y in band if x == band[3][0]]
    assert 10 < min(newest) < max(newest) < 184


def test_each_look_tells_itself_on_hover(parsed):
    tips = [g.get("data-tip") for g in parsed(draw()).iter() if g.get("data-tip")]
    assert tips == ["look 0", "look 1", "look 2"]


ROWS = [
    StripRow("Tills", {0: SlotBox("mine", "Flat white\n07:00"), 2: SlotBox("holdout", "holdout\n07:20")}),
    StripRow("Door", {1: SlotBox("house", "house loop\n07:10", cached=True)}),
]


def test_a_slot_lies_at_its_place_on_its_screen(parsed):
    drawing = parsed(slot_strip(ROWS, Axis(6, [(0, "7:00")], 3.0), label="today"))
    boxes = {g.get("data-tip")[:-6]: g[0] for g in drawing.iter() if g.get("data-tip")}
    assert boxes.keys() == {"Flat white", "holdout", "house loop"}
    x = {name: float(box.get("x")) for name, box in boxes.items()}
    assert x["Flat white"] < x["house loop"] < x["holdout"]
    assert float(boxes["house loop"].get("y")) > float(boxes["holdout"].get("y"))
    assert boxes["holdout"].get("fill") == "url(#strip-hatch)"


def test_what_came_from_the_cache_is_framed(parsed):
    drawing = parsed(slot_strip(ROWS, Axis(6, [], None), label="today"))
    assert len([r for r in drawing.iter() if r.get("class") == "cached"]) == 1


def test_what_is_to_come_is_dashed_and_a_day_that_is_over_has_none():
    def ahead(now):
        return str(slot_strip(ROWS, Axis(6, [], now), label="today")).count("to-come")

    assert ahead(3.0) == 2
    assert ahead(6.0) == 0
