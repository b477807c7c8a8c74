"""What a store says of its shelves, and what is taken where it says nothing."""

import numpy as np

from server.domain.shelves import Goods, Place, features, floor_of


def test_what_is_told_is_taken(make_days):
    days = make_days(20, place=[0, 0, 1])
    floor = floor_of(
        days,
        [Place("z1", 5.0, frozenset({"cold"})), Place("nowhere", 1.0)],
        [("z0", "z1"), ("z0", "nowhere")],
        [Goods("c0", 2.0, "cold", movable=False), Goods("c1", 4.0)],
        [("c0", "c1")],
    )
    assert floor.now.tolist() == [0, 0, 1]
    assert floor.metres.tolist() == [2.0, 4.0, 3.0], "who does not say takes the median"
    assert floor.needs == ("cold", "", "")
    assert floor.has == (frozenset(), frozenset({"cold"}))
    assert floor.movable.tolist() == [False, True, True]
    assert floor.adjacent.tolist() == [[False, True], [False, False]]
    assert floor.kept == [(0, 1)]


def test_a_zone_that_does_not_say_holds_what_ever_stood_there(make_days):
    place = np.array([[0, 0, 1]] * 10 + [[1, 1, 1]] * 10)
    floor = floor_of(make_days(20, place=place), [], [], [], [])
    assert floor.capacity.tolist() == [2.0, 3.0]


def test_zones_for_goods_on_show(make_days):
    assert features(make_days(5), [Place("z1", feature=True), Place("z0"), Place("z9", feature=True)]) == {1}
