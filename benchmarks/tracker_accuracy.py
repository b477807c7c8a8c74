"""HOTA / IDF1 of trackers on the same given detections, side by side: ours, and peers where installed.

    python benchmarks/tracker_accuracy.py

Needs the sequences of tests/quality/sequences.py. Each tracker runs with one setting for all sequences and tells a frame
before it sees the next; peers run with their defaults and the sequence's frame rate.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np

from edge.arrays import Detections

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "quality"))  # its measures and sequences are not packaged
from mot_metrics import Comparison
from sequences import PUBLIC, PUBLIC_SETTINGS, Step, follow, ours


def vitrina(_fps: float) -> Step:
    return ours(PUBLIC_SETTINGS)


def from_trackers(name: str) -> Callable[[float], Step]:
    """The tracker of that class in roboflow's package `trackers`."""

    def make(fps: float) -> Step:
        import supervision as sv
        import trackers

        tracker = getattr(trackers, name)(frame_rate=fps)

        def step(_t: float, d: Detections) -> tuple[np.ndarray, np.ndarray]:
            seen = sv.Detections(d.xyxy_px, confidence=d.confidence, class_id=d.class_id.astype(int))
            told = tracker.update(seen)
            told = told[told.tracker_id >= 0]  # -1 means "not yet a track"
            return told.tracker_id, told.xyxy

        return step

    return make


CONTESTANTS: dict[str, Callable[[float], Step]] = {
    "vitrina": vitrina,
    "trackers ByteTrack": from_trackers("ByteTrackTracker"),
    "trackers SORT": from_trackers("SORTTracker"),
}


def compare(make: Callable[[float], Step]) -> list[Comparison]:
    return [one.compare(follow(make(one.fps), one.given())) for one in PUBLIC.values()]


@click.command()
def main() -> None:
    """Print HOTA / IDF1 per sequence and their mean."""
    print(f"{'HOTA / IDF1':24}" + "".join(f"{name:>16}" for name in [*PUBLIC, "mean"]))
    for name, make in CONTESTANTS.items():
        try:
            figures = [(one.hota, one.idf1()) for one in compare(make)]
        except ImportError as missing:
            click.echo(f"{name:24}  left out: {missing}")
            continue
        cells = (f"{hota:.1f} / {idf1:.1f}" for hota, idf1 in [*figures, np.mean(figures, axis=0)])
        print(f"{name:24}" + "".join(f"{cell:>16}" for cell in cells))


if __name__ == "__main__":
    main()
