"""ONNX Runtime on the CPU."""

import os
from pathlib import Path

# Since 1.29 its import opens a database in the home folder and an upload to Microsoft, unless told so before it.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime as ort

from edge.arrays import F32
from edge.errors import ModelError
from edge.io.session import picture_size


class OnnxRuntimeSession:
    """Implements `edge.io.session.Session`.

    Sessions of one thread each scale better over cameras than one of many, and with spinning off a waiting session
    leaves the core to the decoder.
    """

    def __init__(self, path: Path, threads: int = 1) -> None:
        """Load the file.

        Raises:
            ModelError: not a model that ONNX Runtime can run, or it does not take one NCHW picture.
        """
        self._path = path
        try:
            self._session = ort.InferenceSession(str(path), _options(threads), providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's own exceptions share no other base
            raise ModelError(f"{path}: ONNX Runtime cannot load it ({str(error).splitlines()[0]})") from error
        inputs = self._session.get_inputs()
        self.fixed_size = picture_size(path, [given.shape for given in inputs])
        self._input_name = inputs[0].name

    @property
    def metadata(self) -> dict[str, str]:
        """What the file's maker wrote into it."""
        found: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        return found

    def run(self, batch: F32) -> list[F32]:
        """Raw outputs in the file's order."""
        try:
            outputs: list[F32] = self._session.run(None, {self._input_name: batch})
        except Exception as error:  # ONNX Runtime's own exceptions share no other base
            told = str(error).splitlines()[0]
            raise ModelError(f"{self._path}: the model refuses an input of {batch.shape} ({told})") from error
        return outputs


def _options(threads: int) -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return options
