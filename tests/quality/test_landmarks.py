"""Cameras that were moved, covered or put out of focus, on real footage: how often that is told, and told in error.

`pytest -m quality tests/quality/test_landmarks.py -s` prints the table of docs/camera-view.md.
"""

from time import process_time

import cv2
import numpy as np
import pytest

from edge.arrays import Frame
from edge.io.clock import SystemClock
from edge.io.onnx import OnnxDetector
from edge.io.sources import open_source
from edge.models import find_model
from edge.vision.landmarks import LEAST_LANDMARKS, compare, find_landmarks
from edge.vision.mask import people_area
from edge.vision.still import Still

pytestmark = [pytest.mark.quality, pytest.mark.timeout(600)]

SCENES = {
    "PETS": ("pets2009_s2l1/vtest.avi", 10),
    "one by one": ("intel_one_by_one/one-by-one-person-detection.mp4", 10),
    "people": ("intel_previews/people-detection.gif", 1),
    "store aisle": ("intel_previews/store-aisle-detection.gif", 2),
    "worker zone": ("intel_previews/worker-zone-detection.gif", 2),
    "MOT17-04": ("mot17_04_mini/img1", 1),
}
CLOSE_UP = {"faces, pause": "intel_previews/face-demographics-walking-and-pause.gif",
            "faces": "intel_previews/face-demographics-walking.gif"}  # fmt: skip
"""People who fill the picture: hardly any background is to be seen."""


class Scene:
    """Pictures with who was found in them; landmarks of the still of the first half."""

    def __init__(self, path, every):
        detector = OnnxDetector(find_model())
        source = open_source(str(path), camera_id="x", clock=SystemClock(), fps=30 if path.is_dir() else None)
        frames = [seen.image for seen in source if isinstance(seen, Frame)][::every]
        self.seen = [(image, people_area(image.shape, detector.detect(image).xyxy_px)) for image in frames]
        still = Still()
        for image in frames[: max(2, len(frames) // 2)]:
            still.offer(image, detector.detect(image))
        self.landmarks = find_landmarks(still.median(), still.never_free())

    def fits(self, change=lambda image: image, every=1):
        return [compare(self.landmarks, change(image), people) for image, people in self.seen[::every]]


@pytest.fixture(scope="module")
def scenes(data):
    return {name: Scene(data / path, every) for name, (path, every) in SCENES.items()}


def noise(image, spread, light=1.0):
    rng = np.random.default_rng(1)
    return np.clip(image * light + rng.normal(0, spread, image.shape), 0, 255).astype(np.uint8)


def moved(share):
    def move(image):
        height, width = image.shape[:2]
        motion = np.array([[1, 0, 0.8 * share * width], [0, 1, 0.6 * share * width]], np.float64)
        return cv2.warpAffine(image, motion, (width, height), borderMode=cv2.BORDER_REFLECT)

    return move


def turned(degrees):
    def turn(image):
        height, width = image.shape[:2]
        motion = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
        return cv2.warpAffine(image, motion, (width, height), borderMode=cv2.BORDER_REFLECT)

    return turn


def lit(light):
    return lambda image: np.clip(image * light, 0, 255).astype(np.uint8)


def blurred(share):
    return lambda image: cv2.GaussianBlur(image, (0, 0), share * image.shape[1])


def hand(image):
    return noise(cv2.GaussianBlur(np.full_like(image, (90, 120, 180)), (0, 0), 9), 2)


def jpeg20(image):
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 20])[1], cv2.IMREAD_COLOR)


FINE = {
    "as it is": lambda image: image, "moved 0.25 %": moved(0.0025), "moved 0.5 %": moved(0.005),
    "light x 0.4": lit(0.4), "light x 0.7": lit(0.7), "light x 1.5": lit(1.5), "light x 2": lit(2.0),
    "JPEG quality 20": jpeg20, "noise 15": lambda image: noise(image, 15),
    "night: light x 0.3, noise 15": lambda image: noise(image, 15, 0.3),
}  # fmt: skip
DARK = {"night: light x 0.15, noise 12": lambda image: noise(image, 12, 0.15)}
MOVED = {
    "moved 1 %": moved(0.01), "moved 1.2 %": moved(0.012), "moved 2 %": moved(0.02), "moved 5 %": moved(0.05),
    "moved 20 %": moved(0.2), "turned 0.5°": turned(0.5), "turned 2°": turned(2), "turned 5°": turned(5),
    "turned 20°": turned(20), "another scene (mirrored)": lambda image: image[:, ::-1].copy(),
}  # fmt: skip
BLIND = {
    "black": np.zeros_like, "black, noise 6": lambda image: noise(image, 6, 0.0), "a hand before the lens": hand,
    "out of focus, 0.6 %": blurred(0.006), "out of focus, 1 %": blurred(0.01), "out of focus, 2 %": blurred(0.02),
}  # fmt: skip


def told(fits):
    return [fit.verdict for fit in fits]


def row(name, scenes, change):
    cells = []
    for scene in scenes.values():
        verdicts = told(scene.fits(change, every=max(1, len(scene.seen) // 6)))
        cells.append(" ".join(f"{verdict} {verdicts.count(verdict)}" for verdict in sorted(set(verdicts))))
    return f"| {name} | " + " | ".join(cells) + " |"


def test_the_table(scenes, data):
    start = process_time()
    looks = len(scenes["PETS"].fits())
    print(f"\n{1000 * (process_time() - start) / looks:.0f} ms of processor time a look")
    print("| change | " + " | ".join(scenes) + " |")
    for name, change in (FINE | DARK | MOVED | BLIND).items():
        print(row(name, scenes, change))
    print(row("close-ups", {name: Scene(data / path, 1) for name, path in CLOSE_UP.items()}, FINE["as it is"]))
    assert all(len(scene.landmarks) >= LEAST_LANDMARKS for scene in scenes.values())


def test_no_camera_that_stands_still_is_told_as_moved(scenes):
    for name, scene in scenes.items():
        fits = scene.fits()
        assert set(told(fits)) <= {"fits", "unknown"}, name
        assert told(fits).count("fits") >= 0.97 * len(fits), name
        shifts = [fit.shift_share for fit in fits if fit.shift_share is not None]
        print(f"{name}: {len(fits)} looks, largest shift {max(shifts):.3%}, {len(scene.landmarks)} landmarks")
        assert max(shifts) < 0.007, name


@pytest.mark.parametrize("change", FINE)
def test_light_noise_and_compression_raise_no_alarm(scenes, change):
    for name, scene in scenes.items():
        verdicts = told(scene.fits(FINE[change], every=8))
        assert not {"moved", "blind"} & set(verdicts), name


def test_in_the_dark_nothing_is_told_as_moved(scenes):
    for scene in scenes.values():
        assert set(told(scene.fits(*DARK.values(), every=8))) <= {"fits", "blind", "unknown"}


def test_a_camera_that_looks_elsewhere_is_never_told_as_fitting(scenes):
    for change in ("moved 20 %", "another scene (mirrored)"):
        assert all("fits" not in told(scene.fits(MOVED[change], every=8)) for scene in scenes.values())


@pytest.mark.parametrize("change", ["moved 2 %", "moved 5 %", "turned 5°", "turned 20°"])
def test_what_was_moved_is_told(scenes, change):
    for name, scene in scenes.items():
        verdicts = told(scene.fits(MOVED[change], every=8))
        assert "fits" not in verdicts, name
        assert verdicts.count("moved") >= 0.9 * len(verdicts), name


@pytest.mark.parametrize("change", BLIND)
def test_what_sees_nothing_is_told(scenes, change):
    for name, scene in scenes.items():
        assert set(told(scene.fits(BLIND[change], every=8))) <= {"blind", "unknown"}, name


def test_close_ups_say_nothing_rather_than_something_false(data):
    for path in CLOSE_UP.values():
        assert "moved" not in told(Scene(data / path, 1).fits())
