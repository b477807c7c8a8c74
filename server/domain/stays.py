"""What visits to a zone were like: checked mean stay, engagement, bounce, returns, stops."""

from dataclasses import dataclass
from math import exp
from typing import Literal

import numpy as np

from server.domain.intervals import Z95, Estimate, Share, wilson
from server.domain.survival import Floats, Survival

BOUNCE_S = 3.0
AGREE_WITHIN = 1.25
"""The two means may differ by this factor, up or down, before it is called a disagreement."""

Verdict = Literal["agree", "tracks_begin_inside", "entries_counted_twice", "unsure"]


@dataclass(frozen=True, slots=True)
class Check:
    """Presence per entry over the Kaplan-Meier mean: two ways to the same mean stay that fail differently.

    Broken tracks shorten neither if they break at random. Presence per entry is too long where entries are missed
    (tracks begin inside the zone), and too short where one person enters several times (the track jumps over the edge).
    """

    per_entry_s: float
    ratio: Estimate
    verdict: Verdict
    """By the ratio's interval: wholly above AGREE_WITHIN, wholly below 1/AGREE_WITHIN, wholly between, or unsure."""

    @property
    def alarm(self) -> bool:
        """The two disagree beyond chance."""
        return self.verdict in {"tracks_begin_inside", "entries_counted_twice"}


def check_mean(curve: Survival, *, presence_s: float, entries: int) -> Check | None:
    """Hold the mean stay against presence per entry; None without entries, presence or anyone seen to leave.

    Args:
        curve: stays of the zone; its whole mean is taken, because presence is not cut either.
        presence_s: person-seconds inside over the same period.
        entries: visits that began by coming in.
    """
    whole = curve.mean(float(curve.t_s[-1]))
    if not entries or presence_s <= 0 or whole.value_s <= 0 or curve.lost >= curve.n:
        return None
    per_entry_s = presence_s / entries
    ratio = per_entry_s / whole.value_s
    spread = exp(Z95 * ((whole.error_s / whole.value_s) ** 2 + _squared_variation(curve) / entries) ** 0.5)
    estimate = Estimate(ratio, ratio / spread, ratio * spread)
    return Check(per_entry_s, estimate, _verdict(estimate))


def _squared_variation(curve: Survival) -> float:
    """Variance over squared mean of one stay."""
    mean = curve.mean(float(curve.t_s[-1])).value_s
    square = 2 * float(np.trapezoid(curve.t_s * curve.share, curve.t_s))
    return max(square / mean**2 - 1, 0.0)


def _verdict(ratio: Estimate) -> Verdict:
    if ratio.low > AGREE_WITHIN:
        return "tracks_begin_inside"
    if ratio.high < 1 / AGREE_WITHIN:
        return "entries_counted_twice"
    return "agree" if ratio.low >= 1 / AGREE_WITHIN and ratio.high <= AGREE_WITHIN else "unsure"


def naive_mean_s(*, dwell_sum_s: float, visits: int) -> float | None:
    """Mean of the pieces as they were tracked: too short when tracks break. Shown beside the others, never alone."""
    return dwell_sum_s / visits if visits else None


def broken_share(dwell: Floats) -> Share | None:
    """Share of the pieces that ended by being lost.

    Args:
        dwell: (4, bins) as for `survival`.
    """
    lost = round(float(dwell[1].sum() + dwell[3].sum()))
    return wilson(lost, round(float(dwell.sum())))


def engagement(curve: Survival, *, engaged_s: float) -> Share | None:
    """Share of the visits that last `engaged_s` or longer (Kaplan-Meier)."""
    return curve.staying(engaged_s)


def bounce(curve: Survival) -> Share | None:
    """Share of the visits that end within BOUNCE_S (Kaplan-Meier)."""
    staying = curve.staying(BOUNCE_S)
    return staying.complement() if staying else None


def returning(*, reentries: int, entries: int) -> Share | None:
    """Share of the entries by someone who had just been inside, as far as one track tells."""
    return _part(reentries, entries)


def stopping(*, stops: int, visits: int) -> Share | None:
    """Share of those who pass that stop; times 100 it is stops per 100 who pass."""
    return _part(stops, visits)


def _part(k: int, n: int) -> Share | None:
    """Parts are counted as they happen and wholes when they end, so that a window's end can leave more of the first."""
    return wilson(k, max(k, n))
