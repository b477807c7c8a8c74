"""From the street to the till: how many came to each step, and where they are lost.

Each ratio stands with the counts it is made of, over the days on which all of them were measured and the store was open
(`server.domain.day_rates` says how sure it is). A part that is more than its whole is told, not cut off: it means that
one of the two is counted wrongly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
import numpy.typing as npt

from server.domain.day_rates import Rate, day_rate
from server.domain.store_days import StoreDays

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FEWEST_ENGAGED = 100
"""A category with fewer engaged visits is not said to lose anybody."""
_NOTHING = Rate(np.nan, np.nan, np.nan, 0.0, 0.0, 0)


@dataclass(frozen=True, slots=True)
class StoreFunnel:
    """The whole store. All from the same days, so that each ratio is that of the counts beside it."""

    days: int
    """Open days on which entrants and receipts are known; where there is no till, entrants."""
    left_out: int
    """Open days on which they are not."""
    passed: float | None
    """Who came by the door, in it or past it; None where nobody counts them."""
    entrants: float
    receipts: float | None
    """None without a till."""
    capture: Rate
    """Entrants over those who came by the door."""
    conversion: Rate
    """Receipts over entrants."""
    basket: Rate
    """Takings over receipts, in the currency's unit."""
    per_entrant: Rate
    """Takings over entrants."""
    per_m2: Rate
    """Takings of an open day over the floor's square metres."""


@dataclass(frozen=True, slots=True)
class CategoryFunnel:
    """One category where it stood; all from the days on which visits, engaged visits and receipts are known."""

    category: str
    zone: str | None
    """Where it stood last; None where it stands nowhere, and then only receipts and takings are told."""
    days: int
    visits: float | None
    engaged: float | None
    receipts: float | None
    """With the category; None without a till."""
    gross: float | None
    engagement: Rate
    """Engaged visits over visits."""
    bought: Rate
    """Receipts with the category over engaged visits."""
    bought_of_visits: Rate
    """Receipts with the category over visits."""
    per_visit: Rate
    """Takings over visits, in the currency's unit."""
    per_m2: Rate
    """Takings of an open day over the zone's square metres."""

    @property
    def faulty(self) -> bool:
        """More bought than ever came: visits are missed, or the category is sold elsewhere, too."""
        return self.bought_of_visits.beyond_whole


@dataclass(frozen=True, slots=True)
class Loss:
    """The category at which most are lost against what is usual here."""

    category: str
    bought: Rate
    usual: float
    """Median over the categories of receipts over engaged visits."""
    receipts: float
    """So many more there would have been at the usual share."""


def store_funnel(days: StoreDays, *, floor_m2: float) -> StoreFunnel:
    """Passers-by, entrants, receipts.

    Args:
        days: what was measured.
        floor_m2: area of the sales floor; nan where it is not known.
    """
    till = bool(np.isfinite(days.receipts).any())
    known = ~days.closed & np.isfinite(days.entrants) & (np.isfinite(days.receipts) if till else True)
    outside = known & np.isfinite(days.passers)
    # Seldom seen passers-by are left out rather than the days on which nobody counted them.
    street = 2 * int(outside.sum()) > int(known.sum())
    used = outside if street else known
    entrants, receipts, gross = (np.where(used, v, np.nan) for v in (days.entrants, days.receipts, days.gross))
    passed = entrants + days.passers if street else np.full(len(days), np.nan)
    return StoreFunnel(
        days=int(used.sum()),
        left_out=int((~days.closed & ~used).sum()),
        passed=float(np.nansum(passed)) if street else None,
        entrants=float(np.nansum(entrants)),
        receipts=float(np.nansum(receipts)) if till else None,
        capture=day_rate(entrants, passed),
        conversion=day_rate(receipts, entrants),
        basket=day_rate(gross, receipts),
        per_entrant=day_rate(gross, entrants),
        per_m2=_per_m2(gross, floor_m2),
    )


def category_funnels(days: StoreDays, *, zone_m2: Mapping[str, float]) -> list[CategoryFunnel]:
    """Each category, in the order of `days`.

    Args:
        days: what was measured.
        zone_m2: area of the zones that are drawn in metres.
    """
    return [_category(days, i, zone_m2) for i in range(len(days.categories))]


def _category(days: StoreDays, i: int, zone_m2: Mapping[str, float]) -> CategoryFunnel:
    place, last = days.place[:, i], int(days.place[-1, i])
    zone = days.zones[last] if last >= 0 else None
    till = bool(np.isfinite(days.sold[:, i]).any())
    visits, engaged = _where_it_stood(days.visits, place), _where_it_stood(days.engaged, place)
    used = ~days.closed & (np.isfinite(days.sold[:, i]) if till else True)
    if zone is not None:
        used = used & np.isfinite(visits) & np.isfinite(engaged)
    counts = (visits, engaged, days.sold[:, i], days.category_gross[:, i])
    visits, engaged, sold, gross = (np.where(used, count, np.nan) for count in counts)
    return CategoryFunnel(
        category=days.categories[i],
        zone=zone,
        days=int(used.sum()),
        visits=float(np.nansum(visits)) if zone is not None else None,
        engaged=float(np.nansum(engaged)) if zone is not None else None,
        receipts=float(np.nansum(sold)) if till else None,
        gross=float(np.nansum(gross)) if till else None,
        engagement=day_rate(engaged, visits),
        bought=day_rate(sold, engaged),
        bought_of_visits=day_rate(sold, visits),
        per_visit=day_rate(gross, visits),
        per_m2=_per_m2(np.where(place == last, gross, np.nan), zone_m2.get(zone or "", np.nan)),
    )


def _where_it_stood(counts: Floats, place: Ints) -> Floats:
    """(d,) of (d, z): of the zone of each day; nan where there was none."""
    found = np.full(len(place), np.nan)
    rows = np.flatnonzero(place >= 0)
    found[rows] = counts[rows, place[rows]]
    return found


def _per_m2(gross: Floats, area_m2: float) -> Rate:
    return day_rate(gross, np.full(len(gross), area_m2)) if area_m2 > 0 else _NOTHING


def worst_loss(categories: Sequence[CategoryFunnel]) -> Loss | None:
    """Where most receipts are missing against the median category, if one is surely under it; else None.

    Of categories with FEWEST_ENGAGED engaged visits whose figures are no fault; it takes three to have a middle.
    """
    judged = [c for c in categories if (c.engaged or 0) >= FEWEST_ENGAGED and c.bought.sure and not c.faulty]
    if len(judged) < 3:
        return None
    usual = median(c.bought.value for c in judged)
    losses = [Loss(c.category, c.bought, usual, usual * c.bought.below - c.bought.above) for c in judged]
    return max((loss for loss in losses if loss.bought.high < usual), key=lambda loss: loss.receipts, default=None)


def by_weekday(days: StoreDays) -> list[Rate]:
    """(7) receipts over entrants, from Monday; open days only."""
    open_ = ~days.closed
    return [
        day_rate(days.receipts[open_ & (days.weekday == day)], days.entrants[open_ & (days.weekday == day)])
        for day in range(7)
    ]


def by_hour(entrants: Floats, receipts: Floats) -> list[Rate]:
    """(24) receipts of an hour over those who came in within it.

    Args:
        entrants: (d, 24) by hour of the store's clock; nan where it was not watched.
        receipts: (d, 24); nan on days without any.
    """
    return [day_rate(receipts[:, hour], entrants[:, hour]) for hour in range(24)]
