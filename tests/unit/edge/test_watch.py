"""Visits, dwell, presence and windows, told as little stories of who is where."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.grid import Grid
from edge.analytics.dwell import LATE_LEFT, LATE_LOST, LEFT, LOST
from edge.area import Area
from edge.arrays import PlanePoints
from edge.layout import Layout
from edge.watch import Watch

ROOM = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]])
INSIDE, OUTSIDE = (2.0, 2.0), (9.0, 2.0)


def layout(*, door=False, gap_s=1.0):
    grid = Grid("m", 1.0, (0.0, 0.0), (10, 10))
    none = np.zeros((0, 2, 2))
    return Layout(
        "c",
        None,
        None,
        ("room",),
        (ROOM,),
        np.array([door]),
        (),
        none,
        np.zeros(0, bool),
        (),
        Area.whole(grid),
        gap_s=gap_s,
    )


def points(here, ended=(), edge=()):
    ids = sorted(here)
    return PlanePoints(
        np.array(ids, np.int64),
        np.array([here[i] for i in ids], float).reshape(-1, 2),
        np.array([i in edge for i in ids], bool),
        np.array(ended, np.int64),
    )


def tell(story, *, window_s=60.0, **kwargs):
    """Play `story`, a list of (t, {id: place}, ended, at_edge); windows and visits (dwell_s, how)."""
    visits = []
    watch = Watch(
        layout(**kwargs), window_s=window_s, on_visits=lambda v: visits.extend(zip(v.dwell_s, v.how, strict=True))
    )
    windows = []
    for t, here, *rest in story:
        windows += watch.observe(t, points(here, *rest))
    windows += watch.finish()
    return windows, [(round(float(d), 6), int(how)) for d, how in visits]


def total(windows, name):
    return sum(float(np.sum(getattr(w, name))) for w in windows)


def walk(t0, places, step_s=0.5, track=1):
    return [(t0 + k * step_s, {track: p} if p else {}) for k, p in enumerate(places)]


O, I = OUTSIDE, INSIDE  # noqa: E741 - one letter a place keeps the stories readable


@pytest.mark.parametrize(
    ("story", "visits", "entries", "reason"),
    [
        (walk(0, [O, I, I, O, O, O, O]), [(1.0, LEFT)], 1, "in and out"),
        (walk(0, [O, I, O, I, O, O, O, O]), [(1.5, LEFT)], 1, "half a second outside is the same visit"),
        (walk(0, [O, I, O, O, O, O, I, O, O, O, O]), [(0.5, LEFT), (0.5, LEFT)], 2, "two seconds outside is another"),
        (walk(0, [I, I, O, O, O, O]), [(1.0, LATE_LEFT)], 0, "began inside: nobody saw it come in"),
        ([*walk(0, [O, I, I]), (1.5, {}, [1])], [(1.0, LOST)], 1, "the track broke inside: censored"),
        ([*walk(0, [I, I]), (1.0, {}, [1])], [(1.0, LATE_LOST)], 0, "began and broke inside"),
        (walk(0, [O, I, I, I]), [(1.5, LOST)], 1, "still inside at the end: the last observation stands one step"),
        ([*walk(0, [O, I, I]), (1.5, {}), (2.0, {}), (2.5, {}, [1])], [(1.0, LOST)], 1, "memory is not presence"),
        ([*walk(0, [O, I]), (1.0, {}), (1.5, {}), (2.0, {}), (2.5, {1: I}), (3.0, {1: O}), (5.0, {1: O})],
         [(2.5, LEFT)], 1, "hidden for 1.5 s and found again inside: was there all the while"),
        ([*walk(0, [O, I]), *[(1.0 + k / 2, {}) for k in range(10)], (6.0, {1: I}), (6.5, {1: O}), (9.0, {1: O})],
         [(0.5, LOST), (0.5, LATE_LEFT)], 1, "hidden for longer than bridge_s: nobody knows"),
    ],
)  # fmt: skip
def test_visits(story, visits, entries, reason):
    windows, told = tell(story)
    assert told == visits, reason
    assert total(windows, "entries") == entries, reason
    assert total(windows, "visits") == len(visits)
    assert np.isclose(total(windows, "dwell_sum_s"), sum(d for d, _ in visits))


def test_at_a_door_people_appear_and_vanish():
    windows, told = tell([*walk(0, [I, I, I]), (1.5, {}, [1])], door=True)
    assert told == [(1.5, LEFT)]
    assert total(windows, "entries") == 1


def test_at_the_edge_of_the_view_appearing_is_coming_in():
    story = [(0.0, {1: I}, [], [1]), (0.5, {1: I}, [], []), (1.0, {1: I}, [], [1]), (1.5, {}, [1])]
    windows, told = tell(story)
    assert told == [(1.5, LEFT)]
    assert total(windows, "entries") == 1


def test_empty_frames_are_observations():
    windows, _ = tell([(k * 0.5, {}) for k in range(241)])
    assert [w.observed_s for w in windows] == [60.0, 60.0, 0.5]
    assert [w.frames for w in windows] == [120, 120, 1]
    assert total(windows, "presence_s") == 0


def test_nothing_is_added_up_between_two_visitors_of_an_empty_shop():
    story = (
        [(0.0, {1: I}), (10.0, {}, [1])]
        + [(10 + k, {}) for k in range(1, 1800)]
        + [(1811.0, {2: I}), (1821.0, {}, [2])]
    )
    windows, _ = tell(story)
    assert total(windows, "heat_s") == pytest.approx(4.0), (
        "each visitor stands for hold_s, never for the half hour between"
    )


def test_a_silent_source_is_not_an_empty_shop():
    windows, _ = tell([(0.0, {1: I}), (0.5, {1: I}), (600.0, {1: I}), (600.5, {1: I})])
    assert [w.t_start for w in windows] == [0.0, 600.0]
    assert total(windows, "observed_s") == 0.5 + 2.0 + 0.5 + 0.5


def test_a_new_stream_joins_nobody():
    visits = []
    watch = Watch(layout(), on_visits=lambda v: visits.extend(v.dwell_s.tolist()))
    watch.observe(0.0, points({1: INSIDE}))
    watch.observe(1.0, points({1: INSIDE}))
    watch.restart()
    watch.observe(2.0, points({1: INSIDE}))
    watch.observe(3.0, points({1: INSIDE}))
    watch.finish()
    assert visits == [2.0, 2.0]


def test_a_stream_that_comes_back_in_another_window_fills_that_one():
    watch = Watch(layout())
    watch.observe(50.0, points({1: INSIDE}))
    watch.observe(51.0, points({1: INSIDE}))
    assert watch.restart() == []
    (before,) = watch.observe(200.0, points({2: INSIDE}, edge=[2]))
    watch.observe(201.0, points({2: INSIDE}))
    (after,) = watch.finish()
    assert [(w.t_start, w.frames, w.observed_s, int(w.entries[0])) for w in (before, after)] == [
        (0.0, 2, 2.0, 0),
        (180.0, 2, 2.0, 1),
    ]


def test_time_does_not_run_backwards():
    windows, _ = tell([(0.0, {1: I}), (1.0, {1: I}), (0.5, {1: I}), (1.0, {1: I}), (2.0, {1: I})])
    assert total(windows, "presence_s") == 3.0
    assert total(windows, "frames") == 3


def test_a_hidden_walker_leaves_heat_on_the_straight_line():
    story = [(0.0, {1: (0.5, 5.5)}), (0.5, {}), (1.0, {}), (1.5, {}), (2.0, {}), (2.5, {1: (8.5, 5.5)}), (3.0, {}, [1])]
    windows, _ = tell(story)
    row = windows[0].heat_s.reshape(10, 10)[5]
    assert row.sum() == pytest.approx(3.0)
    assert (row[1:8] > 0).all()


def test_windows_are_aligned_to_utc_and_add_up():
    windows, _ = tell([(55 + k * 0.5, {1: I}) for k in range(40)], window_s=10.0)
    assert [w.t_start for w in windows] == [50.0, 60.0, 70.0]
    assert [w.observed_s for w in windows] == [5.0, 10.0, 5.0]
    assert total(windows, "presence_s") == 20.0
    assert total(windows, "visits") == 1, "counted once, in the window in which it ended"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0.05, 4), st.lists(st.sampled_from([None, INSIDE, OUTSIDE]), min_size=3, max_size=3)),
        min_size=2,
        max_size=40,
    ),
    st.sampled_from([7.0, 10.0, 60.0]),
)
def test_sums_do_not_depend_on_how_time_is_cut(steps, window_s):
    story, t = [], 3.0
    for dt, places in steps:
        t += dt
        story.append((t, {i: p for i, p in enumerate(places) if p}))
    cut, visits = tell(story, window_s=window_s)
    whole, same = tell(story, window_s=100_000.0)
    assert visits == same
    for name in (
        "observed_s",
        "frames",
        "presence_s",
        "entries",
        "visits",
        "zone_presence_s",
        "dwell_sum_s",
        "heat_s",
        "dwell",
    ):
        assert total(cut, name) == pytest.approx(total(whole, name)), name
    assert all(w.observed_s <= window_s + 1e-6 for w in cut)
    assert total(whole, "zone_presence_s") <= total(whole, "presence_s") + 1e-9
    assert all(d >= 0 for d, _ in visits)
