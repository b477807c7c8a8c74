"""A still of the scene without its people: the median of pictures in which everyone found is left out."""

import cv2
import numpy as np

from edge.arrays import U8, Bool, Detections
from edge.vision.mask import people_area

SAMPLES = 32
"""Pictures kept at most; memory is so many pictures of at most WIDTH_PX."""

WIDTH_PX = 960

_BAND_PX = 32
"""Rows put together at once, so that the median needs little memory beside the pictures."""

_FREE_SHARE = 0.25
"""A place that is free more seldom is not trusted: who stands there may just have been missed for once."""


class Still:
    """Collects pictures and what was found in them; only the people-free median ever leaves.

    Of everything offered it keeps `samples` / 2 to `samples` pictures of at most `width_px`, evenly spread from the
    first to the last: when it is full it lets every second one go, and from then on takes half as many.
    """

    def __init__(self, samples: int = SAMPLES, width_px: int = WIDTH_PX) -> None:
        self._samples, self._width_px = samples, width_px
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
        scale = min(1.0, self._width_px / image.shape[1])
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        if self._pictures and small.shape != self._pictures[0].shape:
            return
        self._pictures.append(np.asarray(small, dtype=np.uint8))
        self._hidden.append(people_area(small.shape, found.xyxy_px * np.float32(scale)))
        if len(self._pictures) == self._samples:
            self._pictures, self._hidden = self._pictures[::2], self._hidden[::2]
            self._every *= 2

    def never_free(self) -> Bool | None:
        """Where people stood so often that what is behind them is not known; bool (h, w), None before any picture."""
        return self._free().sum(axis=0) < max(1.0, _FREE_SHARE * len(self)) if self._pictures else None

    def median(self) -> U8 | None:
        """u8 (h, w, 3), or None when nothing was collected; what is never free is filled from around it."""
        unknown = self.never_free()
        if unknown is None:
            return None
        free = self._free()
        bands = range(0, len(unknown), _BAND_PX)
        still = np.concatenate([self._median_band(free, slice(top, top + _BAND_PX)) for top in bands])
        return np.asarray(cv2.inpaint(still, unknown.astype(np.uint8), 5, cv2.INPAINT_TELEA), dtype=np.uint8)

    def _free(self) -> Bool:
        """Where each picture shows nobody, nor the ones before and after it; bool (n, h, w).

        Who was missed in one picture stands there all the same.
        """
        hidden = np.stack(self._hidden)
        near = hidden.copy()
        near[1:] |= hidden[:-1]
        near[:-1] |= hidden[1:]
        return ~near

    def _median_band(self, free: Bool, rows: slice) -> U8:
        band = np.stack([picture[rows] for picture in self._pictures])
        band[~free[:, rows]] = 255
        band.sort(axis=0)
        middle = np.maximum((free[:, rows].sum(axis=0) - 1) // 2, 0)
        return np.asarray(np.take_along_axis(band, middle[None, :, :, None], axis=0)[0])
