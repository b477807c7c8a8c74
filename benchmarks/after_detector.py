"""CPU per frame of everything after the detector: track, place, 16 zones, 4 lines, heat, windows; and with an audience.

The audience: 8 segments and 2 screens, with two of three people looked for a bicycle or a bag beside them.

Beside it, in the same run, what the same questions cost with the usual parts (trackers' ByteTrack, supervision's
PolygonZone, LineZone and HeatMapAnnotator on a 1280 x 720 picture), where they can be imported.

    python benchmarks/after_detector.py [--people 20] [--frames 600]
"""

import argparse
import time

import numpy as np

from contract.site import Site
from edge.arrays import Detections
from edge.compose import camera_pipeline, senses
from edge.layout import site_layout
from edge.ports import SeenDetections
from edge.tracking.tracker import TrackerSettings

SIZE_PX = (1280, 720)
FPS = 10


BICYCLE, SUITCASE = 1, 28
SEGMENTS = {
    "bicycle": {"transport": ["bicycle"]},
    "luggage": {"transport": ["suitcase"], "unless": {"pace": ["standing"]}},
    "group": {"group": {"at_least": 2}},
    "passing": {"pace": ["passing"]},
    "lingering": {"pace": ["standing"], "hours": ["08:00-20:00"]},
    "been": {"visited": {"zone": "z5", "at_least_s": 3}},
    "stopped": {"stopped": {"zone": "z6"}},
    "either": {"any": [{"visited": {"zone": "z9"}}, {"stopped": {"zone": "z10"}}], "weekdays": ["mon", "tue"]},
}


def site(*, audience=False):
    zones = {
        f"z{i}": {
            "camera": "c",
            "polygon": [(x, y), (x + 0.2, y + 0.02), (x + 0.22, y + 0.2), (x + 0.1, y + 0.23), (x - 0.01, y + 0.18)],
        }
        for i, (x, y) in enumerate((0.02 + 0.24 * (k % 4), 0.02 + 0.24 * (k // 4)) for k in range(16))
    }
    lines = {f"l{k}": {"camera": "c", "ends": [(0.2 * k + 0.1, 0.1), (0.2 * k + 0.15, 0.9)]} for k in range(4)}
    told = {"site": "bench", "cameras": {"c": {}}, "zones": zones, "lines": lines}
    if audience:
        told["floor"] = {"bounds_m": [[0, 0], [10, 10]]}
        told["screens"] = {f"s{k}": {"at_m": [5, 5], "zone": f"z{k}"} for k in (5, 6)}
        told["segments"] = {key: {"when": when} for key, when in SEGMENTS.items()}
    return Site.model_validate(told)


def walkers(people, frames, rng):
    """Detections of people who walk about a plane and turn at its edges."""
    xy = rng.uniform((80, 160), (1200, 700), (people, 2))
    velocity = rng.normal(0, 60, (people, 2))
    for _ in range(frames):
        xy += velocity / FPS
        velocity = np.where((xy < (80, 160)) | (xy > (1200, 700)), -velocity, velocity)
        foot = xy + rng.normal(0, 1, xy.shape)
        height = 60 + foot[:, 1] / 6
        boxes = np.column_stack([foot[:, 0] - height / 5, foot[:, 1] - height, foot[:, 0] + height / 5, foot[:, 1]])
        yield Detections(
            boxes.astype(np.float32), rng.uniform(0.6, 0.9, people).astype(np.float32), np.zeros(people, np.int16)
        )


def with_things(found):
    """A third by bicycle, a third with a suitcase."""
    n = len(found) // 3
    x0, y0, x1, y1 = found.xyxy_px[: 2 * n].T
    height = y1 - y0
    top = y1 - height * np.repeat([0.7, 0.3], n)
    things = np.column_stack([x0, top, x1, y1]).astype(np.float32)
    return Detections(
        np.concatenate([found.xyxy_px, things]),
        np.concatenate([found.confidence, np.full(2 * n, 0.6, np.float32)]),
        np.concatenate([found.class_id, np.repeat([BICYCLE, SUITCASE], n)]).astype(np.int16),
    )


def cpu_ms(step, inputs):
    spent = []
    for item in inputs:
        start = time.process_time()
        step(item)
        spent.append(1000 * (time.process_time() - start))
    return np.array(spent[len(spent) // 10 :])


def ours(frames, *, audience=False):
    stages = {}

    class Stage:
        def __init__(self, name):
            self.name = name

        def __enter__(self):
            self.start = time.process_time()

        def __exit__(self, *_):
            stages.setdefault(self.name, []).append(1000 * (time.process_time() - self.start))

    companions = {BICYCLE: "bicycle", SUITCASE: "suitcase"} if audience else {}
    layout = site_layout(site(audience=audience), "c", SIZE_PX, senses=senses(companions, faces=False))
    settings = TrackerSettings(low=0.4, high=0.45, new=0.55)
    pipeline = camera_pipeline("c", layout, detector=None, tracking=settings, companions=companions, stopwatch=Stage)
    spent = cpu_ms(pipeline.step, [SeenDetections(k / FPS, found) for k, found in enumerate(frames)])
    return spent, {name: float(np.mean(values)) for name, values in stages.items()}


def supervision_peer(frames):
    import supervision as sv
    from trackers import ByteTrackTracker

    polygons = [np.array(zone.polygon) * SIZE_PX for zone in site().zones.values()]
    zones = [sv.PolygonZone(polygon.astype(int)) for polygon in polygons]
    ends = [np.array(line.ends) * SIZE_PX for line in site().lines.values()]
    lines = [sv.LineZone(sv.Point(*a), sv.Point(*b)) for a, b in ends]
    tracker, heat = ByteTrackTracker(frame_rate=FPS), sv.HeatMapAnnotator()
    picture = np.zeros((SIZE_PX[1], SIZE_PX[0], 3), np.uint8)

    def step(found):
        detections = sv.Detections(found.xyxy_px, confidence=found.confidence, class_id=found.class_id.astype(int))
        tracked = tracker.update(detections)
        for zone in zones:
            zone.trigger(tracked)
        for line in lines:
            line.trigger(tracked)
        heat.annotate(picture.copy(), tracked)

    return cpu_ms(step, frames)


def tell(what, spent, stages):
    parts = ", ".join(f"{name} {ms:.2f}" for name, ms in stages.items())
    print(f"{what}: median {np.median(spent):.2f} ms, 95 % {np.percentile(spent, 95):.2f} ms ({parts})")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--people", type=int, default=20)
    arguments.add_argument("--frames", type=int, default=600)
    asked = arguments.parse_args()
    frames = list(walkers(asked.people, asked.frames, np.random.default_rng(7)))
    spent, stages = ours(frames)
    tell(f"vitrina, {asked.people} people", spent, stages)
    tell("with an audience", *ours([with_things(found) for found in frames], audience=True))
    try:
        peer = supervision_peer(frames)
    except ImportError:
        print("supervision is not installed here: no peer to compare with")
        return
    print(f"supervision: median {np.median(peer):.2f} ms, {np.median(peer) / np.median(spent):.1f} times ours")


if __name__ == "__main__":
    main()
