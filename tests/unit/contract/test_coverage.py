"""Two cameras over one room with a shelf: who sees what, and who answers for it."""

import numpy as np
import pytest

from contract.coverage import coverage, walkable
from contract.errors import GeometryError
from contract.grid import floor_grid
from contract.site import Site

WEST = [((0.05, 0.9), (1.0, 1.0)), ((0.95, 0.9), (1.0, 9.0)), ((0.65, 0.3), (9.0, 9.0)), ((0.35, 0.3), (9.0, 1.0))]


def room(cameras, *, fixtures=(), **floor):
    return Site.model_validate(
        {
            "site": "room",
            "floor": {"bounds_m": [[0, 0], [10, 10]], "cell_m": 0.5, "fixtures": list(fixtures), **floor},
            "cameras": cameras,
        }
    )


def looking(points, **more):
    return {
        "resolution_px": [1280, 720],
        "calibration": {"points": [{"image": i, "floor_m": f} for i, f in points]},
        **more,
    }


def east(points):
    """The same camera from the other side: the room turned by half a turn."""
    return [(image, (10 - x, 10 - y)) for image, (x, y) in points]


def cell(cov, x, y):
    return int(cov.grid.cells(np.array([[x, y]], float))[0])


def test_each_camera_answers_for_its_side():
    cov = coverage(room({"west": looking(WEST), "east": looking(east(WEST))}))
    assert cov.cameras == ("west", "east")
    seen_by_both = cov.seen.all(axis=0)
    assert seen_by_both.any()
    assert cov.best[cell(cov, 2, 5)] == 0
    assert cov.best[cell(cov, 8, 5)] == 1
    assert (cov.best[cov.seen_by_any] >= 0).all(), "a place that is seen has one camera that answers for it"
    half = cov.best.reshape(cov.grid.shape)
    assert (half == np.where(half[::-1, ::-1] == 0, 1, np.where(half[::-1, ::-1] == 1, 0, -1)))[:, :8].all()


def test_a_shelf_throws_a_shadow_away_from_the_camera_and_a_low_table_a_short_one():
    def shadow(kind):
        block = {"kind": kind, "polygon_m": [[4, 4], [5, 4], [5, 6], [4, 6]]}
        cov = coverage(room({"west": looking(WEST)}, fixtures=[block]))
        assert not cov.shadowed[0, cell(cov, 3, 5)], "before it, from the camera"
        assert not cov.walkable[cell(cov, 4.5, 5)]
        return cov, float((cov.shadowed[0] & cov.walkable).sum())

    shelf, large = shadow("shelf")
    assert shelf.shadowed[0, cell(shelf, 5.6, 5)]
    assert not shelf.seen[0, cell(shelf, 5.6, 5)]
    assert shadow("table")[1] < large


def test_lawn_is_floor():
    lawn = {"kind": "green", "polygon_m": [[4, 4], [5, 4], [5, 6], [4, 6]]}
    cov = coverage(room({"west": looking(WEST)}, fixtures=[lawn]))
    assert cov.walkable[cell(cov, 4.5, 5)]
    assert not cov.shadowed.any()


def test_a_privacy_mask_hides_the_floor_behind_it():
    free = coverage(room({"west": looking(WEST)}))
    mask = [[0, 0.6], [1, 0.6], [1, 1], [0, 1]]
    masked = coverage(room({"west": looking(WEST, masks=[mask])}))
    assert masked.masked.sum() > 0
    assert masked.seen.sum() == (free.seen & ~masked.masked).sum() < free.seen.sum()


def test_people_who_are_too_small_are_not_seen():
    near = coverage(room({"west": looking(WEST, smallest_person=0.01)}))
    far = coverage(room({"west": looking(WEST, smallest_person=0.2)}))
    assert 0 < far.seen.sum() < near.seen.sum()
    assert (far.person_share[0][far.seen[0]] >= 0.2).all()
    assert near.share == pytest.approx(near.seen.sum() / 400)


def test_where_nobody_looks_nobody_answers():
    cov = coverage(room({}))
    assert cov.seen.shape == (0, 400)
    assert (cov.best == -1).all()
    assert cov.share == 0


def test_without_a_floor_there_is_no_coverage():
    assert coverage(Site(site="images", cameras={"one": {}})) is None


def test_a_calibration_that_does_not_hold_names_its_camera():
    flat = [(image, (x, 1.0)) for image, (x, _) in WEST]
    with pytest.raises(GeometryError, match=r"cameras\.west\.calibration"):
        coverage(room({"west": looking(flat)}))


def test_walkable_is_within_the_outline():
    site = room({}, outline_m=[[0, 0], [5, 0], [5, 10], [0, 10]])
    free = walkable(site.floor, floor_grid(site.floor).centres())
    assert free.sum() == 200
