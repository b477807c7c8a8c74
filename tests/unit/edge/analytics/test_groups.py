"""Who moves together."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.analytics.groups import GroupFinder
from edge.analytics.pace import Walk

FPS = 8


class Street:
    """People by row, each a function from seconds to a place or None; sizes told at the end of each frame."""

    def __init__(self, per_metre=1.0):
        self.walk, self.groups, self.known, self.per_metre = Walk(), GroupFinder(), set(), per_metre

    def play(self, people, seconds, start=0.0):
        for k in range(round(seconds * FPS)):
            t = start + k / FPS
            here = {row: place for row, way in people.items() if (place := way(t)) is not None}
            for row in [row for row in self.known if row not in here]:
                self.groups.end(np.array([row]))
                self.known.remove(row)
            rows = np.array(sorted(here))
            new = np.array([row not in self.known for row in rows.tolist()])
            xy = np.array([here[row] for row in rows.tolist()], float) * self.per_metre
            scale = np.full(len(rows), self.per_metre)
            motion = self.walk.step(t, rows, new, xy, scale)
            self.groups.step(t, rows, xy, motion.velocity_m_s, scale)
            self.known |= set(rows.tolist())
        return {row: int(size) for row, size in zip(rows.tolist(), self.groups.sizes(rows), strict=True)}


def along(x, y, speed=1.2, *, until=np.inf, since=-np.inf):
    """Walks in x from (x, y); stands from `until` s on; is not there before `since`."""
    return lambda t: (x + speed * min(t, until), y) if t >= since else None


@pytest.mark.parametrize("per_metre", [1.0, 0.08])
def test_abreast_at_one_speed_is_together(per_metre):
    assert Street(per_metre).play({1: along(0, 0), 2: along(0.2, 0.8), 3: along(0, 6)}, 4) == {1: 2, 2: 2, 3: 1}


def test_the_opposite_way_is_not():
    assert Street().play({1: along(0, 0), 2: along(6, 0.8, -1.2)}, 4.5) == {1: 1, 2: 1}


def test_in_a_lane_behind_each_other_is_not():
    assert Street().play({1: along(0, 0), 2: along(1.4, 0)}, 6) == {1: 1, 2: 1}


def test_who_overtakes_is_not():
    assert Street().play({1: along(0, 0, 0.8), 2: along(-2, 0.7, 1.5)}, 8) == {1: 1, 2: 1}


def test_strangers_in_a_queue_do_not_become_companions():
    assert Street().play({1: along(3, 0, 0), 2: along(3.5, 0.6, 0)}, 60) == {1: 1, 2: 1}


def test_who_came_together_stays_together_while_they_stand():
    assert Street().play({1: along(0, 0, until=4), 2: along(0, 0.8, until=4)}, 60) == {1: 2, 2: 2}


def test_who_parts_is_alone_again():
    street = Street()
    stays, goes = along(0, 0, until=4), along(0, 0.8)
    assert street.play({1: stays, 2: goes}, 3.5) == {1: 2, 2: 2}
    assert street.play({1: stays, 2: goes}, 8, start=3.5) == {1: 1, 2: 1}


def test_groups_are_chains_of_pairs():
    sizes = Street().play({k: along(0, 0.9 * k) for k in range(4)}, 4)
    assert sizes == dict.fromkeys(range(4), 4), "the outer two are 2.7 m apart"


def test_a_row_taken_over_by_somebody_else_has_no_companions():
    street = Street()
    street.play({1: along(0, 0), 2: along(0, 0.8)}, 4)
    assert street.play({1: along(0, 0)}, 0.5, start=4) == {1: 1}
    assert street.play({1: along(0, 0), 2: along(0, 9)}, 2, start=4.5) == {1: 1, 2: 1}


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(6)), st.integers(0, 2**31))
def test_sizes_do_not_depend_on_the_order_of_rows_and_add_up(order, seed):
    rng = np.random.default_rng(seed)
    ways = [along(*rng.uniform(0, 3, 2), rng.choice([0.0, 0.7, 1.2])) for _ in range(6)]
    plain = Street().play(dict(enumerate(ways)), 4)
    turned = Street().play({order[k]: way for k, way in enumerate(ways)}, 4)
    assert {order[k]: size for k, size in plain.items()} == turned
    for size in set(plain.values()):
        assert list(plain.values()).count(size) % size == 0
