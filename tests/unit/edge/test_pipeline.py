import numpy as np
import pytest

from contract.site import Camera, Site
from edge.arrays import Detections, Frame, PlanePoints
from edge.compose import camera_pipeline
from edge.errors import SourceError
from edge.layout import site_layout
from edge.ports import SeenDetections, SeenPoints, StreamRestarted
from edge.report import live_part, window_part
from edge.tracking.tracker import TrackerSettings

SIZE = (640, 480)
SITE = Site.model_validate(
    {
        "site": "s",
        "version": 3,
        "cameras": {"c": {}},
        "zones": {"left": {"camera": "c", "polygon": [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]}},
        "lines": {"middle": {"camera": "c", "ends": [[0.5, 0], [0.5, 1]]}},
    }
)


class Scripted:
    """A detector that sees one walker: at x = 40 px in the first picture, 12 px further right in each."""

    def __init__(self):
        self.n = 0

    def detect(self, image):
        x = 40 + 12 * self.n
        self.n += 1
        return detections((x, 200, x + 40, 300))


def detections(*boxes):
    n = len(boxes)
    return Detections(np.array(boxes, np.float32).reshape(n, 4), np.full(n, 0.9, np.float32), np.zeros(n, np.int16))


def pipeline(detector=None, size=SIZE, **kwargs):
    layout = site_layout(SITE, "c", size)
    return camera_pipeline("c", layout, detector=detector, tracking=TrackerSettings(), **kwargs), layout


def frame(n):
    return Frame(np.zeros((480, 640, 3), np.uint8), n / 10, n, "c")


def test_from_picture_to_window():
    line, layout = pipeline(Scripted())
    closed = [w for n in range(45) for w in line.step(frame(n))] + line.finish()
    (window,) = [window_part(w, layout, "c") for w in closed]
    assert (window.lines["middle"].in_, window.lines["middle"].out) == (0, 1)
    assert window.frames == 45
    assert window.site_version == 3
    assert window.observed_s == pytest.approx(4.5)
    assert 1.5 < window.zones["left"].presence_s < 2.3
    assert window.zones["left"].visits == 1
    assert sum(window.heatmap.person_s) == pytest.approx(window.presence_s, abs=0.02)


def test_recordings_enter_at_the_stage_they_recorded():
    seen = Scripted()
    by_picture, layout = pipeline(Scripted())
    by_detection, _ = pipeline()
    for n in range(45):
        by_picture.step(frame(n))
        by_detection.step(SeenDetections(n / 10, seen.detect(None)))
    windows = [window_part(p.finish()[0], layout, "c") for p in (by_picture, by_detection)]
    assert windows[0] == windows[1]


def test_live_says_who_is_there_now():
    line, layout = pipeline(Scripted())
    assert line.live() is None
    for n in range(10):
        line.step(frame(n))
    part = live_part(line.live(), layout, "c", lasts_s=3)
    assert (part.occupancy, part.zones) == (1, {"left": 1})
    assert (part.expires_at - part.t).total_seconds() == 3


def test_a_new_stream_is_a_new_epoch():
    line, _ = pipeline(Scripted())
    for n in range(10):
        line.step(frame(n))
    line.step(StreamRestarted(1.0))
    assert line.live() is None
    visits = []
    line, _ = pipeline(on_visits=visits.append)
    for t in (0.0, 0.1, 0.2, 0.3):
        line.step(SeenDetections(t, detections((40, 200, 80, 300))))
    line.step(StreamRestarted(500.0))
    for t in (500.0, 500.1, 500.2, 500.3):
        line.step(SeenDetections(t, detections((40, 200, 80, 300))))
    line.finish()
    assert max(float(v.dwell_s.max()) for v in visits if len(v.dwell_s)) < 1, "never one stay of eight minutes"


def test_stages_are_timed_by_name():
    names = []

    class Stage:
        def __init__(self, name):
            names.append(name)

        def __enter__(self): ...

        def __exit__(self, *_): ...

    line, _ = pipeline(Scripted(), stopwatch=Stage)
    line.step(frame(0))
    assert names == ["detect", "track", "locate", "count"]


def test_a_recording_without_what_it_needs_is_refused():
    line, _ = pipeline()
    with pytest.raises(SourceError, match="no model was loaded"):
        line.step(frame(0))


def test_points_need_no_tracker():
    line, layout = pipeline()
    line.step(SeenPoints(0.0, PlanePoints(np.array([5]), np.array([[0.1, 0.1]]), np.array([False]))))
    assert line.live().zones.tolist() == [1]
    assert layout.grid.unit == "image"


def test_what_a_mask_covers_is_seen_by_nobody_and_counts_nobody():
    site = SITE.model_copy(update={"cameras": {"c": Camera(masks=[[(0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)]])}})
    seen, shown = [], []

    class Looking(Scripted):
        def detect(self, image):
            seen.append(image)
            return super().detect(image)

    line = camera_pipeline(
        "c",
        site_layout(site, "c", SIZE),
        detector=Looking(),
        tracking=TrackerSettings(),
        on_picture=lambda frame, found: shown.append((frame.image, len(found))),
    )
    for n in range(45):
        line.step(Frame(np.full((480, 640, 3), 255, np.uint8), n / 10, n, "c"))
        if n == 20:
            assert line.live().occupancy == 1, "still to the left of the mask"
    assert all((image[:, 320:] == 0).all() and (image[:, :318] == 255).all() for image in seen)
    assert all(image is first for (image, _), first in zip(shown, seen, strict=True))
    assert {people for _, people in shown} == {1}, "whoever makes a still hears of those under a mask too"
    assert line.live().occupancy == 0


def test_recorded_detections_under_a_mask_count_nobody():
    site = SITE.model_copy(update={"cameras": {"c": Camera(masks=[[(0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0)]])}})
    line = camera_pipeline("c", site_layout(site, "c", SIZE), detector=None, tracking=TrackerSettings())
    for n in range(10):
        line.step(SeenDetections(n / 10, detections((40, 200, 80, 300), (340, 100, 380, 200))))
    assert line.live().occupancy == 1
