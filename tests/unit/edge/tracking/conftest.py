from collections.abc import Callable

import numpy as np
import pytest

from edge.arrays import Detections, Tracks
from edge.tracking.tracker import Tracker, TrackerSettings

HEIGHT = 100.0
Scene = dict[str, Callable[[float], tuple[float, float] | None]]


def detect(feet, *, score=0.9, height=HEIGHT):
    """People of `height` px standing at `feet` [(x, y), ...]."""
    feet = np.array(feet, np.float32).reshape(-1, 2)
    corners = np.hstack([feet - np.array([height / 5, height]), feet + np.array([height / 5, 0])]).astype(np.float32)
    return Detections(corners, np.full(len(feet), score, np.float32), np.zeros(len(feet), np.int16))


@pytest.fixture
def people():
    """`people([(x, y), ...], score=, height=)`: their detections."""
    return detect


@pytest.fixture
def tracker():
    """A tracker with the settings that ship."""
    return Tracker(TrackerSettings())


@pytest.fixture
def watch(tracker):
    """`watch(scene, seconds, fps=)`: who of `scene` {name: foot at t, or None while unseen} got which ids, in order."""

    def run(scene: Scene, seconds: float, *, fps: float = 25.0) -> dict[str, list[int]]:
        ids: dict[str, list[int]] = {name: [] for name in scene}
        for t in np.arange(0, seconds, 1 / fps):
            feet = {name: foot(t) for name, foot in scene.items() if foot(t) is not None}
            tracks = tracker.update(float(t), detect(list(feet.values())))
            for name, foot in feet.items():
                found = nearest(tracks, foot)
                if found is not None and found not in ids[name][-1:]:
                    ids[name].append(found)
        return ids

    return run


def nearest(tracks: Tracks, foot: tuple[float, float]) -> int | None:
    """The id of the track within a quarter of a height of `foot`."""
    place = np.stack([(tracks.xyxy_px[:, 0] + tracks.xyxy_px[:, 2]) / 2, tracks.xyxy_px[:, 3]], axis=1)
    away = np.hypot(*(place - foot).T)
    return int(tracks.track_id[away.argmin()]) if len(away) and away.min() < HEIGHT / 4 else None
