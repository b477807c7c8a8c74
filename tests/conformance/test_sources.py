"""What every source keeps, whatever it reads: the contract of `edge.ports.Source`."""

import threading
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.arrays import Frame
from edge.io.images import ImageFolder
from edge.io.playback import Looped, Newest, Paced
from edge.io.recorded import RecordedDetections, RecordedTracks
from edge.io.video import VideoFile
from edge.ports import Observation, SeenDetections, SeenPoints, Source, StreamRestarted

START = 1_000.0
TRACKS = "t,track_id,x_m,y_m\n" + "".join(f"{0.5 * n},1,0,{n}\n" for n in (0, 1, 2, 6, 7))
DETECTIONS = "".join(f"{n},-1,0,0,9,9,1\n" for n in (1, 2, 5, 6))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "folder").mkdir()
    for n in range(6):
        cv2.imwrite(str(tmp_path / "folder" / f"{n}.png"), np.full((48, 64, 3), 8 * n, np.uint8))
    return tmp_path / "folder"


@pytest.fixture
def make(tmp_path: Path, folder: Path, make_clip, fake_clock) -> Callable[[str], Source]:
    (tmp_path / "det.txt").write_text(DETECTIONS)
    (tmp_path / "tracks.csv").write_text(TRACKS)
    clip = make_clip("clip.mp4", frames=6, fps=10)

    def video() -> Source:
        return VideoFile(clip, camera_id="c", start=START)

    makers: dict[str, Callable[[], Source]] = {
        "video": video,
        "video without timestamps": lambda: VideoFile(make_clip("raw.m4v", codec="mpeg4"), camera_id="c", start=START),
        "folder": lambda: ImageFolder(folder, camera_id="c", fps=10, start=START),
        "detections": lambda: RecordedDetections(tmp_path / "det.txt", fps=10, start=START),
        "trajectories": lambda: RecordedTracks(tmp_path / "tracks.csv", start=START),
        "paced": lambda: Paced(video(), fake_clock),
        "looped": lambda: Looped(video()),
        "newest": lambda: Newest(video()),
    }
    return lambda name: makers[name]()


RECORDINGS = ["video", "video without timestamps", "folder", "detections", "trajectories", "paced"]
ALL = [*RECORDINGS, "looped", "newest"]


def content(observation: Observation) -> bytes:
    match observation:
        case Frame():
            return observation.image.tobytes()
        case SeenDetections():
            return observation.detections.xyxy_px.tobytes()
        case SeenPoints():
            return observation.points.xy.tobytes() + observation.points.ended.tobytes()
        case StreamRestarted():
            return b"restarted"


@pytest.mark.parametrize("name", ALL)
def test_time_ascends_from_the_start(make, name):
    seen = list(islice(make(name), 20))
    stamps = [o.t for o in seen if not isinstance(o, StreamRestarted)]
    assert stamps == sorted(set(stamps))
    assert [o.t for o in seen] == sorted(o.t for o in seen)
    assert stamps[0] >= START
    if name != "newest":
        assert stamps[0] == START


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("video", 6),
        ("video without timestamps", 6),
        ("folder", 6),
        ("detections", 6),
        ("trajectories", 8),
        ("paced", 6),
    ],
)
def test_a_recording_ends_and_its_empty_instants_are_observed(make, name, count):
    source = make(name)
    assert len(list(source)) == count
    assert source.counts.dropped == source.counts.bad_frames == 0


@pytest.mark.parametrize("name", RECORDINGS)
def test_reading_again_gives_the_same(make, name):
    source = make(name)
    first, second = [[(o.t, content(o)) for o in source] for _ in range(2)]
    assert first == second


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_duration_covers_what_is_seen(make, name):
    source = make(name)
    stamps = [o.t for o in source]
    assert source.duration_s is not None
    span = stamps[-1] - stamps[0]
    assert span <= source.duration_s <= span + 0.6


@pytest.mark.parametrize("name", ALL)
def test_the_size_is_that_of_the_pictures(make, name):
    source = make(name)
    sizes = {o.size_px for o in islice(source, 6) if isinstance(o, Frame)}
    assert sizes <= {source.size_px}
    assert bool(sizes) == (name not in ("detections", "trajectories"))


@pytest.mark.parametrize("name", ALL)
def test_closing_ends_the_iteration(make, name):
    source = make(name)
    seen = []
    for observation in source:
        seen.append(observation)
        source.close()
    assert len(seen) == 1
    assert not any(thread.name == "newest" for thread in threading.enumerate())
