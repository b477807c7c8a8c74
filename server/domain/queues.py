"""Queues: how many wait, how long, and whether the two agree."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from server.domain.intervals import Z95, Estimate
from server.domain.stays import Check, check_mean
from server.domain.survival import Mean, Survival


@dataclass(frozen=True, slots=True)
class Queue:
    """A zone of kind `queue` over a period."""

    length: Estimate
    """People in the queue on average, over the observed time."""
    wait_median_s: float | None
    wait_mean: Mean
    arrivals_per_h: float
    little: Check | None
    """Little's law, L = arrival rate times wait: its ratio is 1, or one of the three is measured wrong."""


def queue(curve: Survival, *, presence_s: float, entries: int, observed_s: float, up_to_s: float) -> Queue | None:
    """What the waiting was like; None where nothing was observed.

    L is presence / observed time and the arrival rate entries / observed time, so L / (rate W) is presence per entry
    over W: the observed time cancels, and the check is the same as the one of the mean stay (Little 1961).

    Args:
        curve: stays in the zone; the wait.
        presence_s: person-seconds inside.
        entries: visits that began by coming in.
        observed_s: seconds the zone was watched.
        up_to_s: waits are cut there for the mean.
    """
    if observed_s <= 0:
        return None
    return Queue(
        length=_length(curve, presence_s, entries, observed_s),
        wait_median_s=curve.median_s(),
        wait_mean=curve.mean(up_to_s),
        arrivals_per_h=entries / observed_s * 3600,
        little=check_mean(curve, presence_s=presence_s, entries=entries),
    )


def _length(curve: Survival, presence_s: float, entries: int, observed_s: float) -> Estimate:
    """Presence is a sum of stays of random number: its variance is n times the mean square stay (compound Poisson)."""
    mean_square = 2 * float(np.trapezoid(curve.t_s * curve.share, curve.t_s))
    half = Z95 * sqrt(entries * mean_square)
    return Estimate(presence_s / observed_s, max(presence_s - half, 0.0) / observed_s, (presence_s + half) / observed_s)
