"""The converter on a tfjs graph of a few operators, against the same operators in numpy."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from edge.data_files import find_data

CONSTANTS = {
    "pads": np.array([[0, 0], [0, 0], [1, 1], [1, 1]], np.int32),
    "to_nhwc": np.array([0, 2, 3, 1], np.int32),
    "to_nchw": np.array([0, 3, 1, 2], np.int32),
    "swap": np.array([0, 2, 1], np.int32),
    "kernel": np.random.default_rng(1).normal(size=(3, 3, 3, 6)).astype(np.float16),
    "bias": np.random.default_rng(2).normal(size=6).astype(np.float16),
    "sizes": np.array([4, 2], np.int32),
    "axis": np.array(1, np.int32),
    "flat": np.array([1, 4, -1], np.int32),
    "nothing": np.array([0], np.int32),
}


def node(name, op, *inputs, **attributes):
    return {"name": name, "op": op, "input": list(inputs), "attr": attributes}


GRAPH = [
    node("x", "Placeholder"),
    node("pad", "Pad", "x", "pads"),
    node("pad_nhwc", "Transpose", "pad", "to_nhwc"),
    node("conv", "Conv2D", "pad_nhwc", "kernel", strides={"list": {"i": ["1", "2", "2", "1"]}}),
    node("biased", "Add", "conv", "bias"),
    node("biased_nchw", "Transpose", "biased", "to_nchw"),
    node("leaky", "LeakyRelu", "biased_nchw", alpha={"f": 0.1}),
    node("split", "SplitV", "leaky", "sizes", "axis"),
    node("sigmoid", "Sigmoid", "split"),
    node("shape", "AddV2", "flat", "nothing"),
    node("rows", "Reshape", "sigmoid", "shape"),
    node("swapped", "Transpose", "rows", "swap"),
    node("Identity", "Identity", "swapped"),
    node("rest", "Identity", "split:1"),
]


@pytest.fixture
def module():
    spec = importlib.util.spec_from_file_location("convert_nanodet", find_data("models/convert_nanodet.py"))
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.fixture
def graph_json(tmp_path: Path) -> Path:
    weights = [
        {"name": name, "shape": list(value.shape), "dtype": "float32", "quantization": {"dtype": "float16"}}
        if value.dtype == np.float16
        else {"name": name, "shape": list(value.shape), "dtype": "int32"}
        for name, value in CONSTANTS.items()
    ]
    constants = [{"name": name, "op": "Const"} for name in CONSTANTS]
    graph = {
        "modelTopology": {"node": [*constants, *GRAPH]},
        "weightsManifest": [{"paths": ["part.bin"], "weights": weights}],
    }
    (tmp_path / "part.bin").write_bytes(b"".join(value.tobytes() for value in CONSTANTS.values()))
    (tmp_path / "graph.json").write_text(json.dumps(graph))
    return tmp_path / "graph.json"


def expected(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    padded = np.pad(x, [(0, 0), (0, 0), (1, 1), (1, 1)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))[:, :, ::2, ::2]
    kernel, bias = CONSTANTS["kernel"].astype(np.float32), CONSTANTS["bias"].astype(np.float32)
    y = np.einsum("bchwij,ijco->bohw", windows, kernel) + bias[None, :, None, None]
    y = np.where(y < 0, 0.1 * y, y)
    scores = 1 / (1 + np.exp(-y[:, :4]))
    return scores.reshape(1, 4, -1).transpose(0, 2, 1), y[:, 4:]


@pytest.mark.parametrize("size", [(8, 8), (6, 12)])
def test_the_converted_graph_computes_what_the_original_says(module, graph_json, tmp_path, size):
    from onnx import TensorProto, helper

    graph = json.loads(graph_json.read_text())
    converter = module.Converter(graph, module.read_weights(graph_json, graph))
    names = [converter.tensor("Identity"), converter.tensor("rest")]
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, "h", "w"])
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names]
    onnx_graph = helper.make_graph(converter.nodes, "g", [given], outputs, converter.initializers)
    model = helper.make_model(onnx_graph, opset_imports=[helper.make_opsetid("", module.OPSET)], ir_version=8)
    assert [n.op_type for n in model.graph.node].count("Transpose") == 1
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    x = np.random.default_rng(3).normal(size=(1, 3, *size)).astype(np.float32)
    for got, wanted in zip(session.run(None, {"x": x}), expected(x), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5)


def test_weights_that_do_not_fill_the_file_are_refused(module, graph_json):
    (graph_json.parent / "part.bin").open("ab").write(b"more")
    with pytest.raises(ValueError, match="the manifest names .* bytes of weights, the file has"):
        module.read_weights(graph_json, json.loads(graph_json.read_text()))


def test_an_operator_without_a_rule_is_named(module, graph_json):
    graph = json.loads(graph_json.read_text())
    graph["modelTopology"]["node"].append(node("odd", "Einsum", "x"))
    with pytest.raises(ValueError, match="odd: no rule for the operator Einsum"):
        module.Converter(graph, module.read_weights(graph_json, graph)).tensor("odd")
