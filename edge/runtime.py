"""What may run the network on this box."""

from importlib.util import find_spec
from typing import Literal

from edge.errors import ModelError

Runtime = Literal["onnxruntime", "openvino"]


def check_runtime(runtime: Runtime) -> None:
    """See that it is there, without loading it: a supervisor has no use for it.

    Raises:
        ModelError: an extra that is not installed.
    """
    if runtime == "openvino" and find_spec("openvino") is None:
        raise ModelError(
            "runtime openvino: OpenVINO is not installed; pip install 'vitrina[openvino]', or use runtime onnxruntime"
        )
