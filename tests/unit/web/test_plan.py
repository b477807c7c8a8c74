import pytest

from contract.site import Site
from server.web import plan
from server.web.plan import Label, Overlay

SITE = Site.model_validate(
    {
        "site": "shop",
        "floor": {"bounds_m": [[10, 20], [30, 30]], "fixtures": [{"polygon_m": [[12, 22], [14, 22], [14, 24]]}]},
        "cameras": {"door": {"resolution_px": [800, 600]}, "hall": {"calibration": {"points": [
            {"image": [x, y], "floor_m": [10 + x, 20 + y]} for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))]}}},
        "zones": {
            "shelf": {"name": "Shelf <1>", "polygon_m": [[10, 20], [20, 20], [20, 30], [10, 30]]},
            "mat": {"camera": "door", "polygon": [[0, 0], [0.5, 0], [0.5, 1]]},
        },
        "lines": {"in": {"ends_m": [[12, 25], [16, 25]]}},
    }
)  # fmt: skip


def test_a_calibrated_camera_has_no_plan_of_its_own():
    assert [ground.camera for ground in plan.grounds(SITE, {})] == [None, "door"]


def test_an_image_is_measured_in_widths():
    door = plan.grounds(SITE, {})[1]
    assert door.frame.size == (1.0, 0.75)
    assert door.zones["mat"][2] == (0.5, 0.75)


def test_the_floor_fills_the_frame():
    floor = plan.grounds(SITE, {})[0]
    assert floor.frame.place((10, 20)) == (plan.MARGIN, plan.MARGIN)
    x, y = floor.frame.place((30, 30))
    assert (x, y) == pytest.approx((plan.WIDTH - plan.MARGIN, floor.frame.height - plan.MARGIN))


def test_area_and_centre_of_an_l():
    corners = [(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)]
    assert plan.area(corners) == 3
    assert plan.centre(corners) == pytest.approx((5 / 6, 5 / 6))


def test_zones_are_links_that_tell_their_figures(parsed):
    floor = plan.grounds(SITE, {})[0]
    label = Label("Shelf <1>", "59", "Shelf <1>\n5 visits", "/floor?zone=shelf&period=week")
    root = parsed(plan.draw(floor, Overlay(labels={"shelf": label}), label="x"))
    link = next(e for e in root.iter() if e.tag == "a")
    assert link.get("href") == "/floor?zone=shelf&period=week"
    assert link.get("aria-label") == "Shelf <1>, 5 visits"
    assert [e.text for e in root.iter("tspan")] == ["Shelf <1>", "59"]


def test_overlays_can_be_left_out():
    floor = plan.grounds(SITE, {})[0]
    drawn = str(plan.draw(floor, Overlay(zones=False, lines=False), label="x"))
    assert 'class="zone"' not in drawn
    assert "counting-line" not in drawn


def test_the_arrow_points_to_the_right_of_the_line(parsed):
    """y grows downwards, so that right of a line from west to east is south: greater y."""
    floor = plan.grounds(SITE, {})[0]
    root = parsed(plan.draw(floor, Overlay(), label="x"))
    shaft = next(e for e in root.iter() if e.get("class") == "arrow")
    assert float(shaft.get("y2")) > float(shaft.get("y1"))
    assert float(shaft.get("x2")) == pytest.approx(float(shaft.get("x1")))
