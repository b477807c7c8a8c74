"""How long people stay, from binned dwell tables that add up over windows and cameras.

The life-table form of Kaplan and Meier, 1958. A visit whose track was lost inside is censored: it says "at least so
long". Within a bin, leaving and losing are taken to compete at a constant ratio (Chiang 1968): of n who enter a bin and
s who outlast it, d having left and c been lost, the hazard is d/(d+c) of what Nelson and Aalen's estimator would sum up
over all orders in which they may have gone, 1/n + ... + 1/(s+1). The usual correction, half a bin for each loss, is far
off in wide bins with many losses. Where none is lost it is s/n, as ever.

Left truncation: who was already inside when first seen (rows `late_left`, `late_lost`) has been there for an unknown
time. Such a visit can enter neither the curve nor the number at risk, because its bin tells the time since it was first
seen and not since it began; it is left out. Most are later pieces of broken tracks, whose first piece is in.

Variance: Greenwood's, for this estimator. Intervals of shares on the log(-log S) scale, which keeps them within 0..1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import digamma, polygamma

from server.domain.intervals import Z95, Share

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mean:
    """Mean stay with every stay cut at `up_to_s`, and its 95 % interval; seconds."""

    value_s: float
    low_s: float
    high_s: float
    up_to_s: float
    error_s: float
    """Standard error of the value."""


@dataclass(frozen=True, slots=True)
class Survival:
    """The share still inside at each of `t_s`; `t_s[0]` is 0 and `share[0]` is 1. Arrays f64 (k,)."""

    t_s: Floats
    share: Floats
    low: Floats
    high: Floats
    variances: Floats
    """(k-1,) of the logarithm of the share of a bin's entrants that outlasts it."""
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

    def staying(self, at_least_s: float) -> Share | None:
        """The share that stays so long or longer; None without visits, and beyond the longest one if it was lost."""
        if not self.n or (at_least_s > self.t_s[-1] and self.share[-1] > 0):
            return None
        value, low, high = (float(np.interp(at_least_s, self.t_s, c)) for c in (self.share, self.low, self.high))
        return Share(value, low, high, self.n)

    def mean_s(self, up_to_s: float) -> float:
        """Mean stay with every stay cut at `up_to_s`; 0 without visits."""
        return self.mean(up_to_s).value_s

    def mean(self, up_to_s: float) -> Mean:
        """The area under the curve up to `up_to_s` (restricted mean) and how sure it is.

        Between edges the curve falls exponentially, linearly only where it falls to 0. Where the longest visit was
        lost, the curve is not drawn on beyond it: it counts as ended (Efron 1967). Variance: Greenwood's for an area,
        with Kaplan and Meier's correction m/(m-1) for m seen to leave; the interval is drawn on the logit scale of the
        mean over `up_to_s`, which it cannot leave.
        """
        t_s, share = _until(self.t_s, self.share, up_to_s)
        width, outlast = np.diff(t_s), share[1:] / np.maximum(share[:-1], 1e-300)
        area = share[:-1] * width * _mean_share(outlast)
        beyond = area.sum() - np.cumsum(area)
        slope = beyond + share[:-1] * width * _mean_share_slope(outlast)
        seen_to_leave = self.n - self.lost
        variance = (slope**2 * self.variances[: slope.size]).sum() * seen_to_leave / max(seen_to_leave - 1, 1)
        return _mean_of(float(area.sum()), float(np.sqrt(variance)), up_to_s)


def _mean_of(value_s: float, error_s: float, up_to_s: float) -> Mean:
    left_s = up_to_s - value_s
    if value_s <= 0 or left_s <= 0:
        return Mean(value_s, value_s, value_s, up_to_s, error_s)
    spread = float(np.exp(min(Z95 * error_s * up_to_s / (value_s * left_s), 50.0)))
    low, high = (value_s * part / (value_s * part + left_s) * up_to_s for part in (1 / spread, spread))
    return Mean(value_s, low, high, up_to_s, error_s)


def survival(dwell: Floats, edges_s: Sequence[float]) -> Survival:
    """The curve of one zone.

    Args:
        dwell: (4, bins) counts, rows `left`, `lost`, `late_left`, `late_lost` as in the contract's DwellTable.
        edges_s: (bins,) left edges of the bins in seconds; the last bin is open and ends the curve.
    """
    left, lost = dwell[0], dwell[1]
    n = float(left.sum() + lost.sum())
    entering = n - np.concatenate([[0.0], np.cumsum(left + lost)[:-1]])
    hazard, variance = (values[:-1] for values in _hazard(entering, left, lost))
    share = np.concatenate([[1.0], np.exp(-np.cumsum(hazard))])
    low, high = _interval(share, np.concatenate([[0.0], np.cumsum(variance)]))
    last = int(np.count_nonzero(entering > 0))  # bins after the last visit say nothing
    ends = max(min(last + 1, len(edges_s)), 1)
    t_s = np.asarray(edges_s, dtype=np.float64)[:ends]
    curves = (share[:ends], low[:ends], high[:ends], variance[: ends - 1])
    return Survival(t_s, *curves, round(n), round(float(lost.sum())))


def staying_shares(dwell: Floats, edges_s: Sequence[float], at_least_s: Floats) -> Floats:
    """Of many tables at once, the share that stays so long or longer, as `survival(...).staying(...)` would say it.

    Args:
        dwell: (n, 4, bins) as for `survival`.
        edges_s: (bins,) as for `survival`.
        at_least_s: (n,) seconds, of each table.

    Returns:
        (n,); nan without visits, and beyond the longest one if it was lost.
    """
    left, lost = dwell[:, 0], dwell[:, 1]
    gone = left + lost
    entering = np.cumsum(gone[:, ::-1], axis=1)[:, ::-1]
    hazard = _leaving(entering, left, lost)[:, :-1]
    share = np.exp(-np.cumsum(np.pad(hazard, ((0, 0), (1, 0))), axis=1))
    edges = np.asarray(edges_s, dtype=np.float64)
    ends = np.minimum(np.count_nonzero(entering > 0, axis=1), len(edges) - 1)
    beyond = (at_least_s > edges[ends]) & (share[:, -1] > 0)
    i = np.clip(np.searchsorted(edges, at_least_s, side="right") - 1, 0, len(edges) - 2)
    part = np.clip((at_least_s - edges[i]) / (edges[i + 1] - edges[i]), 0, 1)
    row = np.arange(len(share))
    result: Floats = share[row, i] * (1 - part) + share[row, i + 1] * part
    return np.where(beyond | (entering[:, 0] == 0), np.nan, result)


def _hazard(entering: Floats, left: Floats, lost: Floats) -> tuple[Floats, Floats]:
    """Of each bin, -log of the share of its entrants that outlasts it, and that logarithm's variance."""
    gone = left + lost
    outlast = entering - gone
    leaving = left / np.maximum(gone, 1)
    total = digamma(entering + 1) - digamma(outlast + 1)
    spread = polygamma(1, outlast + 1) - polygamma(1, entering + 1)
    variance = leaving**2 * spread + total**2 * leaving * (1 - leaving) / np.maximum(gone, 1)
    return _leaving(entering, left, lost), variance


def _leaving(entering: Floats, left: Floats, lost: Floats) -> Floats:
    """Of each bin, -log of the share of its entrants that outlasts it."""
    outlast = entering - left - lost
    total = digamma(entering + 1) - digamma(outlast + 1)
    whole = (lost == 0) & (left > 0)
    with np.errstate(divide="ignore"):
        exact = np.log(np.where(whole, entering, 1) / np.where(whole, outlast, 1))
    result: Floats = np.where(whole, exact, left / np.maximum(left + lost, 1) * total)
    return result


def _interval(share: Floats, variance: Floats) -> tuple[Floats, Floats]:
    inner = (share > 0) & (share < 1)
    log_s = np.where(inner, np.log(np.where(inner, share, 0.5)), -1.0)
    spread = np.exp(Z95 * np.sqrt(variance) / np.abs(log_s))
    return np.where(inner, share**spread, share), np.where(inner, share ** (1 / spread), share)


def _until(t_s: Floats, share: Floats, up_to_s: float) -> tuple[Floats, Floats]:
    if up_to_s >= t_s[-1]:
        return t_s, share
    i = int(np.searchsorted(t_s, up_to_s))
    part = (up_to_s - t_s[i - 1]) / (t_s[i] - t_s[i - 1])
    cut = share[i - 1] * (share[i] / share[i - 1]) ** part if share[i] > 0 else share[i - 1] * (1 - part)
    return np.append(t_s[:i], up_to_s), np.append(share[:i], cut)


def _mean_share(outlast: Floats) -> Floats:
    """The mean height over a bin of a curve that falls from 1 to `outlast`."""
    inner = (outlast > 0) & (outlast < 1 - 1e-9)
    p = np.where(inner, outlast, 0.5)
    return np.where(inner, (p - 1) / np.log(p), (1 + outlast) / 2)


def _mean_share_slope(outlast: Floats) -> Floats:
    """Its derivative by the logarithm of `outlast`."""
    inner = (outlast > 0) & (outlast < 1 - 1e-6)
    p = np.where(inner, outlast, 0.5)
    return np.where(inner, (p * np.log(p) - (p - 1)) / np.log(p) ** 2, outlast / 2)


def _crossing(t_s: Floats, share: Floats, level: float) -> float | None:
    below = np.flatnonzero(share <= level)
    if not below.size:
        return None
    i = int(below[0])
    if i == 0 or share[i - 1] == share[i]:
        return float(t_s[i])
    part = (share[i - 1] - level) / (share[i - 1] - share[i])
    return float(t_s[i - 1] + part * (t_s[i] - t_s[i - 1]))
