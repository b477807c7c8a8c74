"""How far off forecasts are: intervals from what past forecasts missed, of hours and of whole days."""

from dataclasses import dataclass

import numpy as np

from server.domain.forecast_past import HOURS, Bools, Floats, Ints

SIDES = (0.10, 0.90, 0.025, 0.975)
"""Low and high of 80 % and of 95 %."""
_NORMAL = (-1.281552, 1.281552, -1.959964, 1.959964)
_DAYS_NEEDED = 40
"""Different days that an interval of 95 % takes; with fewer a normal law is assumed."""
_ASSUMED = 0.3
"""Squared it is the variance between days, relative, where no past forecast tells it."""
_HOURS_ALIKE, _DAYS_ALIKE = 2.0, 5.0
"""Days in a row miss alike: the hours of so many count as one independent miss of an hour, so many days as one day."""
_WORTH = 60.0
"""So many misses weigh as much as the mean of all in what an hour of the day is given."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Misses in units of sqrt(1 + m + (v m)^2), m what was foretold: chance of counts, and what days differ beyond."""

    hour_variation: float
    day_variation: float
    by_hour: Floats
    """(24,) how much larger misses are in an hour of the day than on average."""
    hour_quantiles: Floats
    """(2, 4) by week ahead, in the order of SIDES."""
    day_quantiles: Floats
    """(2, 4)"""

    def hours(self, told: Floats, lead: Ints, shut: Bools) -> Floats:
        """(m, 24, 5) middle and limits of these hours."""
        scale = _scale(told, self.hour_variation) * self.by_hour
        return _limits(np.where(shut[:, None], 0.0 * told, told), scale, self.hour_quantiles[lead // 7], shut)

    def days(self, told: Floats, lead: Ints, shut: Bools) -> Floats:
        """(m, 5) middle and limits of the sums of these days; nan where no hour is foretold."""
        total = np.where(np.isnan(told).all(axis=1), np.nan, np.nansum(told, axis=1))
        scale = _scale(total, self.day_variation)
        return _limits(np.where(shut, 0.0, total), scale, self.day_quantiles[lead // 7], shut)


def spread_of(seen: Floats, told: Floats, lead: Ints, day: Ints) -> Spread:
    """From what was seen (m, 24) and had been told (m, 24) of these days at these leads."""
    known = ~np.isnan(seen) & ~np.isnan(told) & (told > 0)
    total_seen, total_told = (np.where(known, x, 0.0).sum(axis=1) for x in (seen, told))
    whole = known.sum(axis=1) >= 0.8 * np.maximum((~np.isnan(told) & (told > 0)).sum(axis=1), 1)
    whole &= total_told > 0
    days = len(np.unique(day[whole]))
    if days < _DAYS_NEEDED:
        assumed = np.tile(_NORMAL, (2, 1))
        return Spread(_ASSUMED, _ASSUMED, np.ones(HOURS), assumed, assumed)
    of_hours, of_days = _variation(seen[known], told[known]), _variation(total_seen[whole], total_told[whole])
    missed = np.where(known, (seen - told) / _scale(np.where(known, told, 0.0), of_hours), np.nan)
    by_hour = _by_hour(missed)
    missed_days = (total_seen - total_told)[whole] / _scale(total_told[whole], of_days)
    weeks = lead // 7
    return Spread(
        of_hours,
        of_days,
        by_hour,
        np.stack([_quantiles((missed / by_hour)[weeks == week], days / _HOURS_ALIKE) for week in (0, 1)]),
        np.stack([_quantiles(missed_days[weeks[whole] == week], days / _DAYS_ALIKE) for week in (0, 1)]),
    )


def _scale(told: Floats, variation: float) -> Floats:
    return np.sqrt(1.0 + told + (variation * told) ** 2)


def _variation(seen: Floats, told: Floats) -> float:
    """Coefficient of variation beyond chance: robust, by the median of the misses (1.4826 x MAD for a normal law)."""
    busy = told >= np.median(told)
    spread = 1.4826 * np.median(np.abs(seen - told)[busy] / told[busy])
    return float(np.sqrt(max(spread**2 - 1.0 / np.mean(told[busy]), 0.02**2)))


def _by_hour(missed: Floats) -> Floats:
    size, n = np.nansum(np.abs(missed), axis=0), (~np.isnan(missed)).sum(axis=0)
    mean = size.sum() / max(n.sum(), 1)
    return np.asarray((size + _WORTH * mean) / ((n + _WORTH) * max(mean, 1e-9)))


def _quantiles(missed: Floats, n: float) -> Floats:
    """The order statistics, of n independent misses, that a new one lies within as often as stated."""
    known = missed[~np.isnan(missed)]
    if not len(known):
        return np.array(_NORMAL)
    return np.asarray(np.quantile(known, [min(max(((n + 1) * p - 1) / (n - 1), 0.0), 1.0) for p in SIDES]))


def _limits(middle: Floats, scale: Floats, quantiles: Floats, shut: Bools) -> Floats:
    """Limits round the middle, never below nothing, never short of the middle; a day shut has none."""
    shape = (-1,) + (1,) * (middle.ndim - 1)
    sides = [middle + np.where(shut.reshape(shape), 0.0, scale) * quantiles[:, i].reshape(shape) for i in range(4)]
    never = middle == 0
    low, high = np.minimum, np.maximum
    bounded = [(low if i % 2 == 0 else high)(np.maximum(side, 0.0), middle) for i, side in enumerate(sides)]
    return np.stack([middle, *(np.where(never, 0.0, side) for side in bounded)], axis=-1)
