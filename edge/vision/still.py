"""A still of the scene without its people: the median of pictures in which everyone found is masked out."""

import cv2
import numpy as np

from edge.arrays import U8, Detections

SAMPLES = 31
"""Pictures kept at most; memory is SAMPLES pictures of at most WIDTH_PX."""

WIDTH_PX = 960

_MARGIN = 0.15
"""A box is masked with this share of its height around it, for shadows and feet that the box misses."""


class Still:
    """Collects pictures and what was found in them; only the people-free median ever leaves."""

    def __init__(self) -> None:
        self._pictures: list[U8] = []
        self._hidden: list[U8] = []

    def __len__(self) -> int:
        return len(self._pictures)

    def add(self, image: U8, found: Detections) -> None:
        """Keep one picture (h, w, 3) with the boxes found in it; past SAMPLES, every second one is let go."""
        if len(self._pictures) >= SAMPLES:
            self._pictures, self._hidden = self._pictures[::2], self._hidden[::2]
        scale = min(1.0, WIDTH_PX / image.shape[1])
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        self._pictures.append(np.asarray(small, dtype=np.uint8))
        self._hidden.append(_mask(small.shape[:2], found.xyxy_px * scale))

    def median(self) -> U8 | None:
        """u8 (h, w, 3), or None when nothing was collected; places never seen free are filled from around them."""
        if not self._pictures:
            return None
        pictures = np.ma.masked_array(np.stack(self._pictures), np.stack(self._hidden)[..., None].repeat(3, axis=3))
        still = np.ma.median(pictures, axis=0)
        never_free = np.stack(self._hidden).all(axis=0).astype(np.uint8)
        plain = np.asarray(np.ma.filled(still, 0), dtype=np.uint8)
        return np.asarray(cv2.inpaint(plain, never_free, 5, cv2.INPAINT_TELEA), dtype=np.uint8)


def _mask(shape: tuple[int, ...], boxes: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> U8:
    mask = np.zeros(shape, np.uint8)
    for x0, y0, x1, y1 in boxes:
        margin = _MARGIN * (y1 - y0)
        corners = np.array([x0 - margin, y0 - margin, x1 + margin, y1 + margin]).clip(-10, 1e5).astype(int)
        cv2.rectangle(mask, corners[:2].tolist(), corners[2:].tolist(), 1, cv2.FILLED)
    return mask
