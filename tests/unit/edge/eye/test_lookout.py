from collections import deque
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest

from contract.site import Camera, Site
from edge.arrays import Detections, Frame
from edge.compose import camera_pipeline
from edge.errors import ConfigError, SourceError
from edge.eye import lookout as module
from edge.eye.lookout import Lookout, Post
from edge.eye.scene import Scene
from edge.layout import site_layout
from edge.ports import SourceCounts, StreamRestarted
from edge.tracking.tracker import TrackerSettings
from edge.vision.landmarks import find_landmarks
from edge.wire import Showing

SITE = Site.model_validate(
    {
        "site": "shop",
        "version": 7,
        "floor": {"bounds_m": [[0, 0], [4, 3]]},
        "cameras": {"door": {}},
        "zones": {"hall": {"camera": "door", "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]]}},
        "screens": {"tower": {"at_m": [1, 1], "zone": "hall"}},
        "segments": {"standing": {"when": {"pace": ["standing"]}}},
    }
)
T0 = 1_000_000_020.0  # aligned to a minute


class OnePerson:
    """A detector that always finds the same person."""

    def detect(self, image):
        height, width = image.shape[:2]
        box = np.array([[width * 0.4, height * 0.2, width * 0.5, height * 0.8]], np.float32)
        return Detections(box, np.array([0.9], np.float32), np.zeros(1, np.int16))


class Script:
    """A source that gives what the test lays into it."""

    def __init__(self):
        self.queue, self.counts, self.trouble, self.closed, self.error = deque(), SourceCounts(), None, False, None
        self.size_px = None

    def take(self, timeout_s=None):
        if self.error is not None:
            raise self.error
        return self.queue.popleft() if self.queue else None

    def close(self):
        self.closed = True


@pytest.fixture
def monotonic(monkeypatch):
    """The lookout's clock for waiting, which the test moves."""
    time = [5000.0]
    monkeypatch.setattr(module, "monotonic", lambda: time[0])
    return time


@pytest.fixture
def door(monotonic, fake_clock):
    fake_clock.time = T0
    source = Script()

    def build(size_px):
        layout = site_layout(SITE, "door", size_px)
        return camera_pipeline("door", layout, detector=OnePerson(), tracking=TrackerSettings(), window_s=60)

    post = Post("door", 8, 60, lambda: source, build, scene(fake_clock))
    return Lookout(post, clock=fake_clock, restarts=2), source


def scene(clock):
    return Scene("door", Camera(), detector=OnePerson(), clock=clock)


def frame(t, size=(64, 48)):
    return Frame(np.zeros((size[1], size[0], 3), np.uint8), t, 0, "door")


def watch(door, monotonic, fake_clock, start, end, fps=4, size=(64, 48)):
    lookout, source = door
    closed = []
    for n in range(int((end - start) * fps)):
        t = start + n / fps
        source.queue.append(frame(t, size))
        fake_clock.time, monotonic[0] = t, 5000.0 + t - T0
        closed += [report.window for report in lookout.look()]
    return closed


def test_windows_close_and_carry_the_site_version(door, monotonic, fake_clock):
    closed = watch(door, monotonic, fake_clock, T0, T0 + 61)
    (window,) = closed
    assert (window.camera, window.site_version, window.frames) == ("door", 7, 240)
    assert window.zones["hall"].presence_s == pytest.approx(60, abs=2)
    assert door[0].live().occupancy == 1
    assert door[0].health().state == "watching"
    assert door[0].health().restarts == 2


def test_it_asks_no_more_often_than_its_rate(door, monotonic):
    lookout, source = door
    source.queue.extend([frame(T0), frame(T0 + 0.01)])
    before = lookout.due
    lookout.look()
    assert lookout.due == pytest.approx(max(before + 1 / 8, monotonic[0]))


def test_a_camera_that_goes_dark_loses_its_live_counts_and_its_window_closes_in_time(door, monotonic, fake_clock):
    lookout, source = door
    assert lookout.change() is None
    assert watch(door, monotonic, fake_clock, T0, T0 + 30) == []
    fake_clock.time, monotonic[0] = T0 + 40, 5040.0
    source.trouble = "the stream broke off"
    assert lookout.look() == []
    assert lookout.live() is None, "nobody is there any more for all we know"
    assert lookout.health().state == "reconnecting"
    event = lookout.change()
    assert (event.kind, event.text) == ("camera_lost", "the stream broke off")
    assert lookout.change() is None, "said once"
    fake_clock.time, monotonic[0] = T0 + 66, 5066.0
    ((window, _),) = lookout.look()
    assert window.observed_s == pytest.approx(30, abs=2.1)
    source.trouble = None
    watch(door, monotonic, fake_clock, T0 + 70, T0 + 71)
    assert lookout.change().kind == "camera_back"


def test_a_source_that_cannot_be_opened_is_tried_again_later(door, monotonic):
    lookout, source = door
    source.error = SourceError("clip.mp4: no such file")
    assert lookout.look() == []
    assert lookout.due == monotonic[0] + 10
    assert lookout.health().state == "dead"
    assert lookout.health().error == "clip.mp4: no such file"
    assert source.closed
    source.error = None
    source.queue.append(frame(T0))
    lookout.look()
    assert lookout.health().state == "watching"


def test_a_frame_of_another_size_gets_a_layout_of_its_own(door, monotonic, fake_clock):
    watch(door, monotonic, fake_clock, T0, T0 + 10)
    lookout, source = door
    source.queue.append(StreamRestarted(T0 + 11))
    lookout.look()
    closed = watch(door, monotonic, fake_clock, T0 + 11, T0 + 61, size=(128, 96))
    assert [window.frames for window in closed] == [40, 49 * 4], "one piece per size; the gate joins them"
    assert closed[0].t_start == closed[1].t_start
    assert [window.heatmap.shape for window in closed] == [(24, 32), (24, 32)]


def test_at_the_end_the_open_window_closes(door, monotonic, fake_clock):
    watch(door, monotonic, fake_clock, T0, T0 + 10)
    ((window, _),) = door[0].finish()
    assert window.observed_s == pytest.approx(10, abs=0.3)
    assert door[1].closed


def test_a_camera_whose_calibration_does_not_hold_is_dead_and_the_eye_lives(monotonic, fake_clock):
    source = Script()

    def build(_size_px):
        raise ConfigError("cameras.door.calibration: the points lie in a row")

    lookout = Lookout(Post("door", 8, 60, lambda: source, build, scene(fake_clock)), clock=fake_clock, restarts=0)
    source.queue.append(frame(T0))
    assert lookout.look() == []
    assert (lookout.health().state, lookout.health().error) == (
        "dead",
        "cameras.door.calibration: the points lie in a row",
    )


def test_windows_of_a_camera_that_was_moved_are_marked(monotonic, fake_clock):
    fake_clock.time = T0
    picture = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 256, (480, 640, 3)).astype(np.uint8), (0, 0), 2)
    at_setup = Camera(landmarks=find_landmarks(picture).parts())
    for shift, moved in ((0, False), (32, True)):
        source, view = Script(), Scene("door", at_setup, detector=OnePerson(), clock=fake_clock)

        def build(size_px, view=view):
            layout = site_layout(SITE, "door", size_px)
            detector = OnePerson()
            return camera_pipeline("door", layout, detector=detector, tracking=TrackerSettings(), on_picture=view.show)

        lookout = Lookout(Post("door", 8, 60, lambda source=source: source, build, view), clock=fake_clock, restarts=0)
        closed = []
        someone_stays = np.arange(T0 + 121, T0 + 125, 0.25)
        for t in [*np.arange(T0, T0 + 121, 5.0).tolist(), *someone_stays.tolist()]:
            source.queue.append(Frame(np.roll(picture, shift, axis=1), t, 0, "door"))
            fake_clock.time, monotonic[0] = t, 5000.0 + t - T0
            closed += lookout.look()
        assert [report.window.moved for report in closed] == [moved, moved]
        (last,) = lookout.finish()
        assert (last.audience is None) == moved, "who came where is not to be told from it"
        assert lookout.health().view == ("moved" if moved else "fits")
        assert [event.kind for event in lookout.changes()] == (["camera_moved"] if moved else [])


class Anybody:
    """A detector that finds a person where `there` says so."""

    there = False

    def detect(self, image):
        return OnePerson().detect(image) if self.there else Detections.empty()


@pytest.fixture
def hall(monotonic, fake_clock):
    """`see(t, there)`: what the lookout has to tell at once after a picture of `t`, with somebody on it or nobody."""
    fake_clock.time, detector, source = T0, Anybody(), Script()

    def build(size_px):
        layout = site_layout(SITE, "door", size_px)
        return camera_pipeline("door", layout, detector=detector, tracking=TrackerSettings())

    post = Post("door", 8, 60, lambda: source, build, scene(fake_clock))
    lookout = Lookout(post, clock=fake_clock, restarts=0)

    def see(t, *, there):
        detector.there = there
        source.queue.append(frame(T0 + t))
        fake_clock.time, monotonic[0] = T0 + t, 5000.0 + t
        lookout.look()
        return lookout.live_news()

    see.lookout = lookout
    return see


def test_who_comes_is_told_at_once_and_who_stays_is_not(hall):
    assert hall(0, there=False).zones == {"hall": 0}, "the first picture is news"
    told = [hall(n / 8, there=True) for n in range(1, 9)]
    assert [live.zones["hall"] for live in told if live is not None] == [1]
    assert told[1] is not None, "two detections make a person"


def test_news_are_told_no_more_often_than_every_tenth_of_a_second(hall):
    hall(0, there=False)
    hall(0.125, there=True)
    assert hall.lookout.live() is not None, "the regular pulse"
    assert hall(0.2, there=True) is None, "just after it"
    assert hall(0.25, there=True).zones == {"hall": 1}


def test_without_a_new_picture_there_is_no_news(hall, monotonic):
    hall(0, there=False)
    monotonic[0] += 1
    assert hall.lookout.live_news() is None


def showing(creative, start, end):
    at, until = datetime.fromtimestamp(T0 + start, UTC), datetime.fromtimestamp(T0 + end, UTC)
    return Showing(screen="tower", creative=creative, at=at, until=until)


def shown(window):
    return {stats.creative: round(stats.shown_s) for stats in window.screens}


def test_attention_is_told_by_what_was_on_then(door, monotonic, fake_clock):
    door[0].show(showing("shoes", 10, 40))
    watch(door, monotonic, fake_clock, T0, T0 + 20)
    door[0].show(showing("hats", 25, 50))
    (window,) = watch(door, monotonic, fake_clock, T0 + 20, T0 + 61)
    assert shown(window) == {None: 20, "shoes": 15, "hats": 25}, "before ten seconds and after fifty nothing was known"


def test_what_is_on_is_known_to_a_layout_made_later(door, monotonic, fake_clock):
    door[0].show(showing("shoes", 0, 60))
    watch(door, monotonic, fake_clock, T0, T0 + 10)
    piece, rest = watch(door, monotonic, fake_clock, T0 + 10, T0 + 61, size=(128, 96))
    assert (set(shown(piece)), set(shown(rest))) == ({"shoes"}, {"shoes"})


def test_windows_come_with_who_came_in_them_by_segment(door, monotonic, fake_clock):
    watch(door, monotonic, fake_clock, T0, T0 + 10)
    ((window, audience),) = door[0].finish()
    (count,) = audience.cells
    assert (count.zone, count.segment, count.n, count.of) == ("hall", "standing", 1, 1)
    assert count.digest == SITE.segments["standing"].digest
    assert (audience.camera, audience.t_start, audience.t_end) == (window.camera, window.t_start, window.t_end)


def test_live_figures_tell_no_fewer_than_the_smallest_cell(door, monotonic, fake_clock):
    watch(door, monotonic, fake_clock, T0, T0 + 10)
    tower = door[0].live().screens["tower"]
    assert (tower.near, tower.now) == (1, {"standing": "few"})
