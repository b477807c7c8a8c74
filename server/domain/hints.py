"""What stands out among zones and categories: looked at much and bought little, or bought by the few who come by.

Comparisons of what is, not effects. How many buy of those who stay differs from zone to zone by nature; so a zone only
stands out if it lies beyond how the others scatter (externally studentised: Grubbs 1969).
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from server.domain.exposure import Exposure, exposure
from server.domain.fdr import q_values
from server.domain.store_days import Bools, Floats, StoreDays

CHANCE = 0.01
FEWEST = 6
"""Of fewer zones none stands out."""
FEWEST_STAYS = 5.0
"""A day; fewer tell little of a zone."""
SELDOM = 0.5
"""Hidden is what so much less than the usual zone is come by."""
_NARROWEST = 0.1
"""However alike the others are: a tenth more or less does not stand out."""


@dataclass(frozen=True, slots=True)
class Hint:
    """A category that fewer, or more, than usual of those who stay in its zone buy; indices."""

    category: int
    zone: int
    bought: float
    """Receipts per engaged visit of the zone: of all its categories together, or of this one where it is hidden."""
    usual: float
    """The median of the others alike."""
    stays: float
    """Engaged visits of the zone a day."""
    reach: float
    """Visits of the zone per entrant."""


def unsold(days: StoreDays) -> list[Hint]:
    """Zones where many stay and little is sold, by their category that earns most a receipt; most stays first."""
    seen = exposure(days)
    stays = _stays(seen)
    bought = np.array([np.nansum(np.where(days.place[-1] == z, seen.bought.value, 0)) for z in range(len(days.zones))])
    bought = np.where((bought > 0) & (stays >= FEWEST_STAYS), bought, np.nan)
    found = []
    for zone in np.flatnonzero(_far_below(bought)).tolist():
        usual, dearest = float(np.nanmedian(bought)), _dearest(days, zone)
        found.append(Hint(dearest, zone, float(bought[zone]), usual, float(stays[zone]), float(seen.reach.value[zone])))
    return sorted(found, key=lambda hint: (-hint.stays, hint.zone))


def hidden(days: StoreDays) -> list[Hint]:
    """Categories surely bought more than usual by those who stay, where few come by; the most bought first."""
    seen, place = exposure(days), days.place[-1]
    bought = np.where((place >= 0) & (_stays(seen)[place] >= FEWEST_STAYS), seen.bought.value, np.nan)
    if np.isfinite(bought).sum() < FEWEST:
        return []
    usual, passed = float(np.nanmedian(bought)), float(np.nanmedian(seen.reach.value))
    # nan compares as false: what was not measured is not hidden.
    which = np.isfinite(bought) & (seen.bought.low > usual) & (seen.reach.high[place] < SELDOM * passed)
    found = [
        Hint(
            c, int(place[c]), float(bought[c]), usual, float(_stays(seen)[place[c]]), float(seen.reach.value[place[c]])
        )
        for c in np.flatnonzero(which).tolist()
    ]
    return sorted(found, key=lambda hint: (-hint.bought, hint.category))


def _stays(seen: Exposure) -> Floats:
    return seen.visits.value * seen.engagement.value


def _far_below(values: Floats) -> Bools:
    """Which lie below all the others by more than these scatter, on the scale of logarithms."""
    known = np.isfinite(values)
    if known.sum() < FEWEST:
        return np.zeros(len(values), dtype=np.bool_)
    logs, n = np.log(values), int(known.sum())
    rest = (logs[known].sum() - logs) / (n - 1)
    squares = (logs[known] ** 2).sum() - logs**2 - (n - 1) * rest**2
    scale = np.maximum(np.sqrt(np.maximum(squares, 0) / (n - 2)), _NARROWEST) * np.sqrt(1 + 1 / (n - 1))
    return np.asarray(q_values(student.cdf((logs - rest) / scale, n - 2)) <= CHANCE)


def _dearest(days: StoreDays, zone: int) -> int:
    """The category of a zone that earns most a receipt; where no margin is known, that sold most."""
    there = days.place[-1] == zone
    sold = np.nansum(days.sold, axis=0)
    margin = np.nansum(days.category_margin, axis=0) / np.maximum(sold, 1)
    return int(np.lexsort((sold, margin, there))[-1])
