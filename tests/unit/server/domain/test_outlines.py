import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from server.domain.outlines import outlines


def area(loop):
    """Signed, by the shoelace formula; positive clockwise as y grows downwards."""
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(loop, loop[1:] + loop[:1], strict=True)) / 2


@pytest.mark.parametrize(
    ("rows", "loops", "reason"),
    [
        (["#"], [4], "a cell has four corners"),
        (["##", "##"], [4], "so has a square of cells"),
        (["#.", "##"], [6], "an L has six"),
        (["###", "#.#", "###"], [4, 4], "a ring has an outline and a hole"),
        (["#.", ".#"], [4, 4], "cells that touch at a corner are apart"),
        (["..", ".."], [], "nothing has none"),
    ],
)
def test_corners(rows, loops, reason):
    mask = np.array([[sign == "#" for sign in row] for row in rows])
    assert sorted(len(loop) for loop in outlines(mask)) == loops, reason


@given(arrays(np.bool_, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_loops_hold_as_much_area_as_there_are_cells(mask):
    loops = outlines(mask)
    assert sum(area(loop) for loop in loops) == mask.sum()
    corners = [corner for loop in loops for corner in loop]
    assert all(0 <= x <= mask.shape[1] and 0 <= y <= mask.shape[0] for x, y in corners)
