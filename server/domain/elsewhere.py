"""What of a store's change happened in other stores as well: a synthetic control, and how far it is to be believed.

`control` says how the store would have gone on. Its placebos take a large step some weeks before the day for errors
with a long memory; so the days before are also asked whether the store had parted from the others (`breaks`): an
earlier step must not be given to a later day. Of simulated chains with a rise in all stores, 1 in 20 is told apart, as
a 95 % interval does.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from server.domain.advice import Evidence
from server.domain.breaks import find_breaks
from server.domain.control import compared
from server.domain.intervals import Estimate
from server.domain.store_days import Bools, Floats, Ints


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Changes as shares of the mean day before: 0.05 is 5 % more."""

    here: float
    elsewhere: float
    """What the other stores' change would have made of it here."""
    beyond: Estimate
    evidence: Evidence
    """`estimated` where all checks hold and a placebo could be made, else `associated`."""
    checks: Mapping[str, bool]
    """Those of `control`, and `pre_trend`: the store had not parted from the others before."""


def beside_others(
    values: Floats, others: Floats, after: Bools, *, day: Ints, told: Bools, rng: np.random.Generator
) -> Elsewhere | None:
    """Hold a store's figure (d,) against that of others (d, j); None with too few days.

    Args:
        values: nan where it is not known.
        others: of stores in which nothing was changed.
        after: (d,) the days from the change on.
        day: (d,) ordinals.
        told: (d,) days to count with.
        rng: draws the orders of weeks by which a step is told from chance.
    """
    found = compared(values, others, after, day=day, told=told)
    if found is None:
        return None
    earlier = np.isfinite(found.without) & ~after
    before = float(values[earlier].mean())
    ratio = np.where(earlier, values / found.without, np.nan)
    checks = {**found.checks, "pre_trend": not find_breaks({"ratio": ratio}, day, ~earlier, rng=rng)}
    return Elsewhere(
        here=found.change / before,
        elsewhere=found.elsewhere / before,
        beyond=Estimate(*(bound / before for bound in (found.effect.value, found.effect.low, found.effect.high))),
        evidence="estimated" if "placebo" in checks and all(checks.values()) else "associated",
        checks=checks,
    )
