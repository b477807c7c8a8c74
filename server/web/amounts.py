"""The amounts of one plan over one period: what happened per cell, and how long each cell was watched."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from contract.grid import Grid
from contract.site import Site
from server.db.heat import HeatGrid
from server.domain.smoothing import smooth
from server.web import plan, seen
from server.web.heat_image import recorded, sigma_of
from server.web.plan import Ground
from server.web.seen import Floats, Mask, Seen


def grid_of(heat: HeatGrid) -> Grid:
    """The cells that `heat` lies on."""
    return Grid("m" if heat.unit == "m" else "image", heat.cell, heat.origin, heat.shape)


def per_of(ground: Ground) -> float:
    """The area that values are given per: 1 m² of floor, or 1 % of the picture."""
    width, height = ground.frame.size
    return 1.0 if ground.frame.unit == "m" else width * height / 100


@dataclass(frozen=True)
class Amounts:
    """One grid on one plan; layers are named as in `HeatGrid` and are (rows, columns)."""

    ground: Ground
    heat: HeatGrid
    grid: Grid
    free: Mask
    seen: Seen | None
    """None where coverage is not known: then what was visited counts as seen."""
    hours: Floats
    """Hours that each cell was watched by the camera that answers for it."""

    @cached_property
    def shown(self) -> Mask:
        """Free cells that were seen, and watched in this time."""
        if self.seen is not None:
            return np.asarray(self.seen.seen & (self.hours > 0))
        return recorded(self.heat.person_s, self.free)

    @property
    def hidden(self) -> Mask:
        """Cells under what stands on the floor, or outside."""
        return ~self.free

    @property
    def unseen(self) -> Mask:
        """Free cells that no camera saw; none where coverage is not known."""
        return np.asarray(self.free & ~self.shown) if self.seen is not None else np.zeros(self.free.shape, np.bool_)

    @property
    def unseen_share(self) -> float:
        """Share of the free floor."""
        return float(self.unseen.sum() / max(int(self.free.sum()), 1))

    @property
    def unwatched_share(self) -> float:
        """Share of the free floor that a camera sees, but did not watch in this time."""
        if self.seen is None:
            return 0.0
        return float((self.seen.seen & (self.hours <= 0)).sum() / max(int(self.free.sum()), 1))

    def rate(self, layer: str) -> Floats:
        """Per area (`per_of`) and hour, smoothed within what is shown; 0 elsewhere."""
        sigma = sigma_of(self.grid)
        amount, hours = smooth(np.stack([self._layer(layer), self.hours]), self.shown, sigma_cells=sigma)
        return np.where(self.shown & (hours > 0), amount / np.maximum(hours, 1e-12), 0.0) / self._area

    def zone_rate(self, layer: str, key: str) -> float | None:
        """Per area and hour over the shown cells of a zone; None where none is shown."""
        inside = self.zone(key) & self.shown
        hours = float(self.hours[inside].sum())
        return float(self._layer(layer)[inside].sum() / hours / self._area) if hours > 0 else None

    def zone(self, key: str) -> Mask:
        """The cells of a zone (rows, columns)."""
        return seen.cells_within(tuple(self.ground.zones[key]), self.grid)

    def zone_seen(self, key: str) -> float | None:
        """Share of a zone's free floor that is seen; None where that is not known."""
        free = self.zone(key) & self.free
        return float(self.seen.seen[free].mean()) if self.seen is not None and free.any() else None

    def _layer(self, layer: str) -> Floats:
        values: Floats = np.asarray(getattr(self.heat, layer), dtype=np.float64)
        return values

    @property
    def _area(self) -> float:
        return self.grid.cell**2 / per_of(self.ground)


def amounts_of(site: Site, ground: Ground, heat: HeatGrid | None, observed_s: Mapping[str, float]) -> Amounts | None:
    """The amounts of a plan; None without a grid.

    Args:
        site: its document.
        ground: the plan.
        heat: what was counted on it.
        observed_s: seconds watched, by camera.
    """
    if heat is None or heat.observed_s <= 0:
        return None
    grid = grid_of(heat)
    known = seen.seen_on(site, grid)
    free = known.free if known else seen.bare(site, grid)
    hours = known.hours(observed_s) if known else np.full(grid.shape, heat.observed_s / 3600)
    return Amounts(ground, heat, grid, free, known, hours)


def picture(grid: Grid, uri: str) -> plan.Picture:
    """A picture that covers the grid."""
    rows, columns = grid.shape
    return plan.Picture(uri, grid.origin, (columns * grid.cell, rows * grid.cell))
