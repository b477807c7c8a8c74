"""A PNG writer of the few lines it takes, so that the server needs no image library for its own pictures."""

import base64
import struct
import zlib

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
_GREY, _PALETTE, _RGBA = 0, 3, 6


def encode(image: Bytes, palette: Bytes | None = None) -> bytes:
    """PNG of an image, u8.

    Args:
        image: (h, w) grey or, with a palette, numbers into it; (h, w, 4) red, green, blue, opacity.
        palette: (n, 4) red, green, blue, opacity; n up to 256.
    """
    height, width = image.shape[:2]
    kind = _RGBA if image.ndim == 3 else _GREY if palette is None else _PALETTE
    flat = image.reshape(height, -1)
    rows = np.zeros((height, 1 + flat.shape[1]), dtype=np.uint8)  # each row begins with its filter, 0 = none
    rows[:, 1:] = flat
    parts = [_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0))]
    if palette is not None:
        parts += [_chunk(b"PLTE", palette[:, :3].tobytes()), _chunk(b"tRNS", palette[:, 3].tobytes())]
    parts += [_chunk(b"IDAT", zlib.compress(rows.tobytes(), 4)), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def data_uri(image: Bytes, palette: Bytes | None = None) -> str:
    """The PNG as an address that needs no second request."""
    return "data:image/png;base64," + base64.b64encode(encode(image, palette)).decode()
