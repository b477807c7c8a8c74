"""The audience as a watch tells it: who is before screens, what they saw, and visits by segment."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.segments import TRANSPORT
from contract.site import Site
from edge.analytics.audience import Senses
from edge.area import Area
from edge.arrays import PlanePoints, Traits
from edge.handover import Board
from edge.layout import site_layout
from edge.report import audience_part, live_part, window_part
from edge.watch import Watch

STEP_S = 0.125


def box(x0, x1):
    return [[x0, 0], [x1, 0], [x1, 4], [x0, 4]]


SITE = Site.model_validate(
    {
        "site": "s",
        "timezone": "Europe/Berlin",
        "floor": {"bounds_m": [[0, 0], [20, 4]]},
        "cameras": {"a": {}, "b": {}},
        "zones": {
            "west": {"kind": "entrance", "polygon_m": box(0, 1)},
            "before": {"polygon_m": box(6, 14)},
            "toys": {"polygon_m": box(2, 4)},
            "east": {"kind": "entrance", "polygon_m": box(19, 20)},
        },
        "screens": {"kiosk": {"at_m": [14, 2], "facing_deg": 180, "zone": "before"}},
        "segments": {
            "toys": {"when": {"visited": {"zone": "toys", "at_least_s": 1}}},
            "lingering": {"when": {"stopped": {"zone": "before"}}},
            "together": {"when": {"group": {"at_least": 2}}},
            "cyclist": {"when": {"transport": ["bicycle"]}},
            "morning": {"when": {"hours": ["06:00-10:00"]}},
            "young": {"when": {"age": ["18-34"]}},
        },
    }
)
SENSES = Senses(frozenset({"bicycle"}))


class Eye:
    """A camera that sees between two x of SITE."""

    def __init__(self, name="a", *, board=None, sight=(-1, 21), own=None, window_s=1e6, site=SITE):
        layout = site_layout(site, name, None, senses=SENSES)
        if own is not None:
            area = Area.of_cells(layout.grid, own(layout.grid.centres()))
            layout = replace(layout, area=area, parts=tuple(area.parts(line) for line in layout.ends))
        self.layout, self._sight = layout, sight
        self.watch = Watch(layout, board=board or Board(), window_s=window_s)
        self._tracks, self._next = {}, 1
        self.closed = []

    def look(self, t, people, transport=()):
        seen = {who: xy for who, xy in people.items() if self._sight[0] <= xy[0] <= self._sight[1]}
        ended = [self._tracks.pop(who) for who in list(self._tracks) if who not in seen]
        for who in seen:
            if who not in self._tracks:
                self._tracks[who], self._next = self._next, self._next + 1
        here = sorted((self._tracks[who], xy, who in transport) for who, xy in seen.items())
        bits = np.array([rides << TRANSPORT.index("bicycle") for _, _, rides in here], np.uint16)
        traits = replace(Traits.none(len(here)), transport=bits)
        ids, xy = np.array([i for i, _, _ in here], np.int64), np.array([xy for _, xy, _ in here], float).reshape(-1, 2)
        points = PlanePoints(ids, xy, np.zeros(len(here), bool), np.array(ended, np.int64), traits)
        self.closed += self.watch.observe(t, points)

    def live(self, smallest=5):
        return live_part(self.watch.live(), self.layout, self.layout.camera, lasts_s=5, smallest=smallest)

    def finish(self):
        self.closed += self.watch.finish()
        return self

    def screens(self):
        """By creative: ots, viewers, seconds shown and of attention."""
        sums = {}
        for window in (window_part(stats, self.layout, self.layout.camera) for stats in self.closed):
            for screen in window.screens:
                told = (screen.ots, screen.viewers, screen.shown_s, screen.attention_s)
                sums[screen.creative] = tuple(np.add(sums.get(screen.creative, (0, 0, 0, 0)), told).round(6).tolist())
        return sums

    def audience(self):
        """By zone and segment: n, of, dwell of the n."""
        sums = {}
        for counts in (audience_part(stats, self.layout, self.layout.camera) for stats in self.closed):
            for cell in counts.cells if counts else ():
                told = (cell.n, cell.of, cell.dwell_sum_s)
                key = (cell.zone, cell.segment)
                sums[key] = tuple(np.add(sums.get(key, (0, 0, 0)), told).round(6).tolist())
        return sums


def through(start=0.0, *, y=2.0, stop_at=None, stop_s=0.0, speed=1.2, x0=0.4, x1=19.6):
    """Where somebody is at t: in at the west, out in the east, with a stop."""
    pause = (abs(stop_at - x0) / speed, stop_s) if stop_at is not None else (np.inf, 0.0)

    def at(t):
        gone = t - start
        gone -= min(max(gone - pause[0], 0.0), pause[1])
        x = x0 + np.sign(x1 - x0) * speed * gone
        return (x, y) if t >= start and min(x0, x1) <= x <= max(x0, x1) else None

    return at


def play(eyes, people, seconds, *, riders=(), start=0.0, step_s=STEP_S):
    for k in range(round(seconds / step_s)):
        t = start + k * step_s
        here = {who: at for who, way in people.items() if (at := way(t)) is not None}
        for eye in eyes:
            eye.look(t, here, riders)


def test_who_walks_towards_a_screen_saw_what_was_on_it():
    eye = Eye()
    eye.watch.showing("kiosk", "tea", 3.0, 9.0)
    play([eye], {1: through(), 2: through(y=3, x0=19.6, x1=0.4)}, 20)
    counts = eye.finish().screens()
    assert set(counts) == {None, "tea"}
    assert counts["tea"][:2] == (2, 1), "one walks towards it, one away from it"
    assert counts["tea"][2] == 6.0
    assert counts["tea"][3] == pytest.approx(9.0 - 5.6 / 1.2, abs=2 * STEP_S), "from when the first is in its zone"
    assert counts["tea"][2] + counts[None][2] == pytest.approx(20.0)


def test_windows_add_up():
    told = []
    for window_s in (1e6, 7.0):
        eye = Eye(window_s=window_s)
        eye.watch.showing("kiosk", "tea", 8.0, 13.0)
        people = {1: through(stop_at=9, stop_s=6), 2: through(2.0, y=2.8), 3: through(2.0, y=3.5), 4: through(9.0)}
        play([eye], people, 45, riders={4})
        eye.finish()
        told.append((eye.screens(), eye.audience(), len(eye.closed)))
    assert told[0][:2] == told[1][:2]
    assert told[1][2] > 5


def test_visits_by_segment():
    eye = Eye()
    day = 1_750_000_000 // 86400 * 86400.0
    people = {
        1: through(day, stop_at=9, stop_s=6),
        2: through(day + 25, y=1),
        3: through(day + 25, y=1.8),
        4: through(day + 50),
    }
    play([eye], people, 75, riders={4}, start=day)
    audience = eye.finish().audience()
    before = {segment: cell for (zone, segment), cell in audience.items() if zone == "before"}
    assert {segment: n for segment, (n, _, _) in before.items()} == {
        "toys": 4,
        "lingering": 1,
        "together": 2,
        "cyclist": 1,
        "morning": 0,
    }
    assert {of for _, of, _ in before.values()} == {4}
    assert before["lingering"][2] == pytest.approx(8 / 1.2 + 6, abs=2 * STEP_S)
    assert audience["west", "toys"][0] == 0, "whoever leaves the entrance has not been at the toys yet"
    assert audience["east", "toys"][0] == 4
    assert "young" not in before, "what cannot be known is left out, and is not nobody"
    assert eye.layout.segments.unknown == ("young",)


def test_times_are_the_sites_own():
    summer = 1_751_342_400.0  # 2025-07-01T04:00Z, six o'clock in Berlin
    counts = []
    for start in (summer - 120.0, summer):
        eye = Eye()
        play([eye], {1: through(start)}, 20, start=start)
        counts.append(eye.finish().audience()["before", "morning"][:2])
    assert counts == [(0, 1), (1, 1)]


def test_live_says_who_is_near_and_segments_in_bands():
    eye = Eye()
    crowd = {k: through(0.0, y=0.4 + 0.5 * k, stop_at=9, stop_s=60) for k in range(6)}
    play([eye], crowd, 14)
    screen = eye.live().screens["kiosk"]
    assert (screen.near, screen.lately_n) == (6, 6)
    assert screen.now == {"toys": "5-9", "lingering": "5-9", "together": "5-9", "cyclist": "few", "morning": "few"}
    assert screen.lately == screen.now
    assert set(eye.live(smallest=10).screens["kiosk"].now.values()) == {"few"}


@pytest.mark.parametrize("step_s", [STEP_S, 1.0, 2.0])
def test_who_stays_came_once_at_any_rate(step_s):
    eye = Eye()
    play([eye], {1: through(stop_at=9, stop_s=100)}, 60, step_s=step_s)
    assert eye.watch.live().screens[0].lately_n == 1


def test_the_last_ten_minutes_count_each_visit_once_and_forget():
    eye = Eye()
    play([eye], {1: through(stop_at=9, stop_s=300), 2: through(100.0)}, 330, step_s=0.5)
    assert eye.watch.live().screens[0].lately_n == 2
    play([eye], {}, 700, start=330.0, step_s=1.0)
    live = eye.watch.live().screens[0]
    assert (live.near, live.lately_n, live.lately.tolist()) == (0, 0, [0, 0, 0, 0, 0])


def test_nothing_is_left_of_who_ended():
    """The next track gets the same row."""
    eye = Eye(window_s=10.0)
    play([eye], {1: through(stop_at=9, stop_s=6), 2: through(y=2.8)}, 30, riders={1, 2})
    play([eye], {}, 1, start=30.0)
    eye.closed.clear()
    play([eye], {3: through(40.0, x0=5.0, x1=15.0)}, 20, start=40.0)
    audience = eye.finish().audience()
    counts = {segment: np.asarray(cell[:2]).tolist() for (zone, segment), cell in audience.items() if zone == "before"}
    assert counts == {segment: [0, 1] for segment in ("toys", "lingering", "together", "cyclist", "morning")}


def test_a_stream_that_breaks_ends_everyone():
    eye = Eye()
    play([eye], {1: through(stop_at=9, stop_s=60)}, 12, riders={1})
    eye.closed += eye.watch.restart()
    assert eye.watch.live() is None
    play([eye], {2: through(20.0, x0=5.0)}, 3, start=20.0)
    screen = eye.live().screens["kiosk"]
    assert screen.near == 1
    assert eye.watch.live().screens[0].now.tolist() == [0, 0, 0, 0, 0], "nothing of the first is the second's"


def pair(**kwargs):
    board = Board()
    return [
        Eye("a", board=board, sight=(0, 12), own=lambda xy: xy[:, 0] < 10, **kwargs),
        Eye("b", board=board, sight=(8, 20), own=lambda xy: xy[:, 0] >= 10, **kwargs),
    ]


def added(eyes, what):
    sums = {}
    for eye in eyes:
        for key, cell in getattr(eye, what)().items():
            sums[key] = np.add(sums.get(key, np.zeros(len(cell))), cell)
    return sums


def test_two_cameras_tell_what_one_would():
    """Who goes over the border brings what is known, and is no second opportunity to see."""
    told = []
    for eyes in ([Eye()], pair()):
        for eye in eyes:
            eye.watch.showing("kiosk", "tea", 0.0, 100.0)
        people = {1: through(stop_at=9, stop_s=6), 2: through(30.0, y=1), 3: through(30.0, y=1.8), 4: through(55.0)}
        play(eyes, people, 80, riders={4})
        for eye in eyes:
            eye.finish()
        told.append((added(eyes, "screens"), added(eyes, "audience")))
    (one_screens, one_audience), (two_screens, two_audience) = told
    assert two_screens["tea"][:2].tolist() == one_screens["tea"][:2].tolist() == [4, 4]
    assert two_screens["tea"][3] == pytest.approx(one_screens["tea"][3], abs=0.6)
    assert {key: cell[:2].tolist() for key, cell in two_audience.items() if key[0] == "before"} == {
        key: cell[:2].tolist() for key, cell in one_audience.items() if key[0] == "before"
    }


def test_a_screen_is_told_of_by_the_cameras_that_answer_for_its_zone():
    told = SITE.model_dump(exclude_none=True)
    told["cameras"] = {"a": camera(0, 9), "b": camera(11, 20)}
    told["screens"] = {
        "west": {"at_m": (0, 2), "zone": "toys"},
        "middle": {"at_m": (10, 2), "zone": "before"},
        "tiny": {"at_m": (19, 2), "zone": "east"},
        "blind": {"at_m": (19, 2)},
    }
    told["zones"]["east"]["polygon_m"] = [(18.3, 1.3), (18.4, 1.3), (18.4, 1.4)]
    site = Site.model_validate(told)
    assert site_layout(site, "a", None).screens.ids == ("west", "middle")
    assert site_layout(site, "b", None).screens.ids == ("middle", "tiny")


def camera(x0, x1):
    """Stands at y = 4 and sees what lies between x0 and x1."""
    corners = [((x0, 0), (0.2, 0.2)), ((x1, 0), (0.8, 0.2)), ((x1, 4), (1, 1)), ((x0, 4), (0, 1))]
    return {"calibration": {"points": [{"image": image, "floor_m": place} for place, image in corners]}}


def test_on_an_image_it_is_known_who_is_near_and_not_who_looks():
    told = SITE.model_dump(exclude_none=True)
    told["cameras"] = {"a": {"resolution_px": (640, 480)}}
    told["zones"]["before"] = {"camera": "a", "polygon": [(0, 0), (1, 0), (1, 1), (0, 1)]}
    layout = site_layout(Site.model_validate(told), "a", (640, 480), senses=SENSES)
    assert np.isnan(layout.screens.at).all()
    watch = Watch(layout)
    face = replace(Traits.none(2), per_metre=np.full(2, 0.1), facing=np.array([1, 0], np.int8))
    for k in range(20):
        xy = np.array([[0.3 + 0.01 * k, 0.5], [0.6, 0.6]])
        watch.observe(k / 8, PlanePoints(np.array([1, 2]), xy, np.zeros(2, bool), traits=face))
    assert watch.live().screens[0].near == 2
    (screen,) = window_part(watch.finish()[-1], layout, "a").screens
    assert (screen.ots, screen.viewers) == (2, 1)
    assert screen.attention_s == pytest.approx(2.5)


@settings(max_examples=8, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 20), st.floats(0.5, 1.8), st.sampled_from([None, 3.0, 8.0, 12.0]), st.floats(0, 8)),
        min_size=1,
        max_size=5,
    ),
    st.lists(st.tuples(st.floats(0, 40), st.floats(1, 20)), max_size=3),
    st.floats(3, 30),
)
def test_whoever_comes_windows_add_up_and_viewers_had_the_opportunity(ways, shows, window_s):
    told = []
    for cut_s in (1e6, window_s):
        eye = Eye(window_s=cut_s)
        for k, (start, lasts) in enumerate(shows):
            eye.watch.showing("kiosk", f"c{k}", start, start + lasts)
        people = {
            k: through(start, y=0.5 + 0.6 * k, speed=speed, stop_at=stop, stop_s=stay)
            for k, (start, speed, stop, stay) in enumerate(ways)
        }
        play([eye], people, 40, step_s=0.25)
        eye.finish()
        told.append((eye.screens(), eye.audience()))
    whole, cut = told
    assert whole[1].keys() == cut[1].keys()
    for a, b in zip(whole, cut, strict=True):
        for key, counts in a.items():
            assert b[key] == pytest.approx(counts, abs=0.02)
    for ots, viewers, shown_s, attention_s in whole[0].values():
        assert viewers <= ots
        assert attention_s <= ots * shown_s + 1e-6
        assert not viewers or attention_s >= 1.0 - 1e-3
    for n, of, dwell_sum_s in whole[1].values():
        assert n <= of
        assert dwell_sum_s >= 0
