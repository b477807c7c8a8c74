import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.geometry import points_in_polygon
from edge.analytics.zones import ZoneMap

coordinate = st.floats(-20, 20).map(lambda x: round(x, 2))
corners = st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=7, unique=True)


@settings(max_examples=60)
@given(st.lists(corners, min_size=1, max_size=3), st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=60))
def test_label_map_agrees_with_the_exact_polygon(shapes, points):
    polygons = [np.array(shape, float) for shape in shapes]
    xy = np.vstack([np.array(points, float), *polygons])
    expected = np.stack([points_in_polygon(xy, polygon) for polygon in polygons], axis=1)
    assert (ZoneMap(polygons).contains(xy) == expected).all()


def test_nobody_and_no_zones():
    assert ZoneMap([]).contains(np.zeros((3, 2))).shape == (3, 0)
    assert ZoneMap([np.array([[0.0, 0], [1, 0], [0, 1]])]).contains(np.zeros((0, 2))).shape == (0, 1)


def test_zones_may_overlap():
    square = np.array([[0.0, 0], [2, 0], [2, 2], [0, 2]])
    inside = ZoneMap([square, square + 1]).contains(np.array([[0.5, 0.5], [1.5, 1.5], [2.5, 2.5], [9, 9]]))
    assert inside.tolist() == [[True, False], [True, True], [False, True], [False, False]]
