"""Reading CenterFace's outputs: where faces are, and five places on each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.arrays import F32
from edge.errors import ModelError

STRIDE = 4
POINTS = 5


@dataclass(frozen=True, slots=True)
class FoundFaces:
    """`xyxy_px` f32 (n, 4); `score` f32 (n,); one face may be found several times.

    `points_px` f32 (n, 5, 2): the eyes, left one in the picture first, tip of the nose, corners of the mouth.
    """

    xyxy_px: F32
    score: F32
    points_px: F32

    def __len__(self) -> int:
        return len(self.score)


def decode_faces(outputs: Sequence[F32], *, least_score: float) -> FoundFaces:
    """Faces in pixels of the network's input.

    `outputs` are heat (1, 1, h, w), size and offset (1, 2, h, w) and places (1, 10, h, w), all with y before x; sizes
    are logarithms of strides, places are shares of the box (Xu et al., CenterFace, 2019).

    Raises:
        ModelError: the outputs have another layout.
    """
    shapes = [output.shape for output in outputs]
    if [shape[:2] for shape in shapes] != [(1, 1), (1, 2), (1, 2), (1, 2 * POINTS)]:
        raise ModelError(f"the face finder answers {shapes}; CenterFace answers heat, size, offset and ten places")
    heat, size, offset, places = (output[0] for output in outputs)
    y, x = np.nonzero(heat[0] > least_score)
    score = heat[0, y, x]
    sides = np.exp(size[:, y, x]).T * STRIDE
    corner = (np.stack([y, x], axis=1) + offset[:, y, x].T + 0.5) * STRIDE - sides / 2
    points = places[:, y, x].T.reshape(-1, POINTS, 2) * sides[:, None] + corner[:, None]
    xyxy = np.hstack([corner[:, ::-1], (corner + sides)[:, ::-1]])
    return FoundFaces(xyxy.astype(np.float32), score.astype(np.float32), points[:, :, ::-1].astype(np.float32))
