"""Who is who, against truth. Figures move by about ± 1 point when one identity goes one way or the other."""

import sys
from pathlib import Path

import numpy as np
import pytest

from edge.compose import tracking_settings
from edge.io.onnx import OnnxDetector
from edge.io.video import VideoFile
from edge.models import find_model
from edge.ports import SeenDetections

sys.path.insert(0, str(Path(__file__).parent))  # pytest does not put a test module's folder on the path
from mot_metrics import Boxes, Comparison
from sequences import DATA, PUBLIC, PUBLIC_SETTINGS, follow, ours

pytestmark = [pytest.mark.quality, pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared")]

BEST_PEER = {
    "TUD-Campus": (53.4, 74.5),
    "TUD-Stadtmitte": (54.9, 79.6),
    "Venice-2": (32.6, 41.6),
    "PETS": (37.4, 48.9),
    "MOT17-04": (52.6, 61.2),
}
"""Best HOTA and best IDF1 of trackers, ultralytics and norfair with the same detections."""


def test_given_detections_beat_the_peers():
    """Measured mean 51.8 / 68.7; aims 51.5 / 68, and no sequence more than 1 below its best peer."""
    figures = {}
    for name, sequence in PUBLIC.items():
        compared = sequence.compare(follow(ours(PUBLIC_SETTINGS), sequence.given()))
        figures[name] = compared.hota, compared.idf1()
        print(f"\n{name:15} HOTA {compared.hota:5.1f}  IDF1 {compared.idf1():5.1f}", end="")
        print(f"  switches {compared.switches():3}  best peer {BEST_PEER[name][0]} / {BEST_PEER[name][1]}", end="")
    mean = np.mean(list(figures.values()), axis=0)
    print(f"\n{'mean':15} HOTA {mean[0]:5.1f}  IDF1 {mean[1]:5.1f}")
    assert mean[0] >= 51.5
    assert mean[1] >= 68
    for name, best in BEST_PEER.items():
        assert figures[name][0] >= best[0] - 1, name
        assert figures[name][1] >= best[1] - 1, name


@pytest.fixture(scope="module", params=[416, 640])
def found(request):
    """NanoDet's detections in every frame of PETS, at the side that the parameter says."""
    detector = OnnxDetector(find_model(), long_side=request.param)
    video = VideoFile(DATA / "pets2009_s2l1" / "vtest.avi", camera_id="pets")
    return request.param, [detector.detect(frame.image) for frame in video]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("fps", "floors"), [(7, (64, 87)), (10, (62, 85))], ids=["filmed", "container"])
def test_pets_from_pictures(found, fps, floors):
    """Measured 64.9 / 88.7 and 65.2 / 88.3 at the 7 fps it was filmed at, 63.8 / 86.8 and 64.5 / 88.0 at the 10 fps
    that its container says (people then seem to run). Aims 66 / 88, never under 62 / 85.
    """
    side, detections = found
    settings = tracking_settings(find_model().thresholds)
    observations = [SeenDetections(i / fps, one) for i, one in enumerate(detections)]
    tracks = follow(ours(settings), observations)
    compared = PUBLIC["PETS"].compare(tracks)
    print(f"\nPETS, NanoDet {side} px, {fps} fps: HOTA {compared.hota:.1f}  IDF1 {compared.idf1():.1f}", end="")
    print(f"  switches {compared.switches()}")
    assert compared.hota >= floors[0]
    assert compared.idf1() >= floors[1]


def test_a_perfect_tracker_scores_a_hundred_and_a_swap_costs():
    frame, who = np.repeat(np.arange(1, 11), 2), np.tile([1, 2], 10)
    ltwh = np.column_stack([100 * who, 0 * who, 0 * who + 40, 0 * who + 100])
    truth = Boxes.from_rows(np.column_stack([frame, who, ltwh]))
    assert Comparison(truth, truth).hota == pytest.approx(100)
    assert Comparison(truth, truth).idf1() == pytest.approx(100)
    swapped = np.where(frame > 5, 3 - who, who)
    half = Comparison(truth, Boxes.from_rows(np.column_stack([frame, swapped, ltwh])))
    assert half.idf1() == pytest.approx(50)
    assert half.hota == pytest.approx(100 * np.sqrt(1 / 3))  # each pair: 5 together, of 15 apart or together
    assert half.switches() == 2
