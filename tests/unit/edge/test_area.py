"""Which part of the floor one camera answers for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.coverage import coverage
from contract.grid import Grid
from contract.site import Site
from edge.area import Area, owners
from edge.errors import ConfigError
from edge.layout import site_areas, site_layout

GRID = Grid("m", 0.5, (0.0, 0.0), (8, 20))
LEFT = Area.of_cells(GRID, GRID.centres()[:, 0] < 4)


@pytest.mark.parametrize(
    ("place", "depth", "reason"),
    [
        ((3.9, 2), 0.25, "the last cell before the border"),
        ((4.1, 2), -0.25, "the first one beyond it"),
        ((0.1, 2), 3.75, "the edge of the floor is no border"),
        ((-3.0, 2), 3.75, "off the floor, as where it ends"),
        ((30.0, 99), -5.75, "off the floor on the other side"),
    ],
)
def test_how_far_within_a_place_lies(place, depth, reason):
    xy = np.array([place])
    assert LEFT.depth_at(xy, GRID.cells(xy)).tolist() == [depth], reason


@pytest.mark.parametrize(
    ("ends", "parts", "reason"),
    [
        ([(1, 1), (3, 1)], [[(1, 1), (3, 1)]], "within"),
        ([(5, 1), (9, 1)], [], "beyond"),
        ([(1, 1), (9, 1)], [[(1, 1), (4, 1)]], "over the border"),
        ([(9, 1), (1, 1)], [[(4, 1), (1, 1)]], "its direction stays"),
        ([(4.2, 0), (4.2, 4)], [], "along the border, beyond it"),
        ([(2, 0), (6, 4)], [[(2, 0), (4, 2)]], "aslant"),
        ([(-2, 1), (1, 1)], [[(-2, 1), (1, 1)]], "from off the floor"),
    ],
)
def test_lines_are_cut_at_the_border(ends, parts, reason):
    found = LEFT.parts(np.array(ends, float))
    assert np.allclose(found, np.array(parts, float).reshape(-1, 2, 2)), reason


def test_who_owns_nothing_counts_nothing_and_who_is_alone_owns_all():
    nothing, all_of_it = (Area.of_cells(GRID, np.full(len(GRID), own)) for own in (False, True))
    line = np.array([(1.0, 1.0), (9.0, 1.0)])
    assert (nothing.depth < 0).all()
    assert nothing.parts(line).shape == (0, 2, 2)
    assert np.isinf(all_of_it.depth).all()
    assert np.allclose(all_of_it.parts(line), line[None])


@settings(max_examples=50)
@given(
    st.lists(st.integers(0, 3), min_size=160, max_size=160),
    st.tuples(*[st.floats(-1, 11)] * 2 + [st.floats(-1, 5)] * 2).filter(
        lambda e: abs(e[0] - e[1]) + abs(e[2] - e[3]) > 0.1
    ),
)
def test_the_parts_of_all_cameras_make_up_the_line(owner, ends):
    x0, x1, y0, y1 = ends
    line = np.array([(x0, y0), (x1, y1)])
    parts = [Area.of_cells(GRID, np.array(owner) == camera).parts(line) for camera in range(4)]
    length = sum(float(np.linalg.norm(part[:, 1] - part[:, 0], axis=1).sum()) for part in parts)
    assert length == pytest.approx(float(np.linalg.norm(line[1] - line[0])))


def camera(x0, x1, *, near=4.0, far=0.0):
    """Sees the trapezium between x0 and x1 from the side of `near`."""
    corners = [((x0, far), (0.2, 0.2)), ((x1, far), (0.8, 0.2)), ((x1, near), (1, 1)), ((x0, near), (0, 1))]
    points = [{"image": image, "floor_m": place} for place, image in corners]
    return {"resolution_px": [640, 480], "calibration": {"points": points}}


def store(**parts):
    return Site.model_validate(
        {"site": "s", "floor": {"bounds_m": [[0, 0], [10, 4]]}, "cameras": {"a": camera(0, 6), "b": camera(4, 10)}}
        | parts
    )


def test_every_place_is_one_camera_s():
    areas = site_areas(store())
    owned = np.sum([area.depth > 0 for area in areas.values()], axis=0)
    assert (owned == 1).all()
    here = np.array([[1.0, 2.0], [9.0, 2.0]])
    cell = GRID.cells(here)
    assert (areas["a"].depth_at(here, cell) > 0).tolist() == [True, False]
    assert (areas["b"].depth_at(here, cell) > 0).tolist() == [False, True]


def test_a_place_in_no_picture_is_the_nearest_camera_s():
    site = Site.model_validate(
        store().model_dump(exclude_defaults=True) | {"floor": {"bounds_m": [[-10, -10], [20, 14]]}}
    )
    seen = coverage(site)
    owner, nobody = owners(seen), seen.best < 0
    assert nobody.any()
    far_left, far_right = seen.grid.cells(np.array([[-9.0, 2.0], [19.0, 2.0]]))
    assert nobody[[far_left, far_right]].all()
    assert (owner[far_left], owner[far_right]) == (0, 1)
    assert (owner[~nobody] == seen.best[~nobody]).all()


def test_a_lone_or_uncalibrated_camera_owns_all_it_sees():
    alone = store(cameras={"a": camera(0, 6), "b": {}})
    assert np.isinf(site_layout(alone, "a", (640, 480)).area.depth).all()
    assert np.isinf(site_layout(alone, "b", (640, 480)).area.depth).all()
    assert not np.isinf(site_layout(store(), "a", (640, 480)).area.depth).any()
    assert not np.isinf(site_layout(store(), "a", None).area.depth).any(), "recorded trajectories of it too"


def test_what_is_drawn_on_one_calibrated_picture_lies_on_the_floor_of_all():
    zone = {"z": {"camera": "b", "polygon": [[0.3, 0.4], [0.6, 0.4], [0.6, 0.8], [0.3, 0.8]]}}
    of_a, of_b = (site_layout(store(zones=zone), key, (640, 480)) for key in ("a", "b"))
    assert of_a.zone_ids == of_b.zone_ids == ("z",)
    assert np.allclose(of_a.polygons[0], of_b.polygons[0])


def test_the_calibration_that_does_not_hold_is_named_whoever_asks():
    line = [{"image": [0.1 * k, 0.1 * k], "floor_m": [k, k]} for k in range(4)]
    site = store(cameras={"a": camera(0, 6), "b": {"calibration": {"points": line}}})
    with pytest.raises(ConfigError, match=r"cameras\.b\.calibration: calibration points lie on one line"):
        site_layout(site, "a", (640, 480))
