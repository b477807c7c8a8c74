"""What moved the takings: entrants, conversion, units a receipt, price a unit; parts that add up to the change exactly.

Takings are the product of the factors, so their change is divided by the logarithmic mean Divisia index (additive
LMDI-I: Ang, Energy Policy 32 (2004) 1131-1139; formulas in Ang, Energy Policy 33 (2005) 867-871): factor x contributes
L(T1, T0) ln(x1/x0), where L(a, b) = (a - b)/ln(a/b) is the logarithmic mean. Nothing is left over, no order of the
factors matters, and a factor that did not move contributes nothing.

Days are matched: each with one of the same weekday of the other period, in order. The intervals come from drawing
these pairs again and again (percentile bootstrap), widened for few days as Hesterberg (The American Statistician 69
(2015) 371-386, section 5.2) has it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import norm
from scipy.stats import t as student

from server.domain.intervals import Estimate
from server.domain.store_days import StoreDays

PAIRS_NEEDED = 5
"""Pairs of days without which no interval is given."""
DRAWS = 4000
KNOWN_ON = 0.5
"""Entrants and units make factors where they are known on so large a share of the days with receipts."""

Factor = Literal["takings", "entrants", "conversion", "receipts", "basket", "units", "price"]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_NAMES: dict[tuple[str, ...], Factor] = {
    ("entrants",): "entrants",
    ("receipts",): "receipts",
    ("entrants", "receipts"): "conversion",
    ("receipts", "units"): "units",
    ("receipts", "gross"): "basket",
    ("units", "gross"): "price",
}
"""What the first sum of a chain is called as a factor, and each sum over the one before it."""
_TINY = 1e-9
"""In the place of nought, which has no logarithm (Ang & Liu, Energy Policy 35 (2007) 238-246)."""


@dataclass(frozen=True, slots=True)
class Part:
    """One factor: its value in both periods and what it contributed, in the currency's unit over the matched days.

    `takings` are the product of all; `entrants` and `receipts` are counts; `conversion` is receipts over entrants;
    `basket` takings over receipts; `units` pieces or kilograms a receipt; `price` takings a unit.
    """

    factor: Factor
    before: float
    now: float
    effect: float
    interval: Estimate | None
    """Of the effect, 95 %; None with fewer than PAIRS_NEEDED pairs."""

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out nought."""
        return self.interval is not None and not self.interval.low <= 0 <= self.interval.high


@dataclass(frozen=True, slots=True)
class Takings:
    """The takings of two periods over matched days, and what the change is made of.

    Where units are not known the basket is a part, where entrants are not counted receipts are.
    """

    pairs: int
    left_out: int
    """Open days of the period that were not measured whole or had no like day to be held against."""
    change: Part
    parts: tuple[Part, ...]
    """Their effects add up to that of the change."""
    basket: Part | None
    """Units and price together, where they are parts."""

    @property
    def main(self) -> Part | None:
        """The part that moved the takings most, among those that clearly did."""
        return max((part for part in self.parts if part.clear), key=lambda part: abs(part.effect), default=None)


def takings(now: StoreDays, before: StoreDays, *, rng: np.random.Generator) -> Takings | None:
    """Hold the takings of one period against another's; None without a pair of days, or where nothing was sold.

    Args:
        now: the period asked about.
        before: what it is held against.
        rng: draws the days; the same seed gives the same intervals.
    """
    chain = _chain(_sums(now), _sums(before))
    later, earlier = _matched(now, before, chain)
    if not len(later) or (later.sum(axis=0) <= 0).any() or (earlier.sum(axis=0) <= 0).any():
        return None
    held = _Held(later.sum(axis=0), earlier.sum(axis=0), len(later), _drawn(later, earlier, rng))
    k = len(chain)
    return Takings(
        pairs=len(later),
        left_out=int((~now.closed).sum()) - len(later),
        change=held.part("takings", 0, k - 1),
        parts=tuple(held.part(_NAMES[chain[max(i - 1, 0) : i + 1]], i, i) for i in range(k)),
        basket=held.part("basket", k - 2, k - 1) if "units" in chain else None,
    )


def _sums(days: StoreDays) -> dict[str, Floats]:
    """What the factors are made of, (d,) each; nan on days that were closed."""
    units = np.nansum(days.quantity, axis=1)
    told = np.where(units > 0, units, np.nan)
    sums = {"entrants": days.entrants, "receipts": days.receipts, "units": told, "gross": days.gross}
    return {name: np.where(days.closed, np.nan, of_day) for name, of_day in sums.items()}


def _chain(*periods: dict[str, Floats]) -> tuple[str, ...]:
    """The sums in order, from who came in to the takings; those that are hardly known in a period are left out."""

    def known(name: str) -> bool:
        days = [(np.isfinite(sums[name]).sum(), np.isfinite(sums["receipts"]).sum()) for sums in periods]
        return all(n >= KNOWN_ON * max(of, 1) for n, of in days)

    return (*(["entrants"] if known("entrants") else []), "receipts", *(["units"] if known("units") else []), "gross")


def _matched(now: StoreDays, before: StoreDays, chain: Sequence[str]) -> tuple[Floats, Floats]:
    """(pairs, chain) of each: whole days of the same weekday, the first with the first."""
    tables = [np.stack([_sums(days)[name] for name in chain], axis=1) for days in (now, before)]
    pairs: list[tuple[int, int]] = []
    for weekday in range(7):
        rows = [
            np.flatnonzero((days.weekday == weekday) & np.isfinite(table).all(axis=1))
            for days, table in zip((now, before), tables, strict=True)
        ]
        pairs += zip(*rows, strict=False)
    chosen = np.array(pairs, np.int64).reshape(-1, 2)
    return tables[0][chosen[:, 0]], tables[1][chosen[:, 1]]


def _drawn(later: Floats, earlier: Floats, rng: np.random.Generator) -> Floats | None:
    """(DRAWS, chain) effects of the factors when the pairs of days are drawn anew."""
    n = len(later)
    if n < PAIRS_NEEDED:
        return None
    times = rng.multinomial(n, np.full(n, 1 / n), size=DRAWS).astype(np.float64)
    return effects(times @ later, times @ earlier)


def effects(now: Floats, before: Floats) -> Floats:
    """(n, k) what each factor contributed to the change of the last sum, which is their product.

    Args:
        now: (n, k) sums; the first factor is the first sum, each other one a sum over the one before it.
        before: (n, k).
    """
    logs = [np.log(np.maximum(sums, _TINY)) for sums in (now, before)]
    later, earlier = (np.diff(log, axis=1, prepend=0.0) for log in logs)
    result: Floats = _logarithmic_mean(now[:, -1:], before[:, -1:]) * (later - earlier)
    return result


def _logarithmic_mean(a: Floats, b: Floats) -> Floats:
    a, b = np.maximum(a, _TINY), np.maximum(b, _TINY)
    ratio = np.log(a / b)
    result: Floats = b * np.where(ratio == 0, 1.0, np.expm1(ratio) / np.where(ratio == 0, 1.0, ratio))
    return result


@dataclass(frozen=True, slots=True)
class _Held:
    """The sums of both periods, (chain,) each, and what the factors contributed when the days were drawn anew."""

    now: Floats
    before: Floats
    pairs: int
    drawn: Floats | None

    def part(self, factor: Factor, first: int, last: int) -> Part:
        """The factors from `first` to `last`, both with, taken together."""
        before, now = (float(sums[last] / (sums[first - 1] if first else 1.0)) for sums in (self.before, self.now))
        effect = float(effects(self.now[None], self.before[None])[0, first : last + 1].sum())
        return Part(factor, before, now, effect, self._interval(effect, first, last))

    def _interval(self, effect: float, first: int, last: int) -> Estimate | None:
        if self.drawn is None:
            return None
        n = self.pairs
        tail = float(norm.cdf(-np.sqrt(n / (n - 1)) * student.isf(0.025, n - 1)))
        summed = self.drawn[:, first : last + 1].sum(axis=1)
        low, high = np.quantile(summed, (tail, 1 - tail))
        return Estimate(effect, float(low), float(high))
