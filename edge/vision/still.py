"""A still of the scene without its people: the median of pictures in which everyone found is masked out."""

import cv2
import numpy as np

from edge.arrays import F32, U8, Bool, Detections

SAMPLES = 32
"""Pictures kept at most; memory is SAMPLES pictures of at most WIDTH_PX."""

WIDTH_PX = 960

_MARGIN = 0.15
"""A box is masked with this share of its height around it, for shadows and feet that the box misses."""


class Still:
    """Collects pictures and what was found in them; only the people-free median ever leaves.

    Of everything offered it keeps SAMPLES / 2 to SAMPLES pictures, evenly spread from the first to the last: when it
    is full it lets every second one go, and from then on takes half as many.
    """

    def __init__(self) -> None:
        self._pictures: list[U8] = []
        self._hidden: list[Bool] = []
        self._offered = 0
        self._every = 1

    def __len__(self) -> int:
        return len(self._pictures)

    def offer(self, image: U8, found: Detections) -> None:
        """One more picture (h, w, 3) with the boxes found in it."""
        if self._offered % self._every == 0:
            self._keep(image, found)
        self._offered += 1

    def _keep(self, image: U8, found: Detections) -> None:
        scale = min(1.0, WIDTH_PX / image.shape[1])
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        if self._pictures and small.shape != self._pictures[0].shape:
            return
        self._pictures.append(np.asarray(small, dtype=np.uint8))
        self._hidden.append(_mask(small.shape[:2], found.xyxy_px * scale))
        if len(self._pictures) == SAMPLES:
            self._pictures, self._hidden = self._pictures[::2], self._hidden[::2]
            self._every *= 2

    def median(self) -> U8 | None:
        """u8 (h, w, 3), or None when nothing was collected; places never seen free are filled from around them."""
        if not self._pictures:
            return None
        hidden = np.stack(self._hidden)
        pictures = np.where(hidden[..., None], np.uint8(255), np.stack(self._pictures))
        pictures.sort(axis=0)
        free = (~hidden).sum(axis=0)
        middle = np.maximum((free - 1) // 2, 0)
        still = np.take_along_axis(pictures, middle[None, :, :, None], axis=0)[0]
        never_free = np.asarray(free == 0, dtype=np.uint8)
        return np.asarray(cv2.inpaint(still, never_free, 5, cv2.INPAINT_TELEA), dtype=np.uint8)


def _mask(shape: tuple[int, ...], boxes: F32) -> Bool:
    mask = np.zeros(shape, np.uint8)
    for x0, y0, x1, y1 in boxes:
        margin = _MARGIN * (y1 - y0)
        corners = np.array([x0 - margin, y0 - margin, x1 + margin, y1 + margin]).clip(-10, 1e5).astype(int)
        cv2.rectangle(mask, corners[:2].tolist(), corners[2:].tolist(), 1, cv2.FILLED)
    return mask.astype(np.bool_)
