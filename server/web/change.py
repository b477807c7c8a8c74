"""What changed on a plan between two periods, with days as the evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from server.db.heat import HeatGrid, heat_days
from server.db.observed import observed
from server.domain.difference import BANDWIDTH_M, Difference, Replicates, difference
from server.web.amounts import Amounts, per_of
from server.web.period import Period, day_span
from server.web.seen import Floats, Mask
from server.web.view import Span, View

BANDWIDTH_CELLS = 1.5
"""Smoothing of a change on a camera's picture, where there are no metres."""
FEWEST_CELLS = 0.1
"""A zone changed when so much of its floor did."""


@dataclass(frozen=True, slots=True)
class Change:
    """The later period minus the earlier one, per area and hour (rows, columns)."""

    amounts: Amounts
    """Of the later period."""
    found: Difference | None
    """None where one of the two was not watched at all."""

    @property
    def change(self) -> Floats:
        """Per area and hour, nan where unknown."""
        return self.found.change if self.found else np.full(self.amounts.grid.shape, np.nan)

    @property
    def clear(self) -> Mask:
        """Where it is more than chance."""
        return self.found.significant if self.found else np.zeros(self.amounts.grid.shape, np.bool_)

    @property
    def days_missing(self) -> int:
        """How many more days each period needs before anything can be told; 0 when there are enough."""
        return self.found.days_missing if self.found else 1

    def zone(self, key: str) -> float | None:
        """Mean change over a zone; None where unknown."""
        values = self.change[self.amounts.zone(key) & self.amounts.shown]
        known = values[np.isfinite(values)]
        return float(known.mean()) if known.size else None

    def zone_clear(self, key: str) -> float:
        """Mean change of a zone's cells that clearly changed; 0 where they are too few to speak of."""
        inside = self.amounts.zone(key) & self.amounts.shown
        clear = inside & self.clear
        return float(self.change[clear].mean()) if clear.sum() > FEWEST_CELLS * inside.sum() else 0.0


def change_of(view: View, amounts: Amounts, against: Period) -> Change:
    """The change of presence from `against` to the page's period."""
    camera = amounts.heat.camera
    before = _days(view, amounts, against, camera)
    after = _days(view, amounts, Period("custom", view.period.start, view.seen_until, view.period.timezone), camera)
    if before is None or after is None:
        return Change(amounts, None)
    cell = amounts.grid.cell / per_of(amounts.ground) ** 0.5
    wide = BANDWIDTH_M if amounts.grid.unit == "m" else BANDWIDTH_CELLS * cell
    # One seed: the same figures give the same map.
    chance = np.random.default_rng(0)
    return Change(amounts, difference(before, after, free=amounts.shown, cell_m=cell, bandwidth_m=wide, rng=chance))


def _days(view: View, amounts: Amounts, period: Period, camera: str | None) -> Replicates | None:
    span: Span = {"start": period.start.timestamp(), "end": period.end.timestamp()}
    grids = heat_days(view.conn, site=view.site.site, hours=view.times, **span)
    days = {day: grid for day, of_day in grids.items() if (grid := _same(of_day, amounts, camera)) is not None}
    if not days:
        return None
    return Replicates(
        amounts=np.stack([grid.person_s for grid in days.values()]),
        observed_s=np.stack([_watched(view, amounts, period, day, grid) for day, grid in days.items()]),
        blocks=[day.weekday() for day in days],
    )


def _same(grids: list[HeatGrid], amounts: Amounts, camera: str | None) -> HeatGrid | None:
    """The day's grid on the same cells; a plan that was laid anew cannot be compared cell by cell."""
    mine = amounts.heat
    laid = (camera, mine.shape, mine.origin, mine.cell)
    return next((grid for grid in grids if (grid.camera, grid.shape, grid.origin, grid.cell) == laid), None)


def _watched(view: View, amounts: Amounts, period: Period, day: date, grid: HeatGrid) -> Floats:
    """Seconds that each cell was watched on a day."""
    if amounts.seen is None:
        return np.full(grid.shape, grid.observed_s)
    start, end = day_span(day, period.timezone)
    first, last = max(start, period.start), min(end, period.end)
    cameras = observed(view.conn, site=view.site.site, start=first.timestamp(), end=last.timestamp(), hours=view.times)
    seconds: Mapping[str, float] = {key: camera.observed_s for key, camera in cameras.items()}
    return amounts.seen.hours(seconds) * 3600
