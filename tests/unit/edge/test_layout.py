import numpy as np
import pytest

from contract.site import Site
from edge.arrays import Tracks, TrackState
from edge.errors import ConfigError
from edge.layout import site_layout, view_site
from edge.plane import locate

SQUARE = [(250, 300), (350, 300), (580, 470), (20, 470)]
"""Image px of a floor of 4 x 4 m, its near edge below, in a picture of 600 x 480 px."""
CALIBRATION = {
    "points": [
        {"image": [x / 600, y / 480], "floor_m": place}
        for (x, y), place in zip(SQUARE, [(0, 0), (4, 0), (4, 4), (0, 4)], strict=True)
    ]
}


def site(**parts):
    camera = parts.pop("camera", {})
    return Site.model_validate({"site": "s", "cameras": {"c": camera, "other": {}}} | parts)


def tracks(boxes, state=None):
    m = len(boxes)
    return Tracks(
        np.arange(1, m + 1),
        np.array(boxes, np.float32).reshape(-1, 4),
        np.ones(m, np.float32),
        np.array(state or [TrackState.SEEN] * m, np.uint8),
        np.array([99]),
    )


def test_on_an_image_zones_do_not_depend_on_the_resolution():
    document = site(zones={"z": {"camera": "c", "polygon": [[0, 0.5], [1, 0.5], [1, 1], [0, 1]]}})
    small, large = (site_layout(document, "c", size) for size in ((640, 480), (1920, 1440)))
    assert np.allclose(small.polygons[0], large.polygons[0])
    assert small.grid == large.grid
    assert small.grid.shape == (24, 32)


def test_only_the_zones_of_this_camera_and_the_floor_concern_it():
    floor = {"bounds_m": [[0, 0], [4, 4]]}
    square = [[0, 0], [1, 0], [1, 1]]
    zones = {"mine": {"camera": "c", "polygon": [[0.3, 0.7], [0.6, 0.7], [0.6, 0.9]]},
             "floor": {"polygon_m": square}, "theirs": {"camera": "other", "polygon": square}}  # fmt: skip
    calibrated = site(floor=floor, zones=zones, camera={"calibration": CALIBRATION})
    assert site_layout(calibrated, "c", (600, 480)).zone_ids == ("mine", "floor")
    assert site_layout(calibrated, "other", (600, 480)).zone_ids == ("theirs",)


def test_a_calibrated_camera_stands_people_on_the_floor():
    layout = site_layout(
        site(floor={"bounds_m": [[0, 0], [4, 4]]}, camera={"calibration": CALIBRATION}), "c", (600, 480)
    )
    far_left, near_right = (230, 200, 270, 300), (540, 250, 620, 470)
    points = locate(tracks([far_left, near_right]), layout, (600, 480))
    assert np.allclose(points.xy, [(0, 0), (4, 4)], atol=1e-3)
    assert layout.grid.unit == "m"


def test_people_above_the_horizon_and_people_out_of_sight_stand_nowhere():
    layout = site_layout(
        site(floor={"bounds_m": [[0, 0], [4, 4]]}, camera={"calibration": CALIBRATION}), "c", (600, 480)
    )
    boxes = [(280, 0, 320, 5), (280, 300, 320, 400), (380, 300, 420, 400)]
    points = locate(tracks(boxes, [TrackState.SEEN, TrackState.SEEN, TrackState.COASTED]), layout, (600, 480))
    assert points.track_id.tolist() == [2]
    assert points.ended.tolist() == [99]


@pytest.mark.parametrize(
    ("box", "at_edge", "reason"),
    [
        ((200, 100, 240, 200), False, "in the middle"),
        ((-3, 100, 40, 200), True, "over the left edge"),
        ((580, 100, 600, 200), True, "at the right edge"),
        ((200, 400, 260, 480), True, "cut off below"),
        ((200, 2, 240, 90), True, "far away at the top"),
    ],
)
def test_who_stands_where_the_view_ends(box, at_edge, reason):
    layout = site_layout(site(), "c", (600, 480))
    points = locate(tracks([box]), layout, (600, 480))
    assert points.at_edge.tolist() == [at_edge], reason
    assert (points.xy >= 0).all()
    assert (points.xy <= (1, 0.8)).all(), "the foot stays in the picture"


def test_a_stream_of_another_resolution_shows_the_same_places():
    document = site(floor={"bounds_m": [[0, 0], [4, 4]]}, camera={"calibration": CALIBRATION})
    layout = site_layout(document, "c", (600, 480))
    half = locate(tracks([(115, 100, 135, 150)]), layout, (300, 240))
    assert np.allclose(half.xy, locate(tracks([(230, 200, 270, 300)]), layout, (600, 480)).xy)


def test_without_a_site_the_whole_view_is_one_zone():
    layout = site_layout(view_site("c", (640, 480)), "c", (640, 480))
    assert layout.zone_ids == ("view",)
    assert layout.door.tolist() == [True], "in it people appear and vanish: nobody comes over its edge"
    assert layout.polygons[0].max(axis=0).tolist() == [1, 0.75]


def test_trajectories_without_a_site_get_a_grid_around_them():
    layout = site_layout(view_site("c", None, (-7.9, 5.2, 3.1, 9.0)), "c", None)
    assert layout.grid.origin == (-8.0, 5.0)
    assert layout.grid.shape == (8, 23)


def test_a_single_place_still_has_an_area():
    assert site_layout(view_site("c", None, (2.0, 3.0, 2.0, 3.0)), "c", None).grid.shape == (1, 1)


@pytest.mark.parametrize(
    ("parts", "camera", "size", "words"),
    [
        ({}, "nobody", (640, 480), "no camera 'nobody'; its cameras: c, other"),
        ({}, "c", None, "has no floor; trajectories and calibrated cameras need floor.bounds_m"),
    ],
)
def test_what_does_not_fit_is_told(parts, camera, size, words):
    with pytest.raises(ConfigError, match=words):
        site_layout(site(**parts), camera, size)


def test_a_calibration_that_does_not_hold_names_its_camera():
    points = [{"image": [0.1 * k, 0.1 * k], "floor_m": [k, k]} for k in range(4)]
    document = site(floor={"bounds_m": [[0, 0], [4, 4]]}, camera={"calibration": {"points": points}})
    with pytest.raises(ConfigError, match=r"cameras\.c\.calibration: calibration points lie on one line"):
        site_layout(document, "c", (640, 480))


def test_a_zone_drawn_into_the_sky_is_refused():
    zones = {"z": {"camera": "c", "polygon": [[0.4, 0.0], [0.6, 0.0], [0.5, 0.9]]}}
    document = site(floor={"bounds_m": [[0, 0], [4, 4]]}, zones=zones, camera={"calibration": CALIBRATION})
    with pytest.raises(ConfigError, match="reaches above its horizon"):
        site_layout(document, "c", (600, 480))
