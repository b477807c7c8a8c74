"""Was it the programme or something else? Receipts with a card beside those without, over the same days.

Traffic, weather and holidays fall on both alike; what the programme does shows in the difference of their changes
(difference in differences: Angrist & Pischke, Mostly Harmless Econometrics, ch. 5). Days are matched by weekday and
compared by log ratio; days that hang together weigh as fewer (effective number under lag-1 correlation: Bayley &
Hammersley 1946). It tells what goes together: who takes a card is another than who does not.
"""

from dataclasses import dataclass
from math import exp, sqrt

import numpy as np
from scipy.stats import t as student

from server.domain.intervals import Estimate
from server.domain.store_days import Bools, Floats, Ints

FEWEST = 14
"""Matched days."""


@dataclass(frozen=True, slots=True)
class ProgrammeEffect:
    """Changes from one span to the next, as shares: 0.05 is 5 % more."""

    with_card: Estimate
    without: Estimate
    difference: Estimate
    """Of receipts with a card beyond what those without changed: the ratio of both, less one."""
    days: int
    """Matched."""


def programme_effect(*, day: Ints, card: Floats, other: Floats, left_out: Bools, since: int) -> ProgrammeEffect | None:
    """The days from ordinal `since` on against as many before; None with fewer than FEWEST matched days.

    Args:
        day: ordinals (d,), in a row.
        card: receipts with a card (d,); nan where not known.
        other: receipts without one (d,).
        left_out: days (d,) that are not held against others: closed, special.
        since: a day that begins the later span; whole weeks before it are the earlier one.
    """
    good = ~left_out & (card > 0) & (other > 0)
    later = np.flatnonzero(good & (day >= since))
    back = 7 * int(np.ceil((day[-1] - since + 1) / 7))
    earlier = later - back
    kept = (earlier >= 0) & good[np.maximum(earlier, 0)]
    later, earlier = later[kept], earlier[kept]
    if len(later) < FEWEST:
        return None
    moved, others = np.log(card[later] / card[earlier]), np.log(other[later] / other[earlier])
    return ProgrammeEffect(_change(moved), _change(others), _change(moved - others), len(later))


def _change(logs: Floats) -> Estimate:
    n, rest = len(logs), logs - logs.mean()
    power = float(rest @ rest)
    alike = float(np.clip(rest[1:] @ rest[:-1] / power, 0.0, 0.9)) if power > 0 else 0.0
    effective = max(n * (1 - alike) / (1 + alike), 2.0)
    half = float(student.ppf(0.975, effective - 1)) * sqrt(power / max(n - 1, 1) / effective)
    middle = float(logs.mean())
    return Estimate(exp(middle) - 1, exp(middle - half) - 1, exp(middle + half) - 1)
