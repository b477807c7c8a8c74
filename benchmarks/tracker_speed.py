"""CPU milliseconds per frame of trackers alone, side by side in one run: ours, the floor, and peers where installed.

    python benchmarks/tracker_speed.py [--frames 150]

People walk at random over a floor that grows with their number, so that the crowd stays as dense; 5 % of the detections
are missing in each frame. The floor is the least that a tracker of this kind must do in numpy: a batch of constant-
velocity Kalman filters, one IoU matrix, one assignment. Every tracker sees the same frames, in turns, and the median of
the frames is told.
"""

from collections.abc import Callable
from time import process_time

import click
import numpy as np
from scipy.optimize import linear_sum_assignment

from edge.arrays import Detections
from edge.tracking.tracker import Tracker, TrackerSettings

FPS = 25.0
CROWDS = (10, 50, 200, 500)
Step = Callable[[Detections], object]


def walk(people: int, frames: int) -> list[Detections]:
    """Frames of `people` walking at random, each 80 px tall, one per 100 × 100 px."""
    rng = np.random.default_rng(people)
    side = 100 * np.sqrt(people)
    foot = rng.uniform(0, side, (people, 2))
    speed = rng.normal(0, 1.5, (people, 2))
    seen = []
    for _ in range(frames):
        foot, speed = foot + speed, speed * np.where((foot < 0) | (foot > side), -1, 1)
        here = foot[rng.random(people) > 0.05]
        here = here + rng.normal(0, 1.5, here.shape)
        corners = np.hstack([here - np.array([15, 80]), here + np.array([15, 0])]).astype(np.float32)
        score = rng.uniform(0.5, 0.95, len(here)).astype(np.float32)
        seen.append(Detections(corners, score, np.zeros(len(here), np.int16)))
    return seen


def overlap(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """IoU of corners (n, 4) and (m, 4) -> (n, m)."""
    width = np.minimum(a[:, None, 2], b[:, 2]) - np.maximum(a[:, None, 0], b[:, 0])
    height = np.minimum(a[:, None, 3], b[:, 3]) - np.maximum(a[:, None, 1], b[:, 1])
    common = np.maximum(width, 0) * np.maximum(height, 0)
    size_a, size_b = ((c[:, 2] - c[:, 0]) * (c[:, 3] - c[:, 1]) for c in (a, b))
    return common / (size_a[:, None] + size_b - common)


class Floor:
    """Batch Kalman filter (8 states), IoU, assignment; the first frame's people for ever."""

    def __init__(self) -> None:
        self.move = np.eye(8) + np.eye(8, k=4)
        self.noise = np.eye(8) * 0.1
        self.mean: np.ndarray | None = None

    def __call__(self, detections: Detections) -> None:
        z = detections.xyxy_px.astype(np.float64)
        if self.mean is None:
            self.mean, self.cov = np.concatenate([z, 0 * z], axis=1), np.tile(np.eye(8), (len(z), 1, 1))
            return
        self.mean = self.mean @ self.move.T
        self.cov = self.move @ self.cov @ self.move.T + self.noise
        iou = overlap(self.mean[:, :4], z)
        rows, cols = linear_sum_assignment(-iou)
        good = iou[rows, cols] > 0.1
        rows, cols = rows[good], cols[good]
        cov = self.cov[rows]
        gain = np.linalg.solve(cov[:, :4, :4] + np.eye(4), cov[:, :4]).transpose(0, 2, 1)
        self.mean[rows] += (gain @ (z[cols] - self.mean[rows, :4])[..., None])[..., 0]
        self.cov[rows] = cov - gain @ cov[:, :4]


def ours() -> Step:
    tracker, frame = Tracker(TrackerSettings()), iter(range(1 << 30))
    return lambda detections: tracker.update(next(frame) / FPS, detections)


def from_trackers(name: str) -> Callable[[], Step]:
    """The tracker of that class in roboflow's package `trackers`."""

    def make() -> Step:
        import supervision as sv
        import trackers

        tracker = getattr(trackers, name)(frame_rate=FPS)
        return lambda d: tracker.update(
            sv.Detections(d.xyxy_px, confidence=d.confidence, class_id=d.class_id.astype(int))
        )

    return make


CONTESTANTS = {
    "floor (numpy + scipy)": Floor,
    "vitrina": ours,
    "trackers ByteTrack": from_trackers("ByteTrackTracker"),
    "trackers SORT": from_trackers("SORTTracker"),
}


def installed() -> dict[str, Callable[[], Step]]:
    found = {}
    for name, make in CONTESTANTS.items():
        try:
            make()
        except ImportError:
            click.echo(f"{name}: not installed here, left out")
        else:
            found[name] = make
    return found


def time_side_by_side(contestants: dict[str, Callable[[], Step]], frames: list[Detections]) -> dict[str, float]:
    """Median CPU ms per frame, after a tenth of the frames for warming up."""
    steps = {name: make() for name, make in contestants.items()}
    spent: dict[str, list[float]] = {name: [] for name in steps}
    for detections in frames:
        for name, step in steps.items():
            start = process_time()
            step(detections)
            spent[name].append(process_time() - start)
    return {name: 1e3 * float(np.median(times[len(times) // 10 :])) for name, times in spent.items()}


@click.command()
@click.option("--frames", default=150, show_default=True, help="Frames per crowd.")
def main(frames: int) -> None:
    """Print CPU ms per frame and the ratio to the floor."""
    contestants = installed()
    results = {people: time_side_by_side(contestants, walk(people, frames)) for people in CROWDS}
    print(f"{'ms per frame (× floor)':26}" + "".join(f"{people:>18}" for people in CROWDS))
    floor = next(iter(contestants))
    for name in contestants:
        cells = (f"{results[n][name]:.2f} (×{results[n][name] / results[n][floor]:.1f})" for n in CROWDS)
        print(f"{name:26}" + "".join(f"{cell:>18}" for cell in cells))


if __name__ == "__main__":
    main()
