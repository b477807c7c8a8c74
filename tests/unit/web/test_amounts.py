import numpy as np
import pytest

from contract.coverage import coverage
from contract.site import Site
from server.db.heat import HeatGrid
from server.web import plan, seen
from server.web.amounts import amounts_of
from vitrina.simulate.cameras import Pose, calibrated

BARE = Site.model_validate(
    {
        "site": "shop",
        "floor": {"bounds_m": [[0, 0], [12, 6]], "cell_m": 0.5, "fixtures": [
            {"polygon_m": [[5, 2], [7, 2], [7, 4], [5, 4]]}]},
        "zones": {"west": {"polygon_m": [[0, 0], [4, 0], [4, 6], [0, 6]]},
                  "east": {"polygon_m": [[8, 0], [12, 0], [12, 6], [8, 6]]}},
    }
)  # fmt: skip
SHAPE = (12, 24)


@pytest.fixture(scope="module")
def site():
    """One camera in each of two corners; both look along the room."""
    poses = {"left": Pose((0.2, 3), 3.5, 0, 50, 90), "right": Pose((11.8, 3), 3.5, 180, 50, 90)}
    cameras = {key: calibrated(pose, BARE.floor, name=key, size_px=(1920, 1080)) for key, pose in poses.items()}
    return BARE.model_copy(update={"cameras": cameras})


def heat(person_s=None, **layers):
    values = {name: np.zeros(SHAPE, np.int64) for name in ("visits", "stops", "lost")} | layers
    amounts = np.zeros(SHAPE) if person_s is None else person_s
    return HeatGrid(None, "m", 0.5, (0.0, 0.0), SHAPE, amounts, observed_s=7200.0, **values)


def amounts(site, grid, observed_s):
    return amounts_of(site, plan.grounds(site, {})[0], grid, observed_s)


def test_each_cell_has_the_hours_of_the_camera_that_answers_for_it(site):
    """The left camera watched twice as long: the same person-seconds per hour make one rate over the whole floor."""
    answers = coverage(site).best.reshape(SHAPE)
    person_s = np.where(answers == 0, 20.0, 10.0)
    found = amounts(site, heat(person_s), {"left": 7200.0, "right": 3600.0})
    assert found.hours[answers == 0].tolist() == pytest.approx([2.0] * int((answers == 0).sum()))
    rate = found.rate("person_s")[found.shown]
    assert rate.min() == pytest.approx(40.0)  # 10 s per hour on 0.25 m²
    assert rate.max() == pytest.approx(40.0)


def test_what_no_camera_sees_is_unseen_and_what_stands_there_is_neither(site):
    found = amounts(site, heat(), {"left": 3600.0, "right": 3600.0})
    assert not (found.unseen & found.shown).any()
    assert (found.unseen | found.shown | found.hidden).all()
    assert found.hidden[4:8, 10:14].all()
    assert found.unseen_share == pytest.approx(1 - found.seen.share)
    assert found.unwatched_share == 0


def test_a_camera_that_was_off_leaves_its_part_unwatched_not_empty(site):
    found = amounts(site, heat(np.ones(SHAPE)), {"left": 3600.0})
    assert found.unwatched_share > 0.2
    assert found.zone_rate("person_s", "west") == pytest.approx(4.0)
    assert not (found.shown & (found.seen.camera == 1)).any()


def test_layers_are_counted_apart(site):
    stops = np.zeros(SHAPE, np.int64)
    stops[:, :8] = 1
    found = amounts(site, heat(stops=stops), {"left": 3600.0, "right": 3600.0})
    assert found.zone_rate("stops", "west") == pytest.approx(4.0)
    assert found.zone_rate("stops", "east") == 0
    assert found.zone_rate("visits", "west") == 0


def test_without_a_calibrated_camera_what_was_visited_counts_as_seen():
    visited = np.zeros(SHAPE)
    visited[:, :6] = 5
    found = amounts(BARE, heat(visited), {"left": 3600.0})
    assert found.seen is None
    assert not found.unseen.any()
    assert found.shown[:, :5].all()
    assert not found.shown[:, 10:].any()


def test_nothing_observed_has_no_amounts(site):
    assert amounts(site, None, {}) is None


def test_coverage_is_laid_on_a_grid_of_another_origin(site):
    """Heat counted before the plan's bounds grew lies on other cells."""
    from contract.grid import Grid

    whole = seen.seen_on(site, Grid("m", 0.5, (0.0, 0.0), SHAPE))
    moved = seen.seen_on(site, Grid("m", 0.5, (-1.0, 0.0), (12, 26)))
    assert np.array_equal(moved.seen[:, 2:], whole.seen)
    assert not moved.free[:, :2].any()


def test_a_zones_share_that_is_seen(site):
    zone = site.zones["west"]
    cells = coverage(site)
    west = np.zeros(SHAPE, bool)
    west[:, :8] = True
    expected = cells.seen_by_any.reshape(SHAPE)[west].mean()
    assert seen.zone_share(site, zone) == pytest.approx(expected)
    assert seen.zone_share(BARE, zone) is None
