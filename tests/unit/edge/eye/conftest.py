from itertools import islice

import numpy as np
import pytest

from edge.arrays import Detections
from edge.data_files import find_data
from edge.io.onnx import OnnxDetector
from edge.io.video import VideoFile
from edge.models import find_model


@pytest.fixture(scope="session")
def forecourt():
    """Sixteen seconds of the demo's clip, four pictures each."""
    frames = islice(VideoFile(find_data("config/demo/vtest.mp4"), camera_id="door"), 0, 160)
    return [frame.image for number, frame in enumerate(frames) if number % 10 in (0, 3, 5, 8)]


@pytest.fixture(scope="session")
def detector():
    return OnnxDetector(find_model())


@pytest.fixture(scope="session")
def people(forecourt, detector):
    """Everyone found in each picture."""
    return [detector.detect(image) for image in forecourt]


@pytest.fixture(scope="session")
def nobody():
    return Detections(np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty(0, np.int16))
