"""OpenVINO on the CPU, in the numbers it does fastest there (bf16 where the CPU has it): the extra `openvino`."""

import sys
from pathlib import Path
from typing import Any

from edge.arrays import F32
from edge.errors import ModelError
from edge.io.session import picture_size
from edge.runtime import check_runtime


class OpenVinoSession:
    """Implements `edge.io.session.Session`."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        """Load the file.

        Raises:
            ModelError: OpenVINO is not installed, cannot run the file, or the file does not take one NCHW picture.
        """
        self._path = path
        openvino = _import_openvino()
        try:
            compiled = openvino.Core().compile_model(str(path), "CPU", _settings(threads))
            shapes = [_dimensions(given.partial_shape) for given in compiled.inputs]
        except Exception as error:  # OpenVINO raises bare RuntimeErrors, and others
            raise ModelError(f"{path}: OpenVINO cannot load it ({_reason(error)})") from error
        self.fixed_size = picture_size(path, shapes)
        self._request = compiled.create_infer_request()

    def run(self, batch: F32) -> list[F32]:
        """Raw outputs in the file's order."""
        try:
            return list(self._request.infer(batch, share_inputs=True).values())
        except Exception as error:  # OpenVINO raises bare RuntimeErrors, and others
            told = _reason(error)
            raise ModelError(f"{self._path}: the model refuses an input of {batch.shape} ({told})") from error


def _import_openvino() -> Any:  # noqa: ANN401 - it publishes no type information
    """Without its telemetry, which would report each import to Google Analytics and write an id into the home folder.

    None in `sys.modules` is Python's way to say that a package is not there; OpenVINO has a stub for that case.
    """
    check_runtime("openvino")
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment] # typeshed leaves out what the import system allows
    import openvino  # noqa: PLC0415 - an optional extra

    return openvino


def _settings(threads: int) -> dict[str, Any]:
    """Pinning is off: each of several workers would pin its threads to the same cores."""
    return {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "ENABLE_CPU_PINNING": False}


def _dimensions(shape: Any) -> list[int | None]:  # noqa: ANN401 - it publishes no type information
    return [side.get_length() if side.is_static else None for side in shape]


def _reason(error: Exception) -> str:
    """OpenVINO's messages begin with the places in its own source that they passed."""
    return (str(error).strip() or repr(error)).splitlines()[-1]
