"""Detection with a network from an ONNX file."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from edge.arrays import F32, I64, U8, Detections
from edge.errors import ModelError
from edge.io.onnx_runtime import OnnxRuntimeSession
from edge.io.openvino import OpenVinoSession
from edge.io.session import Session
from edge.models import ModelEntry
from edge.runtime import Runtime
from edge.vision.decode import Wanted, find_decoder
from edge.vision.letterbox import InputBuffer, Letterbox, fit_fixed, fit_long_side

_SESSIONS: dict[Runtime, Callable[[Path, int], Session]] = {
    "onnxruntime": OnnxRuntimeSession,
    "openvino": OpenVinoSession,
}


class OnnxDetector:
    """Finds what a model of the manifest is asked for in BGR pictures; implements `edge.ports.Detector`.

    One per worker: it keeps its input buffer between pictures.
    """

    def __init__(
        self,
        entry: ModelEntry,
        *,
        runtime: Runtime = "onnxruntime",
        threads: int = 1,
        long_side: int | None = None,
        names: Sequence[str] = ("person",),
    ) -> None:
        """Verify and load the model; `long_side` px overrides the manifest's, `names` are keys of its classes.

        Raises:
            ModelError: the file is missing, not the one in the manifest, not a model, or of an unknown layout; or the
                runtime is not installed.
        """
        entry.verify()
        self.entry = entry
        self._decode = find_decoder(entry.decoder)
        self._class_ids = _class_ids(entry, names)
        self._floors = np.array([_floor(entry, name) for name in names], np.float32)
        self._long_side = long_side or entry.input.long_side
        self._session = _SESSIONS[runtime](entry.path, threads)
        self._buffer: InputBuffer | None = None

    def detect(self, image: U8) -> Detections:
        """Boxes in the pixels of `image` u8 (h, w, 3) BGR.

        No people under the manifest's `thresholds.floor`, and nothing else under its `low`.

        Raises:
            ModelError: the outputs have another layout than the manifest's decoder reads.
        """
        batch = self.prepare(image)
        return self.read(self.infer(batch))

    def prepare(self, image: U8) -> F32:
        """The network's input (1, 3, h, w), valid until the next call."""
        size = image.shape[1], image.shape[0]
        if self._buffer is None or self._buffer.letterbox.image_size != size:
            made = self.entry.input
            self._buffer = InputBuffer(self._fit(size), made.colour, made.mean, made.std)
        return self._buffer.fill(image)

    def infer(self, batch: F32) -> list[F32]:
        """The network's raw outputs."""
        return self._session.run(batch)

    def read(self, outputs: Sequence[F32]) -> Detections:
        """Detections in the pixels of the picture prepared last."""
        if self._buffer is None:
            raise ValueError("read() follows prepare()")
        letterbox = self._buffer.letterbox
        wanted = Wanted(letterbox.input_size, self._class_ids, self._floors, self.entry.nms_iou)
        found = self._decode(outputs, wanted)
        return Detections(letterbox.to_image(found.xyxy_px), found.confidence, found.class_id)

    def _fit(self, size: tuple[int, int]) -> Letterbox:
        height, width = self._session.fixed_size
        if height is not None and width is not None:
            return fit_fixed(size, (width, height))
        return fit_long_side(size, self._long_side, self.entry.input.side_multiple)


def _floor(entry: ModelEntry, name: str) -> float:
    """Faint signs are of use only to tell that somebody known is still there."""
    return entry.thresholds.floor if name == "person" else entry.thresholds.low


def _class_ids(entry: ModelEntry, names: Sequence[str]) -> I64:
    unknown = [name for name in names if name not in entry.classes]
    if unknown or not names:
        raise ModelError(f"model {entry.name!r} has no class {unknown}; its manifest names {', '.join(entry.classes)}")
    return np.array([entry.classes[name] for name in names], np.int64)
