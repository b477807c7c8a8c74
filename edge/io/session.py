"""The seam between the detector and what runs its network; one conformance suite for all implementations."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from edge.arrays import F32
from edge.errors import ModelError

FixedSize = tuple[int | None, int | None]
"""Height and width px of a network's input, None where it takes any."""


class Session(Protocol):
    """A network loaded from an ONNX file, made to take one picture at a time."""

    fixed_size: FixedSize

    def run(self, batch: F32) -> list[F32]:
        """Raw outputs for `batch` (1, 3, h, w), in the file's order.

        Raises:
            ModelError: the network does not take this size.
        """


def picture_size(path: Path, shapes: Sequence[Sequence[object]]) -> FixedSize:
    """The input's size, from the `shapes` of all inputs; a dimension that is no number is free.

    Raises:
        ModelError: it does not take one NCHW picture.
    """
    if len(shapes) != 1 or len(shapes[0]) != 4 or shapes[0][1] != 3:
        told = [list(shape) for shape in shapes]
        raise ModelError(f"{path}: takes inputs of {told}; a detector takes one (1, 3, height, width)")
    height, width = (side if isinstance(side, int) else None for side in shapes[0][2:])
    return height, width
