"""Flows, stops, passes, re-entries and losses, told as stories along a corridor.

x runs from the street (0) over the door (1..2) and two shelves: tea (3..5), with the teapots in it (3.5..4.5), and
coffee (6..8). The entrance line at 2.5 is crossed inwards with growing x.
"""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.site import Site
from edge.arrays import PlanePoints
from edge.layout import site_layout
from edge.report import window_part
from edge.watch import Watch


def box(x0, x1):
    return [[x0, 0], [x1, 0], [x1, 2], [x0, 2]]


SHOP = {
    "site": "s",
    "floor": {"bounds_m": [[0, 0], [12, 2]]},
    "cameras": {"c": {}},
    "zones": {
        "door": {"kind": "entrance", "polygon_m": box(1, 2)},
        "tea": {"polygon_m": box(3, 5)},
        "pots": {"kind": "category", "polygon_m": box(3.5, 4.5)},
        "coffee": {"polygon_m": box(6, 8)},
    },
}
ENTRANCE = {"lines": {"in": {"entrance": True, "ends_m": [[2.5, 2], [2.5, 0]]}}}

STREET, DOOR, AISLE, TEA, POTS, COFFEE, END = 0.5, 1.5, 2.8, 3.2, 4.0, 7.0, 11.0


def along(*steps, step_s=0.5, track=1, end=True):
    """Stand at each (x, seconds) in turn, one observation every half second; then the track ends."""
    places = [x for x, seconds in steps for _ in range(round(seconds / step_s))]
    story = [(k * step_s, {track: (x, 1.0)} if x is not None else {}) for k, x in enumerate(places)]
    return [*story, (len(places) * step_s, {}, [track] if end else [])]


def flows(windows):
    total = Counter()
    for window in windows:
        total.update({(flow.source, flow.target): flow.n for flow in window.flows})
    return total


@pytest.mark.parametrize(
    ("story", "expected", "reason"),
    [
        (along((DOOR, 1), (AISLE, 1), (DOOR, 1)), "ENTRY EXIT", "in and out without a visit"),
        (along((DOOR, 1), (TEA, 2), (AISLE, 2), (COFFEE, 2), (DOOR, 1)), "ENTRY tea coffee EXIT", "the way between is left out"),
        (along((DOOR, 1), (TEA, 2), (AISLE, 4), (TEA, 2), (DOOR, 1)), "ENTRY tea EXIT", "back to the same is no transition"),
        (along((DOOR, 1), (TEA, 2), (COFFEE, 0.5), (TEA, 2), (DOOR, 1)), "ENTRY tea EXIT", "a brush of half a second is no visit"),
        (along((DOOR, 1), (TEA, 2), (COFFEE, 2), (TEA, 2), (DOOR, 1)), "ENTRY tea coffee tea EXIT", "unless another lies between"),
        (along((DOOR, 1), (TEA, 2), (POTS, 2), (TEA, 2), (DOOR, 1)), "ENTRY tea pots tea EXIT", "the smaller zone wins over the one around it"),
        (along((DOOR, 1), *[(TEA, 0.5), (POTS, 0.5)] * 6, (DOOR, 1)), "ENTRY tea pots EXIT", "to and fro over an edge is no to and fro of visits"),
        (along((AISLE, 1), (TEA, 2), (COFFEE, 2)), "LOST tea coffee LOST", "a track that begins and breaks somewhere"),
        (along((DOOR, 1), (TEA, 2), (None, 2), (COFFEE, 2), (DOOR, 1)), "ENTRY tea coffee EXIT", "hidden for a moment on the way"),
        (along((TEA, 2), end=False), "LOST tea LOST", "the recording ends: nobody knows how it went on"),
    ],
)  # fmt: skip
def test_the_way_from_zone_to_zone(play, story, expected, reason):
    way = expected.split()
    assert flows(play(Site.model_validate(SHOP), story)) == Counter(pairwise(way)), reason


@pytest.mark.parametrize(
    ("steps", "expected", "reason"),
    [
        ([(STREET, 1), (DOOR, 1), (AISLE, 1), (TEA, 2)], "ENTRY tea LOST", "came in over the line"),
        ([(AISLE, 1), (TEA, 2), (AISLE, 1), (STREET, 1)], "LOST tea EXIT", "went out over the line"),
        ([(AISLE, 1), (TEA, 2), (STREET, 1), (AISLE, 1), (COFFEE, 2)], "LOST tea coffee LOST", "out and in again, then lost"),
        ([(STREET, 2)], "LOST LOST", "passed by outside"),
    ],
)  # fmt: skip
def test_an_entrance_line_is_a_door(play, steps, expected, reason):
    zones = {key: zone for key, zone in SHOP["zones"].items() if key != "door"}
    way = expected.split()
    site = Site.model_validate(SHOP | {"zones": zones} | ENTRANCE)
    assert flows(play(site, along(*steps))) == Counter(pairwise(way)), reason


def test_at_the_edge_of_the_picture_people_come_and_go(play):
    story = [(0.0, {1: (AISLE, 1)}, [], [1]), (0.5, {1: (AISLE, 1)}), (1.0, {1: (AISLE, 1)}, [], [1]), (1.5, {}, [1])]
    (window,) = play(Site.model_validate(SHOP), story)
    assert flows([window]) == {("ENTRY", "EXIT"): 1}
    assert window.heatmap.lost == []


def told(windows, name):
    """Cells of a story's only row of interest, by their left edge in metres."""
    total = Counter()
    for window in windows:
        heat = window.heatmap
        values = getattr(heat, name) or [0] * len(heat.index)
        total.update({heat.index[k] % heat.shape[1] * heat.cell: n for k, n in enumerate(values) if n})
    return total


@pytest.mark.parametrize(
    ("story", "expected", "reason"),
    [
        (along((AISLE, 1), (TEA, 2), (DOOR, 1)), {}, "left by the door"),
        (along((DOOR, 1), (COFFEE, 2)), {7.0: 1}, "broke off, where it was seen last"),
        (along((DOOR, 1), (COFFEE, 2), end=False), {}, "the recording ended: no track was lost"),
    ],
)
def test_where_tracks_are_lost(play, story, expected, reason):
    assert told(play(Site.model_validate(SHOP), story), "lost") == expected, reason


@pytest.mark.parametrize(
    ("steps", "cells", "zones", "reason"),
    [
        ([(AISLE, 1), (COFFEE, 2.5), (AISLE, 1)], {}, 0, "not long enough"),
        ([(AISLE, 1), (COFFEE, 9), (AISLE, 1)], {7.0: 1}, 1, "one stop, however long"),
        ([(AISLE, 1), (6.9, 1), (7.1, 1), (6.9, 1), (7.1, 1)], {7.0: 1}, 1, "shifting weight is standing"),
        ([(AISLE, 1), (6.2, 4), (7.6, 4), (AISLE, 1)], {6.0: 1, 7.5: 1}, 1, "two stops in one visit"),
        ([(COFFEE, 1), (None, 2), (COFFEE, 1)], {7.0: 1}, 1, "hidden for a moment, and still there"),
        ([(COFFEE, 4), (AISLE, 2), (COFFEE, 4)], {7.0: 2}, 2, "two visits"),
    ],
)
def test_stops(play, steps, cells, zones, reason):
    windows = play(Site.model_validate(SHOP), along(*steps))
    assert told(windows, "stops") == cells, reason
    assert sum(window.zones["coffee"].stops for window in windows) == zones, reason


@pytest.mark.parametrize(
    ("story", "expected", "reason"),
    [
        (along((0.2, 1), (0.7, 1), (1.2, 1)), {0.0: 1, 0.5: 1, 1.0: 1}, "from cell to cell"),
        (along(*[(0.4, 0.5), (0.6, 0.5)] * 4), {0.0: 1, 0.5: 1}, "to and fro over an edge"),
        (along((0.2, 1), (0.7, 2), (0.2, 1)), {0.0: 2, 0.5: 1}, "back after longer than gap_s"),
        (
            along((0.2, 0.5), (2.2, 0.5)),
            {0.0: 1, 0.5: 1, 1.0: 1, 1.5: 1, 2.0: 1},
            "a long step passes what lies between",
        ),
        (along((0.2, 0.5), (None, 5), (2.2, 0.5)), {0.0: 1, 2.0: 1}, "hidden for too long to know the way"),
    ],
)
def test_who_comes_into_a_cell(play, story, expected, reason):
    assert told(play(Site.model_validate(SHOP), story), "visits") == expected, reason


def test_passes_do_not_depend_on_the_frame_rate(play):
    site = Site.model_validate(SHOP)
    walks = [[(k * dt, {1: (0.1 + 1.3 * k * dt, 1.0)}) for k in range(round(8 / dt))] for dt in (0.1, 0.4, 1.0)]
    counted = [told(play(site, walk), "visits") for walk in walks]
    assert counted[0] == Counter({0.5 * k: 1 for k in range(21)})
    assert [sum((counted[0] - other).values()) for other in counted[1:]] <= [1, 2], "but for the last, unfinished step"


def test_coming_back_in_one_track_is_a_re_entry(play):
    twice = along((DOOR, 1), (TEA, 2), (AISLE, 2), (TEA, 2), (AISLE, 2))
    once = [
        (t + 100, {2: here[1]} if here else {}, [2] if ended else [])
        for t, here, *ended in along((DOOR, 1), (TEA, 2), (AISLE, 2))
    ]
    (window,) = play(Site.model_validate(SHOP), [*twice, *once])
    assert (window.zones["tea"].entries, window.zones["tea"].reentries) == (3, 1)


place = st.none() | st.sampled_from([STREET, DOOR, AISLE, TEA, POTS, COFFEE, END])
crowd = st.lists(st.tuples(st.floats(0.1, 3), st.lists(place, min_size=3, max_size=3), st.sets(st.integers(1, 3))),
                 min_size=1, max_size=50)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(crowd, st.sampled_from([7.0, 60.0]))
def test_every_track_that_sets_out_arrives(steps, window_s):
    """Flows out of ENTRY and LOST are as many as flows into EXIT and LOST, and every zone is left as often as reached."""
    layout = site_layout(Site.model_validate(SHOP | ENTRANCE), "c", None)
    watch, t, begun, closed = Watch(layout, window_s=window_s), 0.0, set(), []
    for k, (dt, places, ended) in enumerate(steps):
        t += dt
        here = {100 * i + sum(i in e for *_, e in steps[:k]): x for i, x in enumerate(places, 1) if x is not None}
        gone = [100 * i + sum(i in e for *_, e in steps[:k]) - 1 for i in ended]
        begun |= here.keys()
        xy = np.array([(x, 1.0) for x in here.values()]).reshape(-1, 2)
        closed += watch.observe(
            t, PlanePoints(np.array([*here], np.int64), xy, np.zeros(len(here), bool), np.array(gone, np.int64))
        )
    counted = flows(window_part(stats, layout, "c") for stats in closed + watch.finish())
    out, into = Counter(), Counter()
    for (source, target), n in counted.items():
        out[source] += n
        into[target] += n
    assert out["ENTRY"] + out["LOST"] == into["EXIT"] + into["LOST"] == len(begun)
    assert all(out[zone] == into[zone] for zone in SHOP["zones"])
    assert "door" not in out, "where people appear is no station"
