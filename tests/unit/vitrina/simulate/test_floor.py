import numpy as np
import pytest

from contract.coverage import walkable
from contract.site import Floor
from vitrina.errors import SimulationError
from vitrina.simulate.floor import BODY_M, Walkway

YARD = [(9, 1), (11, 1), (11, 3), (9, 3)]


def hall(**more):
    return Floor.model_validate({"bounds_m": [[0, 0], [12, 8]], **more})


def wall(x0, y0, x1, y1):
    return {"kind": "wall", "polygon_m": [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]}


def test_a_way_goes_around_what_stands_there_and_keeps_clear_of_it():
    floor = hall(fixtures=[wall(5, 0, 6, 6)])
    walkway = Walkway(floor)
    way = walkway.way(walkway.nearest(np.array([1, 1])), walkway.nearest(np.array([11, 1])))
    assert walkable(floor, way).all()
    assert walkway.clear_m[walkway.grid.cells(way)].min() >= BODY_M - 0.13
    assert np.linalg.norm(np.diff(way, axis=0), axis=1).sum() > 14
    assert np.linalg.norm(np.diff(way, axis=0), axis=1).max() < 0.5
    np.testing.assert_allclose(way[[0, -1]], [[1, 1], [11, 1]], atol=0.2)


def test_nobody_stands_in_a_yard_without_a_way_in():
    around = [wall(8.5, 0.5, 11.5, 1), wall(8.5, 3, 11.5, 3.5), wall(8.5, 1, 9, 3), wall(11, 1, 11.5, 3)]
    walkway = Walkway(hall(fixtures=around))
    assert not len(walkway.within(np.array(YARD)))
    x, _ = walkway.place(walkway.nearest(np.array([10, 2])))
    assert not 9 < x < 11


def test_who_shuns_a_place_takes_the_longer_way():
    through = np.array([(5, 0), (7, 0), (7, 6), (5, 6)], float)
    ways = []
    for shunned in ((), (through,)):
        walkway = Walkway(hall(), shunned)
        ways.append(walkway.way(walkway.nearest(np.array([1, 2])), walkway.nearest(np.array([11, 2]))))
    assert ways[0][:, 1].max() < 3
    assert ways[1][:, 1].max() > 6


def test_a_floor_without_a_way_is_told():
    with pytest.raises(SimulationError, match="nowhere to walk"):
        Walkway(hall(fixtures=[wall(0, 0, 12, 8)]))


def test_shoppers_do_not_stand_on_a_zones_edge():
    walkway = Walkway(hall())
    inside = walkway.grid.centres()[walkway.within(np.array([(2, 2), (6, 2), (6, 6), (2, 6)], float))]
    assert inside.min() > 2.5 and inside.max() < 5.5
    narrow = walkway.within(np.array([(2, 2), (6, 2), (6, 2.6), (2, 2.6)], float))
    assert len(narrow) > 10
