"""Several cameras over one corridor: nobody counts twice, and a visit that crosses a border stays one.

The corridor runs from x = 0 to 20; camera a answers up to 10, b from there on. Both see 2 m beyond their border.
"""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.site import Site
from edge.analytics.dwell import LATE_LEFT, LATE_LOST, LEFT, LOST
from edge.area import Area
from edge.arrays import PlanePoints
from edge.handover import Board, Coming, Journey, Leaving, News
from edge.layout import site_layout
from edge.report import window_part
from edge.watch import Watch


def box(x0, x1):
    return [[x0, 0], [x1, 0], [x1, 2], [x0, 2]]


SITE = Site.model_validate(
    {
        "site": "s",
        "floor": {"bounds_m": [[0, 0], [20, 2]]},
        "cameras": {"a": {}, "b": {}, "c": {}},
        "zones": {
            "west": {"kind": "entrance", "polygon_m": box(0, 1)},
            "east": {"kind": "entrance", "polygon_m": box(19, 20)},
            "aisle": {"polygon_m": box(6, 14)},
            "shelf": {"polygon_m": box(15, 17)},
        },
        "lines": {"middle": {"ends_m": [[10, 0], [10, 2]]}, "along": {"ends_m": [[5, 1.5], [15, 1.5]]}},
    }
)
STEP_S = 0.25


class Eye:
    """A camera that sees between two x; it gives up a track `memory_s` after it lost sight of it."""

    def __init__(self, name, own, sight, board, *, memory_s=0.0, blind=(), site=SITE):
        layout = site_layout(site, name, None)
        area = Area.of_cells(layout.grid, own(layout.grid.centres()))
        self.layout = replace(layout, area=area, parts=tuple(area.parts(line) for line in layout.ends))
        self.visits = []
        self.watch = Watch(self.layout, board=board, window_s=20.0, on_visits=self._keep)
        self._sight, self._memory_s, self._blind = sight, memory_s, blind
        self._tracks, self._lost, self._next = {}, [], 1
        self.windows = []

    def _keep(self, visits):
        zones = [self.layout.zone_ids[z] for z in visits.zone]
        self.visits += zip(zones, visits.dwell_s.round(6).tolist(), visits.how.tolist(), strict=True)

    def look(self, t, people):
        seen = {p: xy for p, xy in people.items() if self._sight[0] <= xy[0] <= self._sight[1]}
        if any(start <= t < end for start, end in self._blind):
            seen = {}
        for person in [p for p in self._tracks if p not in seen]:
            self._lost.append((t + self._memory_s, self._tracks.pop(person)))
        for person in seen:
            if person not in self._tracks:
                self._tracks[person], self._next = self._next, self._next + 1
        over = [track for due, track in self._lost if due <= t]
        self._lost = [(due, track) for due, track in self._lost if due > t]
        here = sorted((self._tracks[p], xy) for p, xy in seen.items())
        points = PlanePoints(
            np.array([track for track, _ in here], np.int64),
            np.array([xy for _, xy in here], float).reshape(-1, 2),
            np.zeros(len(here), bool),
            np.array(over, np.int64),
        )
        self.windows += [window_part(w, self.layout, self.layout.camera) for w in self.watch.observe(t, points)]

    def finish(self):
        self.windows += [window_part(w, self.layout, self.layout.camera) for w in self.watch.finish()]


def two(**kwargs):
    board = Board()
    return [
        Eye("a", lambda xy: xy[:, 0] < 10, (0, 12), board, **kwargs),
        Eye("b", lambda xy: xy[:, 0] >= 10, (8, 20), board, **kwargs),
    ]


def one():
    return [Eye("a", lambda xy: xy[:, 0] > -1, (0, 20), Board())]


def stroll(*legs, start=0.0, y=1.0, step_s=STEP_S):
    """[(t, (x, y))] of someone who goes from x to x at the speed of each leg (x, m/s), or stands (x, -seconds)."""
    t, x, way = start, legs[0][0], []
    for target, pace in legs:
        n = max(1, round((abs(target - x) / pace if pace > 0 else -pace) / step_s))
        way += [(round(t + (k + 1) * step_s, 6), (round(x + (target - x) * (k + 1) / n, 6), y)) for k in range(n)]
        t, x = way[-1][0], target
    return way


def watch(eyes, *walks, until=None):
    """Everyone walks before every eye; the eyes, done."""
    there = {}
    for person, walk in enumerate(walks):
        for t, xy in walk:
            there.setdefault(t, {})[person] = xy
    end = max(there) + 5 if until is None else until
    for k in range(round(end / STEP_S) + 1):
        t = round(k * STEP_S, 6)
        for eye in eyes:
            eye.look(t, there.get(t, {}))
    for eye in eyes:
        eye.finish()
    return eyes


def windows(eyes):
    return [window for eye in eyes for window in eye.windows]


def flows(eyes):
    total = Counter()
    for window in windows(eyes):
        total.update({(flow.source, flow.target): flow.n for flow in window.flows})
    return total


def visits(eyes, zone):
    return sorted((dwell, how) for eye in eyes for name, dwell, how in eye.visits if name == zone)


def handovers(eyes):
    parts = [window.handovers for window in windows(eyes)]
    return tuple(sum(getattr(part, name) for part in parts) for name in ("taken", "guessed", "missed"))


def of_zone(eyes, zone, name):
    return sum(getattr(window.zones[zone], name) for window in windows(eyes))


THROUGH = stroll((0.5, 1), (19.5, 1.0))


@pytest.mark.parametrize(
    ("walk", "reason"),
    [
        (THROUGH, "straight through"),
        (stroll((0.5, 1), (10.3, 1), (10.3, -10), (19.5, 1)), "stands on the border, within the margin"),
        (stroll((0.5, 1), (10.4, 1), (9.7, 1), (10.4, 1), (9.7, 1), (19.5, 1)), "to and fro over the border"),
        (stroll((0.5, 1), (12, 1), (8, 1), (12, 1), (19.5, 1)), "over, back and over again"),
        (stroll((0.5, 1), (11, 1), (11, -20), (19.5, 1)), "a stop beyond the border"),
        (stroll((0.5, 2), (19.5, 2.0)), "in a hurry"),
        (stroll((0.5, 0.5), (19.5, 0.5)), "slowly"),
    ],
)
def test_a_visit_that_crosses_the_border_is_one_visit(walk, reason):
    alone, both = watch(one(), walk), watch(two(), walk)
    for zone in ("aisle", "shelf", "west", "east"):
        assert visits(both, zone) == visits(alone, zone), reason
        for name in ("entries", "reentries", "stops"):
            assert of_zone(both, zone, name) == of_zone(alone, zone, name), (zone, name, reason)
    assert flows(both) == flows(alone) == {("ENTRY", "aisle"): 1, ("aisle", "shelf"): 1, ("shelf", "EXIT"): 1}, reason
    taken, guessed, missed = handovers(both)
    assert taken >= 1, reason
    assert (guessed, missed) == (0, 0), reason


def test_back_in_the_zone_of_before_is_a_re_entry_whoever_saw_it():
    walk = stroll((0.5, 1), (8, 1), (4, 1), (8, 1), (12, 1), (18, 1), (8, 1), (19.5, 1))
    alone, both = watch(one(), walk), watch(two(), walk)
    for zone in ("aisle", "shelf"):
        assert of_zone(both, zone, "reentries") == of_zone(alone, zone, "reentries") == 2
        assert of_zone(both, zone, "entries") == 3


def test_where_no_neighbour_shares_the_board_the_visit_breaks_off():
    """Two workers: each has a board of its own."""
    eyes = [two()[0], two()[1]]
    watch(eyes, THROUGH)
    assert handovers(eyes) == (0, 0, 1)
    assert visits(eyes, "aisle") == [(3.75, LATE_LEFT), (5.5, LOST)], (
        "followed for as long as somebody might claim them"
    )
    assert flows(eyes) == {
        ("ENTRY", "aisle"): 1,
        ("aisle", "LOST"): 1,
        ("LOST", "aisle"): 1,
        ("aisle", "shelf"): 1,
        ("shelf", "EXIT"): 1,
    }
    assert sum(sum(w.heatmap.lost) for w in windows(eyes)) == 0, "the tracks held; the passing on did not"


@pytest.mark.parametrize("memory_s", [0.0, 3.0])
def test_a_view_that_ends_at_the_border_passes_on_too(memory_s):
    """a sees nothing beyond 9.9: its track breaks there, and is known to have only when the tracker gives it up."""
    board = Board()
    eyes = [
        Eye("a", lambda xy: xy[:, 0] < 10, (0, 9.9), board, memory_s=memory_s),
        Eye("b", lambda xy: xy[:, 0] >= 10, (8, 20), board, memory_s=memory_s),
    ]
    watch(eyes, stroll((0.5, 1), (19.5, 1.0)))
    assert handovers(eyes) == (1, 0, 0)
    assert visits(eyes, "aisle") == [(8.25, LEFT)]
    assert flows(eyes) == {("ENTRY", "aisle"): 1, ("aisle", "shelf"): 1, ("shelf", "EXIT"): 1}


@pytest.mark.parametrize("pace", [0.5, 1.0, 2.0])
def test_an_area_too_narrow_to_be_well_within_is_crossed_in_one_visit(pace):
    """b answers for half a metre between a and c."""
    walk = stroll((0.5, pace), (19.5, pace))
    alone, three = watch(one(), walk), watch(several([0] * 20 + [1] + [2] * 19, 2.0), walk)
    assert visits(three, "aisle") == visits(alone, "aisle")
    assert flows(three) == flows(alone)
    assert handovers(three)[2] == 0


def test_who_stops_where_one_view_ends_is_followed_by_the_other():
    """a sees them to 10.2; there, less than half a metre within b's area, they stay."""
    board = Board()
    eyes = [
        Eye("a", lambda xy: xy[:, 0] < 10, (0, 10.2), board),
        Eye("b", lambda xy: xy[:, 0] >= 10, (8, 20), board),
    ]
    walk = stroll((0.5, 1), (10.3, 1.0), (10.3, -10), (19.5, 1.0))
    watch(eyes, walk)
    assert visits(eyes, "aisle") == visits(watch(one(), walk), "aisle")
    assert handovers(eyes) == (1, 0, 0)


@pytest.mark.parametrize(
    ("walk", "blind", "expected", "reason"),
    [
        (THROUGH, [(9.5, 11.0)], (1, 0, 0), "found again a second and a half later, where one walks in that time"),
        (THROUGH, [(9.5, 14.0)], (0, 0, 1), "found again too late"),
    ],
)
def test_place_and_time_decide(walk, blind, expected, reason):
    eyes = two()
    eyes[1]._blind = blind
    assert handovers(watch(eyes, walk)) == expected, reason


def test_a_door_at_the_border_is_a_door_unless_someone_was_passed_on():
    """Lifts open at x = 10.5, where b begins: who appears there came in by them, one shortly after the other."""
    lifts = {"kind": "entrance", "polygon_m": box(10, 11)}
    site = Site.model_validate(
        SITE.model_dump(exclude_defaults=True) | {"zones": {"lifts": lifts, "shelf": SITE.zones["shelf"]}}
    )
    came = [stroll((10.6, -1), (19.5, 1.0), start=float(k)) for k in range(3)]
    eyes = two(site=site)
    watch(eyes, *came, stroll((3, 1), (9.0, 1.0), start=40.0))
    assert of_zone(eyes, "lifts", "entries") == 3
    assert flows(eyes) == {("ENTRY", "shelf"): 3, ("shelf", "LOST"): 3, ("LOST", "LOST"): 1}
    assert [how for _, how in visits(eyes, "lifts")] == [LEFT] * 3


def test_two_side_by_side_may_be_confused_and_that_is_told():
    eyes = watch(two(), stroll((0.5, 1), (19.5, 1.0), y=0.9), stroll((0.5, 1), (19.5, 1.0), y=1.1))
    taken, guessed, missed = handovers(eyes)
    assert taken + guessed == 2
    assert guessed >= 1
    assert missed == 0
    assert visits(eyes, "aisle") == [(8.25, LEFT)] * 2


def test_who_turns_back_to_the_camera_just_left_was_never_away():
    eyes = two()
    eyes[1]._blind = [(0, 99)]
    watch(eyes, stroll((0.5, 1), (10.8, 1), (9.0, 1), (0.5, 1)))
    assert handovers(eyes) == (0, 0, 0)
    assert visits(eyes, "aisle") == visits(watch(one(), stroll((0.5, 1), (10.8, 1), (9.0, 1), (0.5, 1))), "aisle")


JOURNEY = Journey(stays={}, been=frozenset(), station="LOST", way=0)


def leaving(t, x, camera="a", **kwargs):
    return Leaving(camera, t, (x, 1.0), JOURNEY, ended=kwargs.get("ended", False))


@pytest.mark.parametrize(
    ("posts", "expected", "reason"),
    [
        ([leaving(5.0, 10.0), Coming("b", 5.2, (10.3, 1.0), 7)], [(7, False)], "the one who left came"),
        ([Coming("b", 5.0, (10.3, 1.0), 7), leaving(5.2, 10.0)], [(7, False)], "seen to come before seen to leave"),
        ([leaving(5.0, 10.0), leaving(5.1, 10.2), Coming("b", 5.2, (10.3, 1.0), 7)], [(7, True)], "either may be the one"),
        ([Coming("b", 5.0, (10.3, 1.0), 7), Coming("b", 5.1, (10.2, 1.0), 8), leaving(5.2, 10.0)], [(8, True)], "either may be it, the nearer is taken"),
        ([leaving(5.0, 10.0), Coming("b", 5.0, (10.8, 1.0), 7)], [], "too far apart at one time"),
        ([leaving(5.0, 10.0), Coming("b", 6.0, (12.2, 1.0), 7)], [(7, False)], "as far as one walks in a second"),
        ([leaving(5.0, 10.0), Coming("b", 7.5, (10.0, 1.0), 7)], [], "too late"),
        ([leaving(5.0, 10.0, "b", ended=True), Coming("b", 5.5, (10.0, 1.0), 7)], [], "a broken track is not mended here"),
        ([Coming("b", 5.0, (10.0, 1.0), 7), leaving(5.5, 10.0, "b")], [], "who came before another left is not that one"),
        ([leaving(5.0, 10.0), Coming("b", 5.2, (10.3, 1.0), 7), Coming("b", 5.2, (10.2, 1.0), 8)], [(7, False)], "nobody is two people"),
    ],
)  # fmt: skip
def test_the_board_matches_by_place_and_time(posts, expected, reason):
    board = Board()
    for post in posts:
        board.leave(post) if isinstance(post, Leaving) else board.come(post)
    assert [(match.row, match.guessed) for match in board.news("b", 5.2).matched] == expected, reason


def test_whom_a_camera_offers_it_follows_until_another_claims_them():
    board = Board()
    board.offer(leaving(5.0, 10.0), 3)
    board.offer(leaving(5.2, 10.4), 3)
    board.come(Coming("a", 5.2, (10.4, 1.0), 4))
    assert board.news("a", 5.2) == News(), "their own camera knows them apart"
    board.come(Coming("b", 5.3, (10.5, 1.0), 7))
    board.come(Coming("c", 5.3, (10.5, 1.0), 8))
    assert [match.row for match in board.news("b", 5.3).matched] == [7]
    assert board.news("a", 5.3) == News(claimed=[3])
    assert board.news("c", 5.3).matched == [], "once"
    board.offer(leaving(6.0, 11.0), 5)
    board.retract("a", 5)
    board.come(Coming("b", 6.0, (11.0, 1.0), 9))
    assert board.news("b", 6.0).matched == []


def test_the_board_forgets():
    board = Board()
    board.leave(leaving(5.0, 10.0))
    board.come(Coming("a", 5.0, (3.0, 1.0), 7))
    board.come(Coming("a", 5.0, (4.0, 1.0), 8))
    board.withdraw("a", 8)
    assert board.news("a", 7.0) == News(), "both may yet be claimed"
    assert board.news("a", 7.5).missed == [leaving(5.0, 10.0)]
    assert board.news("a", 11.5).alone == [7]
    assert board.news("a", 99.0) == News()


def test_a_track_that_breaks_far_from_the_border_is_lost_and_nobody_is_asked():
    eyes = watch(two(), stroll((0.5, 1), (5, 1.0)), until=12)
    assert handovers(eyes) == (0, 0, 0)
    assert flows(eyes) == {("ENTRY", "LOST"): 1}
    assert sum(sum(w.heatmap.lost) for w in windows(eyes)) == 1


def test_a_line_over_both_areas_is_counted_once():
    across = [stroll((8, 1), (12, 1), y=1.0)]
    over = [[(t, (x, 0.5 + t / 2)) for t, (x, _) in stroll((x0, 1), (x0 + 0.3, 0.1))] for x0 in (7.0, 13.0)]
    for walks in (across, over):
        alone, both = watch(one(), *walks), watch(two(), *walks)
        for line in ("middle", "along"):
            counts = [
                (sum(w.lines[line].in_ for w in windows(eyes)), sum(w.lines[line].out for w in windows(eyes)))
                for eyes in (alone, both)
            ]
            assert counts[0] == counts[1], line
        assert any(w.lines[line].in_ + w.lines[line].out for w in windows(both) for line in w.lines)


def test_nobody_is_there_twice():
    walk = stroll((9.0, 1), (11.0, 0.5))
    eyes = two()
    for t, xy in walk:
        for eye in eyes:
            eye.look(t, {1: xy})
        live = [eye.watch.live() for eye in eyes]
        assert sum(counts.occupancy for counts in live) == 1
        aisle = eyes[0].layout.zone_ids.index("aisle")
        assert sum(int(counts.zones[aisle]) for counts in live) == 1


def test_a_camera_that_stops_gives_up_whom_it_passed_on():
    eyes = two()
    eyes[1]._blind = [(0, 99)]
    for t, xy in stroll((0.5, 1), (11.75, 1.0)):
        for eye in eyes:
            eye.look(t, {1: xy})
    eyes[0].finish()
    assert handovers(eyes) == (0, 0, 1)
    assert visits(eyes, "aisle") == [(5.5, LOST)]


coordinate = st.floats(0.0, 20.0)
walks = st.lists(
    st.tuples(st.floats(0, 8), st.lists(st.tuples(coordinate, st.floats(0.4, 2.0)), min_size=1, max_size=4)),
    min_size=1,
    max_size=4,
)


def several(owner, reach):
    """Three cameras; `owner` (40,) says which answers for each column of cells, `reach` how far beyond it they see."""
    board = Board()
    eyes = []
    for number, name in enumerate("abc"):
        mine = np.flatnonzero(np.array(owner) == number)
        sight = (mine.min() / 2 - reach, mine.max() / 2 + 0.5 + reach) if len(mine) else (-9, -9)
        eyes.append(Eye(name, lambda xy, n=number: np.array(owner)[(xy[:, 0] * 2).astype(int)] == n, sight, board))
    return eyes


@settings(max_examples=12, deadline=None)
@given(walks, st.lists(st.sampled_from([0, 1, 2]), min_size=40, max_size=40), st.floats(0.5, 6))
def test_presence_of_all_cameras_adds_up_to_the_truth(people, owner, reach):
    """Whoever answers for which cell, however far views overlap, whoever walks how."""
    strolls = [
        stroll(*legs, start=round(start / STEP_S) * STEP_S, y=0.3 + 0.4 * k) for k, (start, legs) in enumerate(people)
    ]
    alone, all_three = watch(one(), *strolls), watch(several(owner, reach), *strolls)
    truth, found = sums(windows(alone)), sums(windows(all_three))
    for name in truth:
        assert found[name] == pytest.approx(truth[name]), name


def sums(parts):
    """What adds up over cameras and windows."""
    heat = Counter()
    for window in parts:
        heat.update(dict(zip(window.heatmap.index, window.heatmap.person_s, strict=True)))
    cells = np.zeros(160)
    cells[list(heat)] = list(heat.values())
    zones = [sum(w.zones[zone].presence_s for w in parts) for zone in SITE.zones]
    return {"presence": sum(w.presence_s for w in parts), "zones": zones, "heat": cells.tolist()}


@settings(max_examples=15, deadline=None)
@given(walks, st.lists(st.integers(2, 38), min_size=1, max_size=2, unique=True), st.floats(1, 4))
def test_whoever_sets_out_arrives_before_any_camera(people, borders, reach):
    """Flows and visits are conserved: what begins ends, once, whoever is passed on, guessed or missed."""
    owner = [sum(k >= border for border in borders) for k in range(40)]
    strolls = [stroll(*legs, start=round(start / STEP_S) * STEP_S) for start, legs in people]
    eyes = watch(several(owner, reach), *strolls)
    out, into = Counter(), Counter()
    for (source, target), n in flows(eyes).items():
        out[source] += n
        into[target] += n
    assert out["ENTRY"] + out["LOST"] == into["EXIT"] + into["LOST"] >= 1
    assert all(out[zone] == into[zone] for zone in SITE.zones)
    for zone in SITE.zones:
        begun = [how for _, how in visits(eyes, zone)]
        assert of_zone(eyes, zone, "entries") == sum(how in (LEFT, LOST) for how in begun)
        assert len(begun) == of_zone(eyes, zone, "visits")
        assert all(how in (LEFT, LOST, LATE_LEFT, LATE_LOST) for how in begun)
