"""How long people stay, from binned dwell tables that add up over windows and cameras.

The actuarial (life-table) form of Kaplan and Meier, 1958: a visit whose track was lost inside is censored and counts
as at risk for half of its bin; visits already inside when first seen are left out, because their beginning is unknown.
Intervals: Greenwood's variance on the log(-log S) scale, which keeps them within 0..1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Z95 = 1.959964
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Survival:
    """The share still inside at each of `t_s`; `t_s[0]` is 0 and `share[0]` is 1. All arrays f64 (k,)."""

    t_s: Floats
    share: Floats
    low: Floats
    high: Floats
    n: int
    """Visits with a known beginning."""
    lost: int
    """Of these, how many broke off inside."""

    def quantile_s(self, left: float) -> float | None:
        """Seconds after which the share `left` has gone; None when the table ends before that."""
        return _crossing(self.t_s, self.share, 1 - left)

    def median_s(self) -> float | None:
        """Half have left after so many seconds."""
        return self.quantile_s(0.5)

    def median_interval_s(self) -> tuple[float | None, float | None]:
        """95 % interval of the median; None where the bound's curve never comes down to one half."""
        return _crossing(self.t_s, self.low, 0.5), _crossing(self.t_s, self.high, 0.5)

    def mean_s(self, up_to_s: float) -> float:
        """Mean dwell with every stay cut at `up_to_s` (restricted mean: the area under the curve).

        Where the longest visit was lost, the curve is not drawn on beyond it: it counts as ended (Efron 1967).
        """
        end_s = min(up_to_s, self.t_s[-1])
        t = np.append(self.t_s[self.t_s < end_s], end_s)
        return float(np.trapezoid(np.interp(t, self.t_s, self.share), t))


def survival(dwell: Floats, edges_s: Sequence[float]) -> Survival:
    """The curve of one zone.

    Args:
        dwell: (4, bins) counts, rows `left`, `lost`, `late_left`, `late_lost` as in the contract's DwellTable.
        edges_s: (bins,) left edges of the bins in seconds; the last bin is open and ends the curve.
    """
    left, lost = dwell[0], dwell[1]
    n = float(left.sum() + lost.sum())
    entering = n - np.concatenate([[0.0], np.cumsum(left + lost)[:-1]])
    at_risk = np.maximum(entering - lost / 2, 1e-12)
    known = entering > 0
    hazard = np.where(known, np.minimum(left / at_risk, 1.0), 0.0)[:-1]
    share = np.concatenate([[1.0], np.cumprod(1 - hazard)])
    low, high = _interval(share, left[:-1], at_risk[:-1])
    last = int(np.count_nonzero(known))  # bins after the last visit say nothing
    keep = slice(0, max(min(last + 1, len(edges_s)), 1))
    t_s = np.asarray(edges_s, dtype=np.float64)
    return Survival(t_s[keep], share[keep], low[keep], high[keep], round(n), round(float(lost.sum())))


def _interval(share: Floats, left: Floats, at_risk: Floats) -> tuple[Floats, Floats]:
    staying = at_risk - left
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.concatenate([[0.0], np.cumsum(np.where(staying > 0, left / (at_risk * staying), 0.0))])
        inner = (share > 0) & (share < 1)
        log_s = np.where(inner, np.log(np.where(inner, share, 0.5)), -1.0)
        spread = np.exp(Z95 * np.sqrt(variance) / np.abs(log_s))
        low, high = share**spread, share ** (1 / spread)
    return np.where(inner, low, share), np.where(inner, high, share)


def _crossing(t_s: Floats, share: Floats, level: float) -> float | None:
    below = np.flatnonzero(share <= level)
    if not below.size:
        return None
    i = int(below[0])
    if i == 0 or share[i - 1] == share[i]:
        return float(t_s[i])
    part = (share[i - 1] - level) / (share[i - 1] - share[i])
    return float(t_s[i - 1] + part * (t_s[i] - t_s[i - 1]))
