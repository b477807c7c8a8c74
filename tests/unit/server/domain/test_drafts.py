from copy import deepcopy

import numpy as np
import pytest

from contract.geometry import Homography
from server.domain.drafts import calibration_faults, camera_figures, floor_coverage, judge, zone_figures

CORNERS = [([0.1, 0.9], [2, 7]), ([0.9, 0.9], [8, 7]), ([0.2, 0.3], [0, 0.5]), ([0.8, 0.3], [10, 0.5])]
"""A camera that looks up the plan from below it."""


def points(pairs):
    return {"points": [{"image": image, "floor_m": floor} for image, floor in pairs]}


DRAFT = {
    "site": "shop",
    "floor": {"bounds_m": [[0, 0], [10, 8]], "cell_m": 0.5},
    "cameras": {"door": {"calibration": points(CORNERS)}, "aisle": {}},
    "zones": {
        "till": {"polygon_m": [[4, 4], [6, 4], [6, 6], [4, 6]]},
        "far": {"polygon_m": [[0, 7], [0.5, 7], [0.5, 8], [0, 8]]},
        "on_picture": {"camera": "door", "polygon": [[0.4, 0.5], [0.6, 0.5], [0.6, 0.7], [0.4, 0.7]]},
        "nowhere": {"camera": "aisle", "polygon": [[0.4, 0.5], [0.6, 0.5], [0.6, 0.7]]},
        "speck": {"polygon_m": [[5, 5], [5.1, 5], [5.1, 5.1]]},
    },
}


def draft(**parts):
    document = deepcopy(DRAFT)
    for path, value in parts.items():
        *way, last = path.split("__")
        place = document
        for step in way:
            place = place.setdefault(step, {})
        place[last] = value
    return document


def calibrated(image, floor):
    return points(list(zip(image, floor, strict=True)))


IMAGE, FLOOR = [image for image, _ in CORNERS], [floor for _, floor in CORNERS]

BAD = {
    "three points": (points(CORNERS[:3]), "at least 4"),
    "all on a line": (calibrated([[0.1, 0.1], [0.2, 0.2], [0.3, 0.3], [0.4, 0.4]], FLOOR), "line"),
    "three collinear": (
        calibrated([[0.1, 0.9], [0.5, 0.9], [0.9, 0.9], [0.5, 0.3]], [[2, 7], [5, 7], [8, 7], [5, 1]]),
        "line",
    ),
    "one spot of the picture": (calibrated([[0.5, 0.5]] * 4, FLOOR), "one spot of the image"),
    "one spot of the floor": (calibrated(IMAGE, [[5, 5]] * 4), "one spot of the floor"),
    "mirrored": (calibrated(IMAGE, [[8, 7], [2, 7], [10, 0.5], [0, 0.5]]), "mirrors the floor"),
    "behind the camera": (calibrated(IMAGE, [[2, 7], [8, 7], [10, 0.5], [0, 0.5]]), "behind the camera"),
}


@pytest.mark.parametrize(("calibration", "told"), BAD.values(), ids=BAD)
def test_a_calibration_that_does_not_hold_is_told_at_its_camera(calibration, told):
    judged = judge(draft(cameras__door__calibration=calibration))
    (fault,) = judged.faults
    assert fault.key.startswith("cameras.door.calibration")
    assert told in fault.message
    assert judged.site.cameras["door"].calibration is None, "the rest can be judged without it"
    assert judged.site.zones.keys() == DRAFT["zones"].keys()


FAULTS = {
    "zone outside the floor": ({"zones__out": {"polygon_m": [[20, 0], [21, 0], [21, 1]]}}, "zones.out", "outside the floor"),
    "zone that crosses itself": ({"zones__knot": {"polygon_m": [[0, 0], [1, 1], [1, 0], [0, 1]]}}, "zones.knot", "crosses itself"),
    "zone of two corners": ({"zones__two": {"polygon_m": [[0, 0], [1, 1]]}}, "zones.two", "three points"),
    "line of one place": ({"lines__dot": {"ends_m": [[1, 1], [1, 1]]}}, "lines.dot", "two places"),
    "line outside": ({"lines__off": {"ends_m": [[20, 1], [21, 1]]}}, "lines.off", "outside the floor"),
    "screen outside": ({"screens__s": {"at_m": [-5, 1]}}, "screens.s", "outside the floor"),
    "screen of no zone": ({"screens__s": {"at_m": [5, 1], "zone": "gone"}}, "screens.s.zone", "not among zones"),
    "camera that is not there": ({"zones__z": {"camera": "roof", "polygon": [[0, 0], [1, 0], [1, 1]]}}, "zones.z.camera", "not among cameras"),
    "mask of two corners": ({"cameras__door__masks": [[[0, 0], [1, 1]]]}, "cameras.door.masks", "three points"),
    "lens beyond any": ({"cameras__door__lens": 5}, "cameras.door.lens", "less than or equal"),
    "not a number": ({"zones__nan": {"polygon_m": [[0, 0], [float("nan"), 0], [1, 1]]}}, "zones.nan.polygon_m.1.0", "finite"),
    "unknown key": ({"zones__till__colour": "red"}, "zones.till.colour", "unknown key"),
    "bad name": ({"zones__Big Zone": {"polygon_m": [[0, 0], [1, 0], [1, 1]]}}, "zones.Big Zone.[key]", "pattern"),
}  # fmt: skip


@pytest.mark.parametrize(("parts", "key", "told"), FAULTS.values(), ids=FAULTS)
def test_what_is_wrong_is_told_by_key_and_the_rest_is_judged(parts, key, told):
    judged = judge(draft(**parts))
    (fault,) = judged.faults
    assert fault.key == key
    assert told in fault.message
    assert judged.site is not None
    assert judged.site.zones.keys() >= DRAFT["zones"].keys() - {"till"}


def test_several_faults_are_told_at_once():
    judged = judge(
        draft(
            zones__a={"polygon_m": [[20, 0], [21, 0], [21, 1]]},
            zones__b={"polygon_m": [[30, 0], [31, 0], [31, 1]]},
            lines__c={"ends_m": [[1, 1], [1, 1]]},
        )
    )
    assert {fault.key for fault in judged.faults} == {"zones.a", "zones.b", "lines.c"}


def outlined(*corners):
    return {"site": "shop", "floor": {"bounds_m": [[0, 0], [9, 9]], "outline_m": list(corners)}}


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"site": "shop", "floor": {"bounds_m": [[1, 1], [0, 0]]}},
        {"site": "shop", "zones": []},
        outlined([0, 0], [1, 1], [1, 0], [0, 1]),
        outlined([0, 0], [1, 1]),
    ],
)
def test_a_document_that_is_none_is_only_told(raw):
    judged = judge(raw)
    assert judged.site is None
    assert judged.faults


def test_figures_of_cameras_and_zones():
    site = judge(DRAFT).site
    seen = floor_coverage(site)
    door = camera_figures(site, seen)["door"]
    assert door.errors_m == pytest.approx([0, 0, 0, 0], abs=1e-9)
    assert 0.3 < door.seen_share < 1
    zones = zone_figures(site, seen)
    assert (zones["till"].area_m2, zones["till"].seen_share, zones["till"].cameras) == (4.0, 1.0, ("door",))
    assert zones["far"].seen_share == 0.0
    assert zones["far"].cameras == ()
    assert zones["on_picture"].area_m2 == pytest.approx(_area_seen(door.view), rel=1e-9)
    assert (zones["nowhere"].area_m2, zones["nowhere"].cameras) == (None, ("aisle",))
    assert zones["speck"].seen_share == 1.0, "smaller than a cell, and yet in one"


def _area_seen(view):
    """Of two triangles, by the homography at hand."""
    corners = np.array(DRAFT["zones"]["on_picture"]["polygon"]) * view.size_px
    (a, b, c, d), _ = Homography(view.homography.matrix, 0.0).to_ground(corners)
    return (abs(np.linalg.det([b - a, c - a])) + abs(np.linalg.det([c - a, d - a]))) / 2


def test_a_huge_floor_is_judged_in_few_cells():
    site = judge(draft(floor={"bounds_m": [[0, 0], [400, 250]], "cell_m": 0.5})).site
    assert len(floor_coverage(site).grid) <= 10_500


def test_calibrations_that_hold_have_no_faults():
    assert calibration_faults(judge(DRAFT).site) == []
