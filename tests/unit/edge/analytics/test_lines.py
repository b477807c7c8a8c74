import numpy as np
import pytest

from edge.analytics.lines import LineCounter
from edge.analytics.slots import Slots

DOOR = np.array([[[0.0, 0.0], [0.0, 2.0]]])
"""Walking towards smaller x crosses it "in": cross((0, 2), (-1, 0)) > 0."""


def count(paths, *, clear=0.1, bridge_s=1.0, step_s=0.5):
    """Walk `paths` (one list of x per person, None while unseen) past the door at y = 1; total in, out."""
    counter, slots, total = (
        LineCounter(DOOR, (DOOR,), np.array([True]), clear=clear, bridge_s=bridge_s),
        Slots(),
        np.zeros((1, 2), int),
    )
    for k in range(max(map(len, paths))):
        here = [(i, path[k]) for i, path in enumerate(paths) if k < len(path) and path[k] is not None]
        rows, new = slots.take(np.array([i for i, _ in here], np.int64))
        total += counter.step(k * step_s, rows, new, np.array([(x, 1.0) for _, x in here]).reshape(-1, 2))
    total += counter.end(slots.release_all())
    return tuple(total[0].tolist())


@pytest.mark.parametrize(
    ("path", "expected", "reason"),
    [
        ([1, -1], (1, 0), "walks in"),
        ([-1, 1], (0, 1), "walks out"),
        ([1, -1, 1], (1, 1), "in, away, and out again"),
        ([1, -0.05, 0.05, -0.05, 0.05, -1], (1, 0), "wobbles on the line, then goes in"),
        ([1, -0.05, 1], (0, 0), "a U-turn on the line is no crossing"),
        ([1, -0.05], (1, 0), "vanishes right behind the door"),
        ([1, 0, -1], (1, 0), "stands on the line for a moment"),
        ([1, 0, 1], (0, 0), "touches the line and turns back"),
        ([1, None, None, None, -1], (0, 0), "unseen for longer than bridge_s: not known to have crossed"),
        ([1, None, -1], (1, 0), "unseen for a moment"),
        ([-1], (0, 0), "appears behind the line"),
    ],
)
def test_crossings(path, expected, reason):
    assert count([path]) == expected, reason


def test_people_do_not_share_an_account():
    assert count([[1, -1], [-1, 1], [1, -1]]) == (2, 1)


def test_a_row_given_back_forgets_its_last_owner():
    counter, slots = LineCounter(DOOR, (DOOR,), np.array([True]), clear=0.1, bridge_s=1.0), Slots()
    rows, new = slots.take(np.array([7], np.int64))
    counter.step(0.0, rows, new, np.array([[1.0, 1.0]]))
    counter.end(slots.release(np.array([7], np.int64)))
    rows, new = slots.take(np.array([8], np.int64))
    assert counter.step(0.5, rows, new, np.array([[-1.0, 1.0]])).sum() == 0


def test_a_site_without_lines():
    counter, slots = LineCounter(np.zeros((0, 2, 2)), (), np.zeros(0, bool), clear=0.1, bridge_s=1.0), Slots()
    rows, new = slots.take(np.array([1], np.int64))
    assert counter.step(0.0, rows, new, np.zeros((1, 2))).shape == (0, 2)
