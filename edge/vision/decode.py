"""From a network's raw outputs to detections in its input's pixels: one function per family of output layouts.

Each takes the outputs in the model's order and what is wanted of them, and refuses shapes it does not know with a
ModelError, because a wrong layout read as boxes is a shop counted wrong.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from edge.arrays import F32, I16, I64, Detections
from edge.errors import ModelError
from edge.vision.boxes import non_maximum_suppression

STRIDES = (8, 16, 32)


@dataclass(frozen=True, slots=True)
class Wanted:
    """`input_size` (width, height) px; `class_ids` i64 (k,); nothing of a class under its floor, `floors` f32 (k,).

    Duplicates over `nms_iou` go.
    """

    input_size: tuple[int, int]
    class_ids: I64
    floors: F32
    nms_iou: float


Decoder = Callable[[Sequence[F32], Wanted], Detections]


def decode_nanodet(outputs: Sequence[F32], wanted: Wanted) -> Detections:
    """NanoDet: scores (1, cells, classes) at strides 8, 16, 32, then distances (1, cells, 4 * bins) likewise.

    Each side's distance from the cell's centre is the expectation over its bins, in strides (generalised focal loss,
    Li et al. 2020).
    """
    _require(len(outputs) == 6, "nanodet", "three outputs of scores and three of distances", outputs)
    levels = [_nanodet_level(outputs[i], outputs[i + 3], stride, wanted) for i, stride in enumerate(STRIDES)]
    return non_maximum_suppression(_join(levels), wanted.nms_iou)


def _nanodet_level(scores: F32, distances: F32, stride: int, wanted: Wanted) -> Detections:
    columns, rows = _cells(wanted.input_size, stride)
    fits = scores.ndim == 3 and distances.ndim == 3 and distances.shape[2] % 4 == 0
    fits = fits and scores.shape[:2] == distances.shape[:2] == (1, columns * rows)
    _require(fits, "nanodet", f"(1, {columns * rows}, classes) and (1, {columns * rows}, 4 bins)", (scores, distances))
    cell, confidence, class_id = _best(scores[0], wanted)
    centre = (np.column_stack([cell % columns, cell // columns]) + np.float32(0.5)) * np.float32(stride)
    reach = _expectation(distances[0][cell].reshape(len(cell), 4, distances.shape[2] // 4)) * np.float32(stride)
    xyxy = np.hstack([centre - reach[:, :2], centre + reach[:, 2:]])
    return Detections(xyxy.astype(np.float32), confidence, class_id)


def _expectation(logits: F32) -> F32:
    weight = np.exp(logits - logits.max(axis=2, keepdims=True))
    bins = np.arange(logits.shape[2], dtype=np.float32)
    result: F32 = (weight @ bins) / weight.sum(axis=2)
    return result


def decode_yolo(outputs: Sequence[F32], wanted: Wanted) -> Detections:
    """Ultralytics YOLO without its own suppression: (1, 4 + classes, n), centre and size in input pixels."""
    (raw,) = _only(outputs, "yolo", "one output (1, 4 + classes, n)", 5, axis=1)
    found = _from_rows(_corners(raw[0, :4].T), raw[0, 4:].T, wanted)
    return non_maximum_suppression(found, wanted.nms_iou)


def decode_yolo_end_to_end(outputs: Sequence[F32], wanted: Wanted) -> Detections:
    """Ultralytics YOLO with suppression inside: (1, n, 6) rows of corners in input pixels, score, class."""
    (raw,) = _only(outputs, "yolo_end_to_end", "one output (1, n, 6)", 6, axis=2)
    _require(raw.shape[2] == 6, "yolo_end_to_end", "one output (1, n, 6)", outputs)
    is_ours = raw[0, :, 5:] == wanted.class_ids
    rows = raw[0][(is_ours & (raw[0, :, 4:5] >= wanted.floors)).any(axis=1)]
    return Detections(rows[:, :4].astype(np.float32), rows[:, 4].astype(np.float32), rows[:, 5].astype(np.int16))


def decode_yolox(outputs: Sequence[F32], wanted: Wanted) -> Detections:
    """YOLOX as its authors export it: (1, cells, 5 + classes), offsets in strides, log sizes, objectness, classes."""
    (raw,) = _only(outputs, "yolox", "one output (1, cells, 5 + classes)", 6, axis=2)
    corner, stride = _grid(wanted.input_size)
    _require(raw.shape[1] == len(stride), "yolox", f"{len(stride)} cells for {wanted.input_size} px", outputs)
    centre_size = np.hstack([(raw[0, :, :2] + corner) * stride, np.exp(raw[0, :, 2:4]) * stride])
    found = _from_rows(_corners(centre_size), raw[0, :, 5:] * raw[0, :, 4:5], wanted)
    return non_maximum_suppression(found, wanted.nms_iou)


def decode_rtdetr(outputs: Sequence[F32], wanted: Wanted) -> Detections:
    """RT-DETR as Ultralytics exports it: (1, queries, 4 + classes), centre and size in 0..1, scores; no duplicates."""
    (raw,) = _only(outputs, "rtdetr", "one output (1, queries, 4 + classes)", 5, axis=2)
    return _from_rows(_corners(raw[0, :, :4]) * np.array(wanted.input_size * 2, np.float32), raw[0, :, 4:], wanted)


def decode_rtdetr_logits(outputs: Sequence[F32], wanted: Wanted) -> Detections:
    """RT-DETR as Hugging Face exports it: logits (1, queries, classes), boxes (1, queries, 4) as centre and size."""
    shapes = [output.shape for output in outputs]
    fits = len(shapes) == 2 and shapes[0][:2] == shapes[1][:2] and shapes[0][0] == 1 and shapes[1][2:] == (4,)
    _require(fits, "rtdetr_logits", "logits (1, queries, classes) and boxes (1, queries, 4)", outputs)
    logits, boxes = outputs
    scores = 1 / (1 + np.exp(-logits[0]))
    return _from_rows(_corners(boxes[0]) * np.array(wanted.input_size * 2, np.float32), scores, wanted)


DECODERS: dict[str, Decoder] = {
    "nanodet": decode_nanodet,
    "yolo": decode_yolo,
    "yolo_end_to_end": decode_yolo_end_to_end,
    "yolox": decode_yolox,
    "rtdetr": decode_rtdetr,
    "rtdetr_logits": decode_rtdetr_logits,
}


def find_decoder(name: str) -> Decoder:
    """The decoder of that name.

    Raises:
        ModelError: there is none.
    """
    if name not in DECODERS:
        raise ModelError(f"no decoder {name!r}; the manifest can name {', '.join(DECODERS)}")
    return DECODERS[name]


def guess_decoder(shapes: Sequence[tuple[int, ...]], input_size: tuple[int, int]) -> str:
    """Which decoder the outputs of a model fit, by their shapes for one input of `input_size` px.

    Raises:
        ModelError: none, so that a file nobody can read is refused when it is imported and not in the shop.
    """
    cells = sum(int(np.prod(_cells(input_size, stride))) for stride in STRIDES)
    if len(shapes) == 6:
        return "nanodet"
    if len(shapes) == 2 and all(len(s) == 3 for s in shapes) and shapes[1][2] == 4:
        return "rtdetr_logits"
    if len(shapes) == 1 and len(shapes[0]) == 3 and shapes[0][0] == 1:
        _, rows, columns = shapes[0]
        if columns == cells and rows > 4:
            return "yolo"
        if rows == cells and columns > 5:
            return "yolox"
        if columns == 6:
            return "yolo_end_to_end"
        if columns > 4:
            return "rtdetr"
    raise ModelError(f"outputs of shapes {list(shapes)} fit none of the decoders {', '.join(DECODERS)}")


def _require(fits: bool, decoder: str, expected: str, outputs: Sequence[F32]) -> None:
    if not fits:
        shapes = [output.shape for output in outputs]
        raise ModelError(f"decoder {decoder!r} expects {expected}, the model gives {shapes}; name the right decoder")


def _only(outputs: Sequence[F32], decoder: str, expected: str, least: int, axis: int) -> Sequence[F32]:
    """The outputs, if they are one of (1, a, b) with at least `least` along `axis`."""
    fits = len(outputs) == 1 and outputs[0].ndim == 3 and outputs[0].shape[0] == 1 and outputs[0].shape[axis] >= least
    _require(fits, decoder, expected, outputs)
    return outputs


def _best(scores: F32, wanted: Wanted) -> tuple[I64, F32, I16]:
    """Where a wanted class of `scores` (n, classes) reaches its floor: the row, the score and the class of each.

    Each class is asked on its own, so that looking for more classes does not change what is found of one.
    """
    if wanted.class_ids.max() >= scores.shape[1]:
        raise ModelError(f"the manifest names class {wanted.class_ids.max()}, the model has {scores.shape[1]} classes")
    ours = scores[:, wanted.class_ids]
    rows, columns = np.nonzero(ours >= wanted.floors)
    return rows, ours[rows, columns].astype(np.float32), wanted.class_ids[columns].astype(np.int16)


def _from_rows(xyxy: F32, scores: F32, wanted: Wanted) -> Detections:
    rows, confidence, class_id = _best(scores, wanted)
    return Detections(xyxy[rows].astype(np.float32), confidence, class_id)


def _corners(centre_size: F32) -> F32:
    half = centre_size[:, 2:] / 2
    return np.hstack([centre_size[:, :2] - half, centre_size[:, :2] + half])


def _cells(input_size: tuple[int, int], stride: int) -> tuple[int, int]:
    return -(-input_size[0] // stride), -(-input_size[1] // stride)


def _grid(input_size: tuple[int, int]) -> tuple[F32, F32]:
    """Each cell's column and row (n, 2) and its stride (n, 1), finest level first."""
    corners, strides = [], []
    for stride in STRIDES:
        columns, rows = _cells(input_size, stride)
        cell = np.arange(columns * rows)
        corners.append(np.column_stack([cell % columns, cell // columns]).astype(np.float32))
        strides.append(np.full((len(cell), 1), stride, np.float32))
    return np.concatenate(corners), np.concatenate(strides)


def _join(parts: Sequence[Detections]) -> Detections:
    return Detections(
        np.concatenate([part.xyxy_px for part in parts]),
        np.concatenate([part.confidence for part in parts]),
        np.concatenate([part.class_id for part in parts]),
    )
