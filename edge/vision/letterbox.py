"""Fitting a picture into a network's input and boxes back into the picture."""

from dataclasses import dataclass

import cv2
import numpy as np

from edge.arrays import F32, U8

PAD_BYTE = 114


@dataclass(frozen=True, slots=True)
class Letterbox:
    """A picture of `image_size` scaled to `content_size` in the top left corner of `input_size`; (width, height) px."""

    image_size: tuple[int, int]
    content_size: tuple[int, int]
    input_size: tuple[int, int]

    def to_image(self, xyxy: F32) -> F32:
        """Boxes (n, 4) from input to picture pixels, clipped to the picture."""
        scale = np.array([i / c for i, c in zip(self.image_size, self.content_size, strict=True)] * 2, np.float32)
        result: F32 = np.clip(xyxy * scale, 0, np.array(self.image_size * 2, np.float32))
        return result


def fit_long_side(image_size: tuple[int, int], long_side: int, multiple: int) -> Letterbox:
    """Keep the aspect ratio, bring the longer side to `long_side`, then pad each side to the next `multiple`."""
    content = _scaled(image_size, long_side / max(image_size))
    padded = tuple(-(-side // multiple) * multiple for side in content)
    return Letterbox(image_size, content, (padded[0], padded[1]))


def fit_fixed(image_size: tuple[int, int], input_size: tuple[int, int]) -> Letterbox:
    """Keep the aspect ratio inside an input whose size cannot be chosen."""
    scale = min(i / s for i, s in zip(input_size, image_size, strict=True))
    return Letterbox(image_size, _scaled(image_size, scale), input_size)


def _scaled(size: tuple[int, int], scale: float) -> tuple[int, int]:
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


class InputBuffer:
    """One network input (1, 3, h, w), filled again for each picture: a byte becomes a number by a table per channel.

    `mean` and `std` are in the order of the network's channels, as is `colour` ("bgr" or "rgb").
    """

    def __init__(self, letterbox: Letterbox, colour: str, mean: tuple[float, ...], std: tuple[float, ...]) -> None:
        self.letterbox = letterbox
        width, height = letterbox.input_size
        values = np.arange(256, dtype=np.float32)
        self._tables = [(values - np.float32(m)) / np.float32(s) for m, s in zip(mean, std, strict=True)]
        self._channels = (0, 1, 2) if colour == "bgr" else (2, 1, 0)
        self.array: F32 = np.empty((1, 3, height, width), np.float32)
        for plane, table in zip(self.array[0], self._tables, strict=True):
            plane[:] = table[PAD_BYTE]

    def fill(self, image: U8) -> F32:
        """Put a BGR picture (h, w, 3) in; the returned array is valid until the next call."""
        width, height = self.letterbox.content_size
        resized = cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)
        for channel, table, plane in zip(self._channels, self._tables, self.array[0], strict=True):
            cv2.LUT(cv2.extractChannel(resized, channel), table, dst=plane[:height, :width])
        return self.array
