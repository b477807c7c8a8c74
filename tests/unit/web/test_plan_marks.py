import numpy as np
import pytest

from contract.grid import Grid
from contract.site import Screen, Site
from server.web import layers, plan, plan_marks
from server.web.plan import Overlay
from server.web.plan_marks import CameraMark
from server.web.seen import Seen
from vitrina.simulate.cameras import Pose, calibrated

SITE = Site.model_validate({"site": "shop", "floor": {"bounds_m": [[0, 0], [10, 8]]}})
FLOOR = plan.grounds(SITE, {})[0]


def drawn(parsed, **overlay):
    return parsed(plan.draw(FLOOR, Overlay(**overlay), label="x"))


def by_class(root, name):
    return [e for e in root.iter() if name in (e.get("class") or "").split()]


def test_a_camera_stands_where_its_calibration_says_and_looks_as_it_does():
    camera = calibrated(Pose((1, 7), 3.5, 315, 45, 90), SITE.floor, name="door", size_px=(1920, 1080))
    bare = Site.model_validate(SITE.model_dump() | {"cameras": {"hall": {}, "door": camera.model_dump()}})
    ((key, (number, at, facing)),) = plan_marks.places(bare).items()
    assert (key, number) == ("door", 2)
    assert at == pytest.approx((1, 7), abs=0.05)
    assert facing == pytest.approx((0.707, -0.707), abs=0.02)


def test_a_camera_outside_is_drawn_at_the_edge_and_one_that_moved_is_marked(parsed):
    marks = [
        CameraMark("a", 1, (-5, 4), (1, 0), "Outside"),
        CameraMark("b", 2, (5, 4), (1, 0), "Moved", moved=True),
    ]
    root = drawn(parsed, above=plan_marks.cameras(marks))
    outside, moved = by_class(root, "camera")
    assert outside.get("transform").startswith(f"translate({plan.MARGIN + plan_marks.INSET:g} ")
    assert (len(by_class(outside, "moved")), len(by_class(moved, "moved"))) == (0, 1)


def test_a_screen_lies_across_the_way_it_looks(parsed):
    screens = [(Screen(at_m=(5, 4), facing_deg=90), "down"), (Screen(at_m=(5, 4), facing_deg=0), "right")]
    down, right = by_class(drawn(parsed, above=plan_marks.screens(screens)), "screen-bar")
    assert float(down.get("y1")) == pytest.approx(float(down.get("y2")))
    assert float(right.get("x1")) == pytest.approx(float(right.get("x2")))


def test_edges_run_only_between_two_cameras(parsed):
    who = np.full((4, 6), 0)
    who[:, 3:] = 1
    seen = np.ones((4, 6), bool)
    seen[0] = False
    known = Seen(Grid("m", 1.0, (0.0, 0.0), (4, 6)), seen, seen, who, ("a", "b"))
    root = drawn(parsed, between=plan_marks.areas(known, {"a": (1, "A"), "b": (2, "B")}))
    (edge,) = by_class(root, "area-edge")
    assert edge.get("d").count("M") == 3
    assert [word.text for word in by_class(root, "area-number")] == ["1", "2"]


def test_the_unseen_is_hatched_through_its_mask(parsed):
    dark = np.zeros((4, 5), bool)
    dark[:, 3:] = True
    hatch = layers.hatched(Grid("m", 2.0, (0.0, 0.0), (4, 5)), dark, ~dark)
    root = drawn(parsed, unseen=hatch, name="one")
    (rect,) = [e for e in root.iter("rect") if e.get("mask")]
    assert (rect.get("fill"), rect.get("mask")) == ("url(#one-hatch)", "url(#one-unseen)")
    assert {e.get("id") for e in root.iter() if e.get("id")} == {"one-hatch", "one-floor", "one-unseen"}
    assert layers.hatched(Grid("m", 2.0, (0.0, 0.0), (4, 5)), dark & False, ~dark) is None


def test_what_is_painted_ends_at_the_outline(parsed):
    root = drawn(parsed, name="two")
    assert any(e.get("clip-path") == "url(#two-floor)" for e in root.iter("g"))
