"""What of a picture is hidden: privacy masks, black before anything looks at it; people, where the scene counts."""

from collections.abc import Sequence

import cv2
import numpy as np

from contract.geometry import points_in_polygon
from contract.site import Camera
from edge.arrays import F32, F64, U8, Bool, Detections

_SUBPIXEL_BITS = 4


class Mask:
    """`polygons`, each (k, 2), in shares of the picture's width and height, so that they hold at every resolution."""

    def __init__(self, polygons: Sequence[F64] = ()) -> None:
        self._polygons = tuple(polygons)

    @classmethod
    def of(cls, camera: Camera) -> "Mask":
        """As they stand in the site document."""
        return cls([np.array(polygon, dtype=np.float64) for polygon in camera.masks])

    def black_out(self, image: U8) -> U8:
        """A copy of `image` (h, w, 3) that is black under the masks and on their edges; itself where there are none."""
        if not self._polygons:
            return image
        masked = image.copy()
        cv2.fillPoly(masked, self._corners_px(image.shape), (0, 0, 0), shift=_SUBPIXEL_BITS)
        return masked

    def area(self, shape: tuple[int, ...]) -> Bool:
        """What is black in a picture of `shape` (h, w, ...); bool (h, w)."""
        drawn = np.zeros(shape[:2], np.uint8)
        cv2.fillPoly(drawn, self._corners_px(shape), (1,), shift=_SUBPIXEL_BITS)
        return drawn.astype(np.bool_)

    def uncovered(self, detections: Detections, size_px: tuple[int, int]) -> Detections:
        """Those whose foot, kept inside the picture of `size_px`, lies under no mask nor on its edge."""
        if not self._polygons:
            return detections
        box = detections.xyxy_px.astype(np.float64)
        foot = np.stack([(box[:, 0] + box[:, 2]) / 2, box[:, 3]], axis=1).clip((0, 0), size_px) / size_px
        hidden = np.any([points_in_polygon(foot, polygon) for polygon in self._polygons], axis=0)
        return detections[~hidden]

    def _corners_px(self, shape: tuple[int, ...]) -> list[np.ndarray[tuple[int, ...], np.dtype[np.int32]]]:
        size = np.array([shape[1], shape[0]])
        return [
            np.round((polygon * size - 0.5) * 2**_SUBPIXEL_BITS).astype(np.int32).reshape(-1, 1, 2)
            for polygon in self._polygons
        ]


_MARGIN = 0.15
"""A box is hidden with this share of its height around it, for shadows and feet that the box misses."""


def people_area(shape: tuple[int, ...], xyxy_px: F32) -> Bool:
    """Where boxes (n, 4) lie in a picture of `shape` (h, w, ...), with a margin; bool (h, w)."""
    area = np.zeros(shape[:2], np.uint8)
    for x0, y0, x1, y1 in xyxy_px:
        margin = _MARGIN * (y1 - y0)
        corners = np.array([x0 - margin, y0 - margin, x1 + margin, y1 + margin]).clip(-10, 1e5).astype(int)
        cv2.rectangle(area, corners[:2].tolist(), corners[2:].tolist(), 1, cv2.FILLED)
    return area.astype(np.bool_)
