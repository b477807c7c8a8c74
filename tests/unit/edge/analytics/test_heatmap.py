import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from contract.grid import Grid
from edge.analytics.heatmap import add_presence

GRID = Grid("m", 0.5, (-1.0, 2.0), (4, 6))


def test_far_edge_belongs_to_the_last_cell_and_beyond_is_outside():
    xy = np.array([[-1.0, 2.0], [1.99, 3.99], [2.0, 4.0], [2.01, 3.0], [0.0, 1.99]])
    assert GRID.cells(xy).tolist() == [0, 23, 23, -1, -1]


@given(st.lists(st.tuples(st.floats(-3, 4), st.floats(0, 6), st.floats(0, 5)), max_size=30))
def test_every_second_on_the_grid_is_kept_once(visits):
    heat = np.zeros(24)
    xy = np.array([(x, y) for x, y, _ in visits]).reshape(-1, 2)
    seconds = np.array([s for *_, s in visits])
    add_presence(heat, GRID.cells(xy), seconds)
    on_grid = (xy[:, 0] >= -1) & (xy[:, 0] <= 2) & (xy[:, 1] >= 2) & (xy[:, 1] <= 4)
    assert np.isclose(heat.sum(), seconds[on_grid].sum())


def test_two_people_in_one_cell_both_count():
    heat = np.zeros(24)
    add_presence(heat, GRID.cells(np.array([[0.1, 2.1], [0.2, 2.2]])), np.array([1.5, 1.5]))
    assert heat[2] == 3.0
