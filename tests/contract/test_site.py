from pathlib import Path

import pytest
import yaml

from contract.documents import validate
from contract.errors import DocumentError
from contract.site import Site

CONFIG = Path(__file__).parents[2] / "config"
SQUARE = [[0, 0], [4, 0], [4, 4], [0, 4]]
FLOOR = {"bounds_m": [[0, 0], [10, 10]]}


def site(**parts):
    return validate(Site, {"site": "shop", "floor": FLOOR, "cameras": {"cam": {}}} | parts, name="site.yaml")


@pytest.mark.parametrize("path", sorted(CONFIG.rglob("site*.yaml")), ids=str)
def test_shipped_sites_hold(path):
    assert validate(Site, yaml.safe_load(path.read_text(encoding="utf-8")), name=path.name).zones


def test_the_example_of_the_docs_holds():
    page = (CONFIG.parent / "docs" / "site.md").read_text(encoding="utf-8")
    example = "\n".join(line[4:] for line in page.splitlines() if line.startswith("    ") or not line).strip()
    assert validate(Site, yaml.safe_load(example), name="docs/site.md").lines["door"].entrance


def test_a_zone_on_the_floor_and_one_on_an_image():
    made = site(zones={"a": {"polygon_m": SQUARE}, "b": {"camera": "cam", "polygon": [[0, 0], [1, 0], [1, 1]]}})
    assert made.zones["a"].polygon_m == [(0, 0), (4, 0), (4, 4), (0, 4)]


def test_edges_in_one_line_that_do_not_touch_are_no_crossing():
    notched = [[0, 0], [1, 0], [1, 1], [2, 1], [2, 0], [3, 0], [3, 3], [0, 3]]
    assert site(zones={"a": {"polygon_m": notched}}).zones["a"].polygon_m


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"zones": {"a": {"polygon_m": [[0, 0], [1, 1]]}}}, r"site.yaml: zones.a: a polygon needs three points, this has 2"),
        ({"zones": {"a": {"polygon_m": [[0, 0], [2, 2], [2, 0], [0, 2]]}}}, "zones.a: the polygon crosses itself"),
        ({"zones": {"a": {"polygon_m": [[0, 0], [1, 1], [2, 2]]}}}, "zones.a: the polygon (has no area|crosses itself)"),
        ({"zones": {"a": {"polygon_m": [*SQUARE, [0, 0]]}}}, "names each corner once"),
        ({"zones": {"a": {"polygon": [[0, 0], [1, 0], [1, 1]]}}}, "give polygon_m .on the floor., or camera and polygon"),
        ({"zones": {"a": {"polygon_m": SQUARE, "camera": "cam"}}}, "not both"),
        ({"zones": {"a": {"camera": "cam", "polygon": [[0, 0], [1.2, 0], [1, 1]]}}}, "less than or equal to 1"),
        ({"zones": {"a": {"camera": "other", "polygon": [[0, 0], [1, 0], [1, 1]]}}}, "zones.a.camera: 'other' is not among cameras"),
        ({"zones": {"A b": {"polygon_m": SQUARE}}}, "zones.A b"),
        ({"zones": {"a": {"polygon_m": SQUARE, "colour": "red"}}}, "zones.a.colour: unknown key; remove it or correct"),
        ({"zone": {}}, "zone: unknown key"),
        ({"lines": {"door": {"ends_m": [[1, 1], [1, 1]]}}}, "a line needs two places"),
        ({"floor": None, "zones": {"a": {"polygon_m": SQUARE}}}, "drawn in metres, but there is no floor"),
        ({"floor": {"bounds_m": [[0, 0], [0, 5]]}}, "second corner must be greater"),
        ({"floor": {"bounds_m": [[0, 0], [900, 900]], "cell_m": 0.1}}, "more than a million cells"),
        ({"timezone": "Mars/Olympus"}, "is not a time zone such as"),
        ({"cameras": {"cam": {"calibration": {"points": []}}}}, "at least 4 items"),
        ({"site": "Shop 1"}, "site: String should match pattern"),
        ({"zones": {"a": {"polygon_m": [[20, 20], [24, 20], [24, 24]]}}}, "zones.a: lies outside the floor's bounds_m"),
        ({"lines": {"a": {"ends_m": [[-5, 2], [-1, 2]]}}}, "lines.a: lies outside the floor's bounds_m"),
        ({"screens": {"a": {"at_m": [5, 50]}}}, "screens.a: lies outside the floor's bounds_m"),
        ({"screens": {"a": {"at_m": [5, 5], "zone": "tills"}}}, "screens.a.zone: 'tills' is not among zones"),
        ({"screens": {"a": {"at_m": [5, 5], "facing_deg": 360}}}, "facing_deg: Input should be less than 360"),
        ({"cameras": {"cam": {"masks": [[[0, 0], [1, 1]]]}}}, "cameras.cam.masks: a polygon needs three points"),
        ({"cameras": {"cam": {"landmarks": [{"image": [0, 0], "mark": "zz"}]}}}, "landmarks.0.mark"),
        ({"cameras": {"cam": {"lens": 2}}}, "lens: Input should be less than or equal to 0.9"),
        ({"zones": {"a": {"polygon_m": [[0, 0], [1, 0], [float("nan"), 1]]}}}, "zones.a.polygon_m.2.0"),
    ],
)  # fmt: skip
def test_a_wrong_site_names_the_key_and_what_was_expected(parts, words):
    with pytest.raises(DocumentError, match=words):
        site(**parts)


def test_a_zone_that_reaches_over_the_plans_edge_is_allowed():
    assert site(zones={"a": {"polygon_m": [[-1, -1], [11, -1], [11, 11], [-1, 11]]}}).zones


def test_not_even_a_document():
    with pytest.raises(DocumentError, match="site.yaml: document"):
        validate(Site, None, name="site.yaml")
