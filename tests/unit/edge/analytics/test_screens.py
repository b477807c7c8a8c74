"""What a screen was worth: to whom it could be seen, who turned to it, and for how long."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.analytics.programme import Programme
from edge.analytics.screens import Attention, ScreenPlaces

NOBODY = np.zeros(1, np.int8)


def places(*, at=(0.0, 0.0), facing_deg=0.0, camera=(np.nan, np.nan)):
    """One screen, at the origin, that looks along x."""
    angle = np.radians(facing_deg)
    return ScreenPlaces(
        ("s",),
        np.array([0]),
        np.array([at], float),
        np.array([[np.cos(angle), np.sin(angle)]]),
        np.array(camera, float),
    )


def unit(degrees):
    return np.array([[np.cos(np.radians(degrees)), np.sin(np.radians(degrees))]])


def turned(xy, heading_deg=None, *, facing=-1, **kwargs):
    heading = np.zeros((1, 2)) if heading_deg is None else unit(heading_deg)
    return bool(Attention(places(**kwargs)).turned(np.array([xy], float), heading, np.array([facing], np.int8))[0, 0])


@pytest.mark.parametrize(
    ("xy", "heading_deg", "looks"),
    [
        ((3, 0), 180, True),
        ((3, 0), 180 + 59, True),
        ((3, 0), 180 + 61, False),
        ((3, 0), 0, False),
        ((3, 0), None, False),
        (3 * unit(74)[0], 180 + 74, True),
        (3 * unit(76)[0], 180 + 76, False),
        ((-3, 0), 0, False),
        ((0, 0), 180, True),
    ],
)
def test_turned_is_within_sixty_degrees_and_before_the_screen(xy, heading_deg, looks):
    assert turned(xy, heading_deg) is looks


def test_who_shows_the_camera_a_face_looks_towards_the_camera():
    assert turned((3, 0), None, facing=1, camera=(-1, 0)), "the camera hangs behind the screen"
    assert not turned((3, 0), None, facing=1, camera=(9, 0)), "the camera looks from the other side"
    assert not turned((3, 0), None, facing=0, camera=(-1, 0))
    assert not turned((3, 0), None, facing=1), "where the camera hangs is not known"


def test_on_an_image_only_faces_tell():
    nowhere = {"at": (np.nan, np.nan)}
    assert not turned((0.5, 0.5), 180, **nowhere)
    assert turned((0.5, 0.5), None, facing=1, **nowhere)


@given(st.floats(0, 360), st.floats(0, 360), st.floats(0.5, 5), st.floats(0, 360))
def test_turning_the_whole_floor_changes_nothing(where_deg, heading_deg, away, turn_deg):
    before = turned(away * unit(where_deg)[0], heading_deg)
    after = turned(away * unit(where_deg + turn_deg)[0], heading_deg + turn_deg, facing_deg=turn_deg)
    margin = min(abs((where_deg + 180) % 360 - 180 - edge) for edge in (-75, 75))
    apart = abs((heading_deg - where_deg) % 360 - 180)
    assert before == after or margin < 1e-6 or abs(apart - 60) < 1e-6


def watch(attention, seconds, *, start=0.0, row=3, near=True, looks=True, own=True, step=0.1, to):
    """Somebody is before the screen for `seconds`."""
    for k in range(round(seconds / step)):
        flags = [np.array([[flag]]) for flag in (near, near and own, looks)]
        attention.credit(np.array([row]), *flags, start=start + k * step, end=start + (k + 1) * step, to=to)
    return start + seconds


def worth(counts):
    return {key: (c.ots, c.viewers, round(c.shown_s, 6), round(c.attention_s, 6)) for key, c in counts.items()}


def test_one_person_is_one_opportunity_in_each_showing():
    attention, to = Attention(places()), {}
    attention.show("s", "tea", 2.0, 4.0)
    watch(attention, 6.0, to=to)
    assert worth(to) == {(0, None): (2, 2, 4.0, 4.0), (0, "tea"): (1, 1, 2.0, 2.0)}, "before and after are two of None"


def test_who_comes_back_in_one_showing_is_no_second_opportunity():
    attention, to = Attention(places()), {}
    t = watch(attention, 2.0, to=to)
    t = watch(attention, 3.0, start=t, near=False, to=to)
    watch(attention, 2.0, start=t, to=to)
    assert worth(to)[0, None][:2] == (1, 1)


def test_a_glance_of_less_than_a_second_is_no_viewer():
    attention, to = Attention(places()), {}
    t = watch(attention, 0.9, to=to)
    t = watch(attention, 5.0, start=t, looks=False, to=to)
    assert worth(to)[0, None] == (1, 0, 5.9, 0.9)
    watch(attention, 0.1, start=t, to=to)
    assert worth(to)[0, None][1] == 1


def test_the_next_track_in_a_row_is_somebody_else():
    attention, to = Attention(places()), {}
    watch(attention, 2.0, to=to)
    attention.begin(np.array([3]))
    watch(attention, 2.0, start=2.0, to=to)
    assert worth(to)[0, None][:2] == (2, 2)


def test_who_is_taken_over_from_another_camera_is_not_counted_again():
    here, there = Attention(places()), Attention(places())
    to = {}
    for one in (here, there):
        one.show("s", "tea", 0.0, 60.0)
    watch(there, 0.7, to=to)
    here.take_over(3, there.impressions(3))
    watch(here, 0.5, start=0.7, to=to)
    assert worth(to)[0, "tea"] == (1, 1, 1.2, 1.2)
    assert there.impressions(9) == {}


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20)), max_size=4),
    st.lists(st.integers(0, 60), max_size=4),
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 30), st.booleans()), min_size=1, max_size=5),
)
def test_windows_add_up_however_they_are_cut(shows, cuts, people):
    """What is counted of people who come and go does not depend on where windows end."""
    totals = []
    for edges in ([], cuts):
        attention = Attention(places())
        for k, (start, lasts) in enumerate(shows):
            attention.show("s", f"c{k}", start, start + lasts)
        windows = []
        ends = sorted({*range(0, 81), *edges})
        for a, b in itertools.pairwise(ends):
            if a in edges or not windows:
                windows.append({})
            rows = np.array([k for k, (since, stays, _) in enumerate(people) if since <= a < since + stays], np.int64)
            near = np.ones((len(rows), 1), bool)
            looks = np.array([[people[row][2]] for row in rows.tolist()], bool).reshape(-1, 1)
            attention.credit(rows, near, near, looks, start=a, end=b, to=windows[-1])
        sums = {}
        for window in windows:
            for key, counts in worth(window).items():
                sums[key] = tuple(np.add(sums.get(key, (0, 0, 0, 0)), counts).tolist())
        totals.append(sums)
    assert totals[0] == totals[1]
    programme = Programme()
    for k, (start, lasts) in enumerate(shows):
        programme.show(f"c{k}", start, start + lasts)
    met = [
        (min(until, since + stays, 80) - max(start, since), looks)
        for _, start, until in programme.between(0, 80)
        for since, stays, looks in people
    ]
    assert sum(ots for ots, *_ in totals[0].values()) == sum(seconds > 0 for seconds, _ in met)
    assert sum(viewers for _, viewers, *_ in totals[0].values()) == sum(
        seconds >= 1 and looks for seconds, looks in met
    )
    assert sum(shown for _, _, shown, _ in totals[0].values()) == 80
