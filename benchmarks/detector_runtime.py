"""CPU per picture of the default detector in ONNX Runtime and in OpenVINO, one thread each, on the demo's clip.

The two take turns on each picture, so that whatever else the machine does hits both alike. CPU time of the process, not
the wall's: with one thread they are the same on an idle machine. "network" is the inference alone, "picture" all of
`detect`: resize, network, boxes.

    python benchmarks/detector_runtime.py [--long-side 416] [--pictures 60] [--model nanodet_g]
"""

import argparse
import time
from itertools import islice

import numpy as np

from edge.data_files import find_data
from edge.errors import ModelError
from edge.io.onnx import OnnxDetector
from edge.io.video import VideoFile
from edge.models import DEFAULT_MODEL, find_model

WARM_UP = 5


def pictures(count):
    clip = VideoFile(find_data("config/demo/vtest.mp4"), camera_id="bench")
    return [frame.image for frame in islice(clip, 0, 8 * (count + WARM_UP), 8)]


def detectors(model, long_side):
    made = {}
    for runtime in ("onnxruntime", "openvino"):
        try:
            made[runtime] = OnnxDetector(find_model(model), runtime=runtime, threads=1, long_side=long_side)
        except ModelError as error:
            print(error)
    return made


def one(detector, image):
    """Milliseconds of CPU: the network, and the whole picture."""
    start = time.process_time()
    batch = detector.prepare(image)
    ready = time.process_time()
    outputs = detector.infer(batch)
    done = time.process_time()
    detector.read(outputs)
    return 1000 * (done - ready), 1000 * (time.process_time() - start)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--long-side", type=int, default=416)
    arguments.add_argument("--pictures", type=int, default=60)
    arguments.add_argument("--model", default=DEFAULT_MODEL)
    asked = arguments.parse_args()
    made = detectors(asked.model, asked.long_side)
    spent = {runtime: [] for runtime in made}
    for image in pictures(asked.pictures):
        for runtime, detector in made.items():
            spent[runtime].append(one(detector, image))
    medians = {runtime: np.median(rows[WARM_UP:], axis=0) for runtime, rows in spent.items()}
    for runtime, (network, picture) in medians.items():
        print(f"{asked.model} {asked.long_side} px, {runtime}: network {network:.1f} ms, picture {picture:.1f} ms")
    if len(medians) == 2:
        network, picture = medians["onnxruntime"] / medians["openvino"]
        print(f"openvino is {network:.2f} times as fast in the network, {picture:.2f} times in the picture")


if __name__ == "__main__":
    main()
