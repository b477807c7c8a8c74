import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from server.domain.units import hanging_together, tile_labels, units, zone_labels

CELL_M = 0.5
NO_ZONE = -1


def tiles(free, zones=()):
    named = {str(i): mask for i, mask in enumerate(zones)}
    return tile_labels(free, zone_labels(named, free.shape), cell_m=CELL_M)


def test_an_open_floor_falls_into_squares_of_three_metres():
    found = tiles(np.ones((12, 18), dtype=bool))
    assert np.bincount(found.ravel()).tolist() == [36] * 6


def test_two_sides_of_a_shelf_are_two_tiles():
    free = np.ones((6, 9), dtype=bool)
    free[:, 4] = False
    found = tiles(free)
    assert not set(found[:, :4].ravel()) & set(found[:, 5:].ravel())


def test_a_strip_is_joined_to_its_neighbour():
    assert tiles(np.ones((6, 14), dtype=bool)).max() == 1


def test_a_tile_lies_in_one_zone():
    zone = np.zeros((8, 8), dtype=bool)
    zone[:, :3] = True
    found = tiles(np.ones((8, 8), dtype=bool), [zone])
    assert not set(found[zone]) & set(found[~zone])


def test_the_smaller_of_two_zones_counts():
    large, small = np.ones((4, 4), dtype=bool), np.zeros((4, 4), dtype=bool)
    small[0, 0] = True
    assert zone_labels({"small": small, "large": large}, (4, 4))[0].tolist() == [0, 1, 1, 1]


def test_corners_do_not_hang_together():
    assert hanging_together(np.array([[True, False], [False, True]])).tolist() == [[0, -1], [-1, 1]]


def test_sums_over_tiles_then_zones():
    free, zone = np.ones((6, 12), dtype=bool), np.zeros((6, 12), dtype=bool)
    free[0, 0] = False
    zone[:, :6] = True
    found = units(free, {"a": zone}, cell_m=CELL_M)
    assert (found.tiles, found.count) == (2, 3)
    assert found.sums(np.ones((1, 6, 12))).tolist() == [[35, 36, 35]]
    assert np.array_equal(found.cells(np.array([False, False, True]), (6, 12)), zone & free)
    assert found.share_in(zone).tolist() == [1, 0, 1]


def test_no_floor():
    assert units(np.zeros((3, 3), dtype=bool), {}, cell_m=CELL_M).count == 0


@given(
    st.tuples(st.integers(1, 14), st.integers(1, 14)).flatmap(
        lambda shape: st.tuples(arrays(bool, shape), arrays(bool, shape))
    )
)
def test_tiles_part_the_floor(floor):
    free, zone = floor
    found = tiles(free, [zone])
    assert np.array_equal(found >= 0, free)
    for i in range(found.max() + 1):
        tile = found == i
        assert tile.any()
        assert hanging_together(tile).max() == 0
        assert len(set(zone[tile])) == 1
