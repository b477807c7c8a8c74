"""The amount layer: a value per cell becomes a smooth picture, its scale and its legend.

Amounts are on a square-root scale, because presence is skewed: a till holds fifty times an aisle, and both must be
readable. Differences are on one that is symmetric round 0, in which nothing has no colour.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from contract.grid import Grid
from server.domain.smoothing import smooth
from server.web import png

Floats = npt.NDArray[np.float64]
Pixels = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

VIRIDIS = ("#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725")
LESS_TO_MORE = ("#0b4c8cff", "#2f77b5ff", "#2f77b599", "#2f77b540", "#c66a1e40", "#c66a1e99", "#c66a1eff", "#8a3f06ff")
"""With opacity, so that little difference fades into the floor, be it light or dark."""
SHADES = 30
SMOOTH_M = 0.45
"""Standard deviation of the smoothing on the floor, metres: about a person's width."""
SMOOTH_IMAGE_CELLS = 0.9
"""On a camera's picture, where there are no metres."""
BETWEEN_CELLS = 0.45
"""Standard deviation, in cells, of drawing smoothly from cell to cell."""
LARGEST_SIDE = 600
OPACITIES = 6
RECORDED_SHARE = 0.08
REACH_CELLS = 3
"""How far a picture carries on under what stands on the floor."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Where the colours lie. `top`, and for differences also its negative, is where the last colour begins."""

    top: float
    signed: bool = False

    def ticks(self) -> list[tuple[float, float]]:
        """(share of the ramp, value) of five ticks."""
        if self.signed:
            inner = _round_down(self.top * 0.42)
            values = [-self.top, -inner, 0.0, inner, self.top]
            return [(0.5 + value / self.top / 2, value) for value in values]
        values = [0.0, *(_two_digits(self.top * share) for share in (1 / 16, 1 / 4, 9 / 16)), self.top]
        return [(math.sqrt(value / self.top), value) for value in values]

    def colours(self) -> list[str]:
        """The shades of the legend, low to high."""
        return ["#" + bytes(colour).hex() for colour in self.palette().tolist()]

    def palette(self) -> Bytes:
        """The shades with their opacity, u8 (n, 4)."""
        return _colours(LESS_TO_MORE) if self.signed else _viridis()

    def shades(self, values: Pixels) -> Bytes:
        """Number in the palette of each value."""
        shares = (values / self.top + 1) / 2 if self.signed else np.sqrt(np.maximum(values, 0) / self.top)
        n = len(self.palette())
        return np.asarray(np.minimum(np.maximum(shares * n, 0), n - 1), dtype=np.uint8)


def scale_of(values: Floats, *, signed: bool = False) -> Scale:
    """A round top, below which 98 % of what is not 0 lies."""
    sizes = np.abs(values[np.isfinite(values) & (values != 0)])
    return Scale(_round_up(float(np.quantile(sizes, 0.98))) if sizes.size else 1.0, signed)


def _round_up(value: float) -> float:
    unit = 10.0 ** math.floor(math.log10(value))
    return next(step * unit for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * unit >= value * (1 - 1e-9))


def _round_down(value: float) -> float:
    unit = 10.0 ** math.floor(math.log10(value))
    return max(step * unit for step in (1, 1.5, 2, 3, 4, 5, 8) if step * unit <= value * (1 + 1e-9))


def _two_digits(value: float) -> float:
    unit = 10.0 ** (math.floor(math.log10(value)) - 1)
    return round(value / unit) * unit


def _colours(written: tuple[str, ...]) -> Bytes:
    return np.array([list(bytes.fromhex(colour[1:])) for colour in written], dtype=np.uint8)


@lru_cache(maxsize=1)
def _viridis() -> Bytes:
    stops, at = _colours(VIRIDIS).astype(np.float64), np.linspace(0, len(VIRIDIS) - 1, SHADES)
    channels = [np.interp(at, np.arange(len(VIRIDIS)), stops[:, c]) for c in range(3)]
    opaque = np.full(SHADES, 255.0)
    return np.stack([*channels, opaque], axis=1).round().astype(np.uint8)


def sigma_of(grid: Grid) -> float:
    """Standard deviation of the smoothing, in cells."""
    return min(SMOOTH_M / grid.cell, 4.0) if grid.unit == "m" else SMOOTH_IMAGE_CELLS


def paint(values: Floats, scale: Scale, shown: Mask, *, hidden: Mask) -> str:
    """The picture of `values` (rows, columns) as a data URI; transparent where not `shown`.

    Cells that are `hidden` under what stands on the floor carry on what is beside them, so that no gap is left along
    a shelf that ends within a cell.
    """
    zoom = zoom_of(values.shape)
    weight = np.maximum(_between(shown, zoom), 1e-9)
    shade = scale.shades(np.asarray(_between(np.where(shown, values, 0.0), zoom) / weight, dtype=np.float32))
    # Opacity in a few steps, so that shade and opacity fit into one byte.
    opacity = np.asarray(_opacity(_between(grown(shown, hidden), zoom)) * (OPACITIES - 1) + 0.5, dtype=np.uint8)
    return png.data_uri(shade * np.uint8(OPACITIES) + opacity, _with_opacities(scale.palette()))


def _with_opacities(palette: Bytes) -> Bytes:
    """Each shade in OPACITIES steps from transparent to opaque, u8 (n * OPACITIES, 4)."""
    found = np.repeat(palette, OPACITIES, axis=0)
    found[:, 3] = (found[:, 3] * np.tile(np.linspace(0, 1, OPACITIES), len(palette))).round()
    return found


def paint_mask(where: Mask) -> str:
    """A picture as a data URI, white `where` (rows, columns) and else black; edged as `paint` edges what is shown."""
    return png.data_uri((_opacity(_between(where, zoom_of(where.shape))) * 255).astype(np.uint8))


def recorded(amounts: npt.NDArray[np.floating], free: Mask) -> Mask:
    """Where coverage is not known, what is shown: free cells whose surroundings were visited (rows, columns)."""
    visited = smooth((amounts > 0).astype(np.float64), free, sigma_cells=1.0)
    return np.asarray(np.nan_to_num(visited) > RECORDED_SHARE)


def grown(where: Mask, hidden: Mask) -> Mask:
    """`where`, and the `hidden` cells that are nearer to it than to other cells that are not (all rows, columns)."""
    mine, others = where.copy(), ~where & ~hidden
    for _ in range(REACH_CELLS):
        free = hidden & ~mine & ~others
        mine, others = mine | (free & _beside(mine)), others | (free & _beside(others) & ~_beside(mine))
    return mine


def _beside(cells: Mask) -> Mask:
    """Cells with one of `cells` to their left, right, above or below."""
    near = np.pad(cells, 1)
    return np.asarray(near[:-2, 1:-1] | near[2:, 1:-1] | near[1:-1, :-2] | near[1:-1, 2:])


def zoom_of(shape: tuple[int, ...]) -> int:
    """Pixels per cell, so that the picture is smooth and stays small."""
    return max(1, min(8, LARGEST_SIDE // max(*shape, 1)))


def _opacity(share: Pixels) -> Pixels:
    """0 to 1: the edge lies where half of the surroundings are in, drawn over about one pixel."""
    return np.asarray(np.minimum(np.maximum((share - np.float32(0.45)) * np.float32(10), 0), 1))


def _between(values: npt.ArrayLike, zoom: int) -> Pixels:
    """Cells as pixels, smooth from cell to cell; what lies outside the grid continues its edge."""
    cells: Pixels = np.asarray(values, dtype=np.float32)
    rows, columns = cells.shape
    return np.asarray(_spread(rows, zoom) @ cells @ _spread(columns, zoom).T)


@lru_cache(maxsize=32)
def _spread(cells: int, zoom: int) -> npt.NDArray[np.float32]:
    """(cells * zoom, cells): how much of each cell is in a pixel; rows sum to 1."""
    pixels = (np.arange(cells * zoom, dtype=np.float64) + 0.5) / zoom
    apart = np.subtract.outer(pixels, np.arange(cells, dtype=np.float64) + 0.5) / BETWEEN_CELLS
    weight = np.where(np.abs(apart) < 4, np.exp(-0.5 * apart**2), 0.0)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True), dtype=np.float32)
