"""What a place does for what stands in it: who passes, who stops, who buys, and what each passer-by brings.

Exposure is how many come by (paths of shoppers: Larson, Bradlow & Fader 2005); stopping power, how many of them stand
still. All are ratios of sums over days, since days with many tell more than days with few; their intervals come from
the spread between days (ratio estimator: Cochran 1977, ch. 6), so that people who come together count as few.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from server.domain.intervals import Estimate
from server.domain.store_days import Bools, Floats, Ints, StoreDays

FEWEST_DAYS = 7
"""A ratio of fewer days has no interval: a week has good days and bad ones."""


@dataclass(frozen=True, slots=True)
class Ratios:
    """Of k things, arrays (k,): a sum over another, with its 95 % interval; nan where not measured."""

    value: Floats
    low: Floats
    high: Floats
    days: Ints
    """On which both were measured."""

    def estimate(self, k: int) -> Estimate | None:
        """One of them; None where not measured or too few days."""
        if np.isnan(self.low[k]):
            return None
        return Estimate(float(self.value[k]), float(self.low[k]), float(self.high[k]))


@dataclass(frozen=True, slots=True)
class Exposure:
    """Of the zones (z,) and, where said, of the categories (c,), by the zone a category stood in on each day."""

    visits: Ratios
    """Per open day, (z,)."""
    reach: Ratios
    """Visits per entrant, (z,); over 1 where people come by more than once."""
    stopping: Ratios
    """Stops per visit, (z,)."""
    engagement: Ratios
    """Engaged visits per visit, (z,)."""
    dwell_s: Ratios
    """Presence per visit, (z,)."""
    conversion: Ratios
    """Receipts with the category per visit of its zone, (c,)."""
    bought: Ratios
    """Receipts with the category per engaged visit of its zone, (c,)."""
    margin: Ratios
    """Of the category per visit of its zone, (c,), in the currency's unit."""


def exposure(days: StoreDays) -> Exposure:
    """Work it out from days; closed days are left out."""
    open_ = (~days.closed).astype(np.float64)[:, None]
    visits, engaged = days.visits * open_, days.engaged * open_
    passed = where_it_stood(days, visits)
    return Exposure(
        visits=_ratio(days.visits, open_),
        reach=_ratio(days.visits, days.entrants[:, None] * open_),
        stopping=_ratio(days.stops, visits),
        engagement=_ratio(days.engaged, visits),
        dwell_s=_ratio(days.presence_s, visits),
        conversion=_ratio(days.sold, passed),
        bought=_ratio(days.sold, where_it_stood(days, engaged)),
        margin=_ratio(days.category_margin, passed),
    )


def where_it_stood(days: StoreDays, of_zones: Floats) -> Floats:
    """(d, c) what was measured (d, z) in the zone each category stood in; nan where it stood nowhere."""
    found = np.take_along_axis(of_zones, np.maximum(days.place, 0), axis=1)
    return np.where(days.place >= 0, found, np.nan)


def per_metre(visits: Floats, shelf_m: Floats) -> Floats:
    """(z,) a zone's share of all visits over its share of all shelf: 1 is its due; nan where the shelf is unknown."""
    known = ~np.isnan(shelf_m) & ~np.isnan(visits) & (shelf_m > 0)
    share = np.full(len(visits), np.nan)
    if known.any() and visits[known].sum() > 0:
        share[known] = visits[known] / visits[known].sum() / (shelf_m[known] / shelf_m[known].sum())
    return share


def _ratio(above: Floats, below: Floats) -> Ratios:
    """Sum over sum, (d, k) each, of days on which both were measured and there was something to be divided by."""
    below = np.broadcast_to(below, above.shape)
    known: Bools = ~np.isnan(above) & ~np.isnan(below) & (below > 0)
    top, bottom = np.where(known, above, 0.0), np.where(known, below, 0.0)
    n, whole = known.sum(axis=0), bottom.sum(axis=0)
    value = np.divide(top.sum(axis=0), whole, out=np.full(len(whole), np.nan), where=whole > 0)
    spread = (np.where(known, top - value * bottom, 0.0) ** 2).sum(axis=0)
    error = np.sqrt(spread * n / np.maximum(n - 1, 1)) / np.maximum(whole, 1e-12)
    half = np.where(n >= FEWEST_DAYS, student.ppf(0.975, np.maximum(n - 1, 1)) * error, np.nan)
    return Ratios(value, value - half, value + half, n.astype(np.int64))
