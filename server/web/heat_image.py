"""The amount layer: a grid of person-seconds becomes a smooth picture and its legend.

Square-root scale, because presence is skewed: a till holds fifty times an aisle, and both must be readable.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from server.web import png

Grid = npt.NDArray[np.floating]
Mask = npt.NDArray[np.bool_]

VIRIDIS = ("#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725")
SHADES = 30
SMOOTH_CELLS = 0.7
SEEN_SHARE = 0.16
EDGE_SHARE = 0.06
"""The edge of what was visited: from nothing at SEEN_SHARE of visited surroundings to opaque, so that it is smooth."""
LARGEST_SIDE = 480


@dataclass(frozen=True, slots=True)
class Scale:
    """`top` is where the brightest colour begins; values are person-seconds per unit of area and observed hour."""

    top: float

    def ticks(self) -> list[tuple[float, float]]:
        """(share of the ramp, value) of five ticks."""
        values = [0.0, *(_two_digits(self.top * share) for share in (1 / 16, 1 / 4, 9 / 16)), self.top]
        return [(math.sqrt(value / self.top), value) for value in values]


def scale_of(rate: Grid) -> Scale:
    """A round top, below which 98 % of the visited cells lie."""
    visited = rate[rate > 0]
    if not visited.size:
        return Scale(1.0)
    return Scale(_round_up(float(np.quantile(visited, 0.98))))


def _round_up(value: float) -> float:
    unit = 10.0 ** math.floor(math.log10(value))
    return next(step * unit for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * unit >= value * (1 - 1e-9))


def _two_digits(value: float) -> float:
    unit = 10.0 ** (math.floor(math.log10(value)) - 1)
    return round(value / unit) * unit


def ramp_colours() -> list[str]:
    """The shades of the legend, low to high."""
    return ["#{:02x}{:02x}{:02x}".format(*rgb) for rgb in _shades()]


def _shades() -> npt.NDArray[np.uint8]:
    stops = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in VIRIDIS], dtype=np.float64)
    at = np.linspace(0, len(VIRIDIS) - 1, SHADES)
    return (
        np.stack([np.interp(at, np.arange(len(VIRIDIS)), stops[:, c]) for c in range(3)], axis=1)
        .round()
        .astype(np.uint8)
    )


def paint(rate: Grid, scale: Scale, blocked: Mask | None = None) -> str:
    """The picture as a data URI; transparent where nobody was recorded and where `blocked`.

    Args:
        rate: (rows, columns), person-seconds per unit of area and hour.
        scale: where the colours lie.
        blocked: (rows * z, columns * z) with z = `zoom_of(rate.shape)`; smoothing stops there.
    """
    zoom = zoom_of(rate.shape)
    fine = np.kron(rate, np.ones((zoom, zoom)))
    free = np.ones(fine.shape) if blocked is None else (~blocked).astype(np.float64)
    sigma = SMOOTH_CELLS * zoom
    weight = np.maximum(_blur(free, sigma), 1e-9)
    smooth = _blur(fine * free, sigma) / weight
    visited = _blur((fine > 0) * free, sigma) / weight
    shade = np.clip(np.sqrt(smooth / scale.top) * SHADES, 0, SHADES - 1).astype(np.intp)
    rgba = np.zeros((*fine.shape, 4), dtype=np.uint8)
    rgba[..., :3] = _shades()[shade]
    rgba[..., 3] = np.clip((visited - SEEN_SHARE) / EDGE_SHARE, 0, 1) * 255 * (free > 0)
    return png.data_uri(rgba)


def zoom_of(shape: tuple[int, int]) -> int:
    """Pixels per cell, so that the picture is smooth and stays small."""
    return max(1, min(8, LARGEST_SIDE // max(*shape, 1)))


def _blur(image: Grid, sigma: float) -> Grid:
    """Gaussian, not normalised, nothing beyond the edge; two products with band matrices, which BLAS does fastest."""
    rows, columns = image.shape
    return _band(rows, sigma) @ image.astype(np.float32) @ _band(columns, sigma)


@lru_cache(maxsize=16)
def _band(n: int, sigma: float) -> npt.NDArray[np.float32]:
    at = np.arange(n, dtype=np.float32)
    apart = np.subtract.outer(at, at) / np.float32(sigma)
    # Beyond three sigma it is cut to 0: it would not be seen, and denormal numbers are slow.
    return np.where(np.abs(apart) < 3, np.exp(-0.5 * apart**2), 0).astype(np.float32)


def middles(n: int) -> Grid:
    """Middles of n cells of size 1."""
    return np.arange(n, dtype=np.float64) + np.float64(0.5)


def inside(polygon: list[tuple[float, float]], x: Grid, y: Grid) -> Mask:
    """Even-odd rule for each point; x and y broadcast."""
    result = np.zeros(np.broadcast_shapes(x.shape, y.shape), dtype=np.bool_)
    for (x0, y0), (x1, y1) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        if y0 == y1:
            continue
        crosses = ((y0 > y) != (y1 > y)) & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
        result ^= crosses
    return result
