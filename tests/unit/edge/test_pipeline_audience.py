"""What the pipeline makes of things beside people, and of faces."""

import numpy as np
import pytest

from contract.site import Site
from edge.analytics.audience import Senses
from edge.arrays import Detections, Faces, Frame
from edge.compose import camera_pipeline, companion_classes, senses
from edge.layout import site_layout
from edge.models import find_model
from edge.ports import SeenDetections, StreamRestarted
from edge.report import audience_part
from edge.tracking.tracker import TrackerSettings

SIZE = (640, 480)
SITE = Site.model_validate(
    {
        "site": "s",
        "cameras": {"c": {}},
        "zones": {"all": {"kind": "view", "camera": "c", "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]]}},
        "segments": {
            "cyclist": {"when": {"transport": ["bicycle"]}},
            "walker": {"when": {"unless": {"transport": ["bicycle"]}}},
            "passing": {"when": {"pace": ["passing"]}},
            "woman": {"when": {"gender": ["female"]}},
        },
    }
)
BICYCLE = 1
SURE = TrackerSettings()


def detections(x, *, rides, also=()):
    """A person at x px and, if they ride, a bicycle under them; `also` more boxes of bicycles."""
    boxes = [(x - 20, 200, x + 20, 300), *([(x - 45, 245, x + 45, 306)] if rides else []), *also]
    classes = [0, *[BICYCLE] * (len(boxes) - 1)]
    return Detections(np.array(boxes, np.float32), np.full(len(boxes), 0.9, np.float32), np.array(classes, np.int16))


def pipeline(*, companions=None, faces=None, **kwargs):
    companions = companions if companions is not None else {BICYCLE: "bicycle"}
    layout = site_layout(SITE, "c", SIZE, senses=senses(companions, faces=faces is not None))
    return camera_pipeline("c", layout, detector=None, tracking=SURE, companions=companions, faces=faces, **kwargs)


def cells(line, closed):
    parts = [audience_part(stats, line.layout, "c") for stats in closed]
    return {cell.segment: (cell.n, cell.of) for part in parts if part for cell in part.cells}


@pytest.mark.parametrize("rides", [True, False])
def test_a_cyclist_is_one_person_with_a_bicycle(rides):
    tracked = []
    line = pipeline(on_tracks=lambda _t, tracks: tracked.append(tracks.track_id.tolist()))
    parked = ((400, 250, 490, 310), (560, 250, 650, 310))
    closed = [
        w
        for k in range(40)
        for w in line.step(SeenDetections(k / 10, detections(60 + 12 * k, rides=rides, also=parked)))
    ]
    counted = cells(line, closed + line.finish())
    assert max(len(ids) for ids in tracked) == 1, "bicycles are no people"
    assert counted == {"cyclist": (rides, 1), "walker": (not rides, 1), "passing": (1, 1)}


def test_without_a_model_of_bicycles_it_is_not_known_who_rides():
    line = pipeline(companions={})
    closed = [w for k in range(40) for w in line.step(SeenDetections(k / 10, detections(60 + 12 * k, rides=False)))]
    assert cells(line, closed + line.finish()) == {"passing": (1, 1)}
    assert set(line.layout.segments.unknown) == {"cyclist", "walker", "woman"}


class Reader:
    """Says of everybody that she is a woman."""

    def __init__(self):
        self.looks, self.restarts = 0, 0

    def look(self, _frame, tracks):
        self.looks += len(tracks)

    def traits(self, track_id):
        m = len(track_id)
        return Faces(np.zeros(m, np.int8), np.full(m, -1, np.int8), np.ones(m, np.int8))

    def restart(self):
        self.restarts += 1


class Scripted:
    def __init__(self):
        self.n = -1

    def detect(self, _image):
        self.n += 1
        return detections(60 + 12 * self.n, rides=True)


def test_faces_are_looked_at_in_pictures_only():
    reader, shown = Reader(), []
    layout = site_layout(SITE, "c", SIZE, senses=Senses(faces=True))
    line = camera_pipeline(
        "c",
        layout,
        detector=Scripted(),
        tracking=SURE,
        companions={BICYCLE: "bicycle"},
        faces=reader,
        on_picture=lambda _frame, found: shown.append(len(found)),
    )
    picture = np.zeros((480, 640, 3), np.uint8)
    closed = [w for k in range(30) for w in line.step(Frame(picture, k / 10, k, "c"))]
    assert set(shown) == {1}, "what the scene is shown are people"
    assert reader.looks >= 29
    line.step(SeenDetections(3.0, detections(420, rides=False)))
    assert reader.looks <= 30
    closed += line.step(StreamRestarted(4.0))
    assert reader.restarts == 1
    assert cells(line, closed + line.finish())["woman"] == (1, 1)


@pytest.mark.parametrize(
    ("profile", "asked", "expected"),
    [
        ("counting", ["bicycle"], {}),
        ("objects", ["bicycle", "suitcase"], {1: "bicycle", 28: "suitcase"}),
        ("demographics", ["bicycle"], {1: "bicycle"}),
        ("objects", ["stroller"], {}),
        ("objects", [], {}),
    ],
)
def test_what_is_looked_for_is_what_segments_ask_and_profile_and_model_allow(profile, asked, expected):
    when = {"any": [{"transport": asked}, {"pace": ["passing"]}]} if asked else {"pace": ["passing"]}
    site = Site.model_validate({"site": "s", "segments": {"it": {"when": {"unless": when}}}})
    assert companion_classes(find_model(), site, profile) == expected
