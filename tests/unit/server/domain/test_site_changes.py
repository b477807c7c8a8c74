from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.site_changes import changed_keys, changes, merge, parts, whole

BASE = {
    "site": "shop",
    "version": 3,
    "name": "Shop",
    "floor": {"bounds_m": [[0, 0], [10, 8]], "fixtures": [{"polygon_m": [[0, 0], [1, 0], [1, 1]]}]},
    "cameras": {"door": {"name": "Door", "calibration": {"points": [{"a": 1}, {"a": 2}]}}, "aisle": {}},
    "zones": {
        "till": {"polygon_m": [[2, 0], [3, 0], [3, 1]]},
        "wine": {"name": "Wine", "polygon_m": [[4, 0], [5, 0], [5, 1]]},
    },
}


def edited(**paths):
    """`edited(zones__till=None)`: BASE with parts set, or removed where None."""
    document = deepcopy(BASE)
    for path, value in paths.items():
        *way, last = path.split("__")
        place = document
        for step in way:
            place = place.setdefault(step, {})
        if value is None:
            del place[last]
        else:
            place[last] = value
    return document


SQUARE = {"polygon_m": [[6, 6], [7, 6], [7, 7]]}


def test_changes_of_different_parts_are_put_together():
    mine = edited(zones__bread=SQUARE, cameras__door__lens=-0.1)
    theirs = edited(zones__till=None, floor__cell_m=1.0) | {"version": 4}
    found = merge(BASE, mine, theirs)
    assert (found.mine, found.theirs, found.both) == (
        ("cameras.door.lens", "zones.bread"),
        ("floor.cell_m", "zones.till"),
        (),
    )
    assert found.document["zones"].keys() == {"wine", "bread"}
    assert found.document["cameras"]["door"] == BASE["cameras"]["door"] | {"lens": -0.1}
    assert (found.document["floor"]["cell_m"], found.document["version"]) == (1.0, 4)


@pytest.mark.parametrize(
    ("mine", "theirs", "both"),
    [
        ({"zones__till": SQUARE}, {"zones__till": None}, ("zones.till",)),
        ({"zones__till": SQUARE}, {"zones__till": SQUARE | {"name": "x"}}, ("zones.till",)),
        ({"cameras__aisle": None}, {"cameras__aisle__lens": 0.1}, ("cameras.aisle", "cameras.aisle.lens")),
        ({"name": "A"}, {"name": "B"}, ("name",)),
    ],
)
def test_a_part_that_both_changed_is_named_and_nothing_is_merged(mine, theirs, both):
    found = merge(BASE, edited(**mine), edited(**theirs))
    assert (found.both, found.document) == (both, None)


def test_the_same_change_of_both_is_no_conflict():
    found = merge(BASE, edited(zones__till=SQUARE), edited(zones__till=SQUARE))
    assert found.both == ()
    assert found.document["zones"]["till"] == SQUARE


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ({"zones__bread": SQUARE}, ["zones.bread added"]),
        ({"zones__till": None}, ["zones.till removed"]),
        ({"zones__till": {"polygon_m": [[2, 0], [3, 0], [3, 2]]}}, ["zones.till moved"]),
        ({"zones__wine__name": "Red wine"}, ["zones.wine renamed to 'Red wine'"]),
        ({"zones__till__kind": "queue"}, ["zones.till: kind changed"]),
        (
            {"cameras__door__calibration": {"points": [{"a": 1}, {"a": 3}]}},
            ["cameras.door.calibration: 1 of 2 points moved"],
        ),
        ({"cameras__door__calibration": {"points": [{"a": 1}]}}, ["cameras.door.calibration: 2 points, now 1"]),
        ({"cameras__new": {"lens": 0.2}}, ["cameras.new added"]),
        ({"cameras__door": None}, ["cameras.door removed"]),
        ({"version": 9}, []),
    ],
)
def test_what_changed_is_told_in_words(after, told):
    assert [change.text for change in changes(BASE, edited(**after))] == told


keys = st.sampled_from(
    [
        "name",
        "gap_s",
        "zones__till",
        "zones__wine",
        "zones__new",
        "cameras__door__lens",
        "cameras__new",
        "floor__cell_m",
    ]
)
edits = st.dictionaries(keys, st.integers(1, 3).map(lambda n: {"n": n}), max_size=4)


@given(edits, edits)
def test_a_merge_loses_no_change_and_invents_none(mine, theirs):
    my, their = edited(**mine), edited(**theirs)
    found = merge(BASE, my, their)
    if found.document is None:
        assert found.both
        return
    assert changed_keys(BASE, found.document) == changed_keys(BASE, my) | changed_keys(BASE, their)
    have, mine_parts, their_parts = parts(found.document), parts(my), parts(their)
    assert all(have.get(key) == mine_parts.get(key) for key in changed_keys(BASE, my))
    assert all(have.get(key) == their_parts.get(key) for key in changed_keys(BASE, their))


@given(edits)
def test_parts_make_the_whole_again(some):
    document = edited(**some)
    assert {"site": "shop", "version": 3} | whole(parts(document)) == document
