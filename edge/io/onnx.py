"""Detection with ONNX Runtime on one CPU thread."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort

from edge.arrays import F32, I64, U8, Detections
from edge.errors import ModelError
from edge.models import ModelEntry
from edge.vision.decode import Wanted, find_decoder
from edge.vision.letterbox import InputBuffer, Letterbox, fit_fixed, fit_long_side


class OnnxDetector:
    """Finds what a model of the manifest is asked for in BGR pictures; implements `edge.ports.Detector`.

    One per worker: it keeps its input buffer between pictures. Sessions of one thread each scale better over cameras
    than one of many, and with spinning off a waiting session leaves the core to the decoder.
    """

    def __init__(
        self,
        entry: ModelEntry,
        *,
        long_side: int | None = None,
        threads: int = 1,
        names: Sequence[str] = ("person",),
    ) -> None:
        """Verify and load the model; `long_side` px overrides the manifest's, `names` are keys of its classes.

        Raises:
            ModelError: the file is missing, not the one in the manifest, not a model, or of an unknown layout.
        """
        entry.verify()
        self.entry = entry
        self._decode = find_decoder(entry.decoder)
        self._class_ids = _class_ids(entry, names)
        self._long_side = long_side or entry.input.long_side
        self._session = open_session(entry.path, threads)
        (self._input,) = self._session.get_inputs()
        self._buffer: InputBuffer | None = None

    def detect(self, image: U8) -> Detections:
        """Boxes in the pixels of `image` u8 (h, w, 3) BGR, none under the manifest's `thresholds.low`.

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
        try:
            outputs: list[F32] = self._session.run(None, {self._input.name: batch})
        except Exception as error:  # ONNX Runtime's own exceptions share no other base
            raise ModelError(f"{self.entry.path}: the model refuses an input of {batch.shape} ({error})") from error
        return outputs

    def read(self, outputs: Sequence[F32]) -> Detections:
        """Detections in the pixels of the picture prepared last."""
        if self._buffer is None:
            raise ValueError("read() follows prepare()")
        letterbox = self._buffer.letterbox
        wanted = Wanted(letterbox.input_size, self._class_ids, self.entry.thresholds.low, self.entry.nms_iou)
        found = self._decode(outputs, wanted)
        return Detections(letterbox.to_image(found.xyxy_px), found.confidence, found.class_id)

    def _fit(self, size: tuple[int, int]) -> Letterbox:
        height, width = self._input.shape[2:]
        if isinstance(height, int) and isinstance(width, int):
            return fit_fixed(size, (width, height))
        return fit_long_side(size, self._long_side, self.entry.input.side_multiple)


def open_session(path: Path, threads: int = 1) -> ort.InferenceSession:
    """An ONNX Runtime session on the CPU.

    Raises:
        ModelError: the file is not a model that ONNX Runtime can run, or does not take one NCHW picture.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's own exceptions share no other base
        raise ModelError(f"{path}: ONNX Runtime cannot load it ({str(error).splitlines()[0]})") from error
    shapes = [given.shape for given in session.get_inputs()]
    if len(shapes) != 1 or len(shapes[0]) != 4 or shapes[0][1] != 3:
        raise ModelError(f"{path}: takes inputs of {shapes}; a detector takes one (1, 3, height, width)")
    return session


def _class_ids(entry: ModelEntry, names: Sequence[str]) -> I64:
    unknown = [name for name in names if name not in entry.classes]
    if unknown or not names:
        raise ModelError(f"model {entry.name!r} has no class {unknown}; its manifest names {', '.join(entry.classes)}")
    return np.array([entry.classes[name] for name in names], np.int64)
