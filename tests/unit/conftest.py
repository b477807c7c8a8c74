from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from edge.arrays import U8
from edge.data_files import find_data
from edge.io.video import VideoFile
from edge.models import ModelEntry, ModelInput, Thresholds, file_sha256

MakeModel = Callable[..., Path]
MakeEntry = Callable[..., ModelEntry]


@pytest.fixture
def make_model(tmp_path: Path) -> MakeModel:
    """`make_model([array, ...], height=, width=, metadata=)`: an ONNX file that answers every picture with those."""

    def make(outputs, *, height="height", width="width", metadata=None, name="model.onnx") -> Path:
        nodes, infos, constants = [], [], []
        for i, output in enumerate(outputs):
            constants.append(numpy_helper.from_array(np.asarray(output, np.float32), f"c{i}"))
            nodes.append(helper.make_node("Identity", [f"c{i}"], [f"out{i}"]))
            infos.append(helper.make_tensor_value_info(f"out{i}", TensorProto.FLOAT, np.shape(output)))
        picture = helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, height, width])
        graph = helper.make_graph(nodes, "fixed", [picture], infos, constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        helper.set_model_props(model, metadata or {})
        path = tmp_path / name
        onnx.save(model, path)
        return path

    return make


@pytest.fixture
def make_entry() -> MakeEntry:
    """`make_entry(path, decoder, ...)`: a manifest entry for a file, with its true digest unless told otherwise."""

    def make(path, decoder, *, sha256=None, classes=None, low=0.4, long_side=64) -> ModelEntry:
        return ModelEntry(
            name="small",
            path=path,
            sha256=sha256 or file_sha256(path),
            licence="Apache-2.0",
            copyright="nobody",
            source="this test",
            decoder=decoder,
            classes=classes or {"person": 0},
            nms_iou=0.6,
            input=ModelInput(colour="bgr", mean=(0, 0, 0), std=(1, 1, 1), long_side=long_side, side_multiple=32),
            thresholds=Thresholds(low=low, high=0.5, new=0.6),
        )

    return make


@pytest.fixture(scope="session")
def demo_frame() -> U8:
    """The first picture of the demo clip."""
    return next(iter(VideoFile(find_data("config/demo/vtest.mp4"), camera_id="demo"))).image
