"""The sequences that trackers are measured on, with given detections and truth, and our tracker run over them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mot_metrics import Boxes, Comparison

from edge.arrays import Detections
from edge.io.recorded import RecordedDetections
from edge.ports import SeenDetections
from edge.tracking.tracker import Tracker, TrackerSettings

DATA = Path(__file__).parents[3] / "shared" / "data"

Step = Callable[[float, Detections], tuple[np.ndarray, np.ndarray]]
"""Takes t and detections, gives ids (m,) and corners (m, 4) at once: online output."""


@dataclass(frozen=True)
class Sequence:
    """`detections` and `truth` are files; `people_only`: the truth names classes."""

    fps: float
    detections: Path
    truth: Path
    people_only: bool = False

    def given(self) -> RecordedDetections:
        return RecordedDetections(self.detections, fps=self.fps)

    def compare(self, tracks: Boxes) -> Comparison:
        return Comparison(Boxes.truth(self.truth, people_only=self.people_only), tracks)


def _given(folder: str, fps: float, detections: str, *, people_only: bool = False) -> Sequence:
    return Sequence(fps, DATA / folder / detections, DATA / folder / "gt" / "gt.txt", people_only)


PUBLIC = {
    "TUD-Campus": _given("mot15_tracks/TUD-Campus", 25, "det/det_frcnn_sort.txt"),
    "TUD-Stadtmitte": _given("mot15_tracks/TUD-Stadtmitte", 25, "det/det_frcnn_sort.txt"),
    "Venice-2": _given("mot15_tracks/Venice-2", 30, "det/det_frcnn_sort.txt"),
    "PETS": _given("pets2009_s2l1", 7, "det/det_frcnn_sort.txt"),
    "MOT17-04": _given("mot17_04_mini", 30, "det/det.txt", people_only=True),
}
"""Detections that came with the truth, all scored by Faster R-CNN."""

PUBLIC_SETTINGS = TrackerSettings(low=0.3, high=0.7, new=0.8)
"""Faster R-CNN's scores are higher than NanoDet's; one setting for all sequences."""


def ours(settings: TrackerSettings) -> Step:
    tracker = Tracker(settings)

    def step(t: float, detections: Detections) -> tuple[np.ndarray, np.ndarray]:
        tracks = tracker.update(t, detections)
        return tracks.track_id, tracks.xyxy_px

    return step


def follow(step: Step, observations: Iterable[object]) -> Boxes:
    """What `step` tells of recorded detections, frames from 1."""
    rows = [np.empty((0, 6))]
    seen = (o for o in observations if isinstance(o, SeenDetections))
    for frame, observation in enumerate(seen, 1):
        ids, corners = step(observation.t, observation.detections)
        ltwh = np.hstack([corners[:, :2], corners[:, 2:] - corners[:, :2]])
        rows.append(np.column_stack([np.full(len(ids), frame), ids, ltwh]))
    return Boxes.from_rows(np.concatenate(rows))
