"""What a test of a change would take: how many days until an effect of what size is seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np

from server.domain.store_days import Bools, Floats, Ints, StoreDays

Design = Literal["before_after", "against_stores"]

LENGTHS = (14, 21, 28, 42, 56)
"""Days on each side: whole weeks, so that each weekday weighs the same."""
USUAL = 28
FEWEST_DAYS = 28
"""Days of the past that a spread is taken from; with fewer nothing is said."""
POWER = 1.959964 + 0.841621
"""Standard errors that an effect must measure to be seen 8 times in 10 by a two-sided test at 5 %."""
STORES_MOST = 3
CLOSER = 0.9
"""Other stores are worth their trouble where they leave less than this of the spread."""


@dataclass(frozen=True, slots=True)
class Length:
    """A test of `days` before and as many after sees `sees` of margin a week or more, 8 times in 10."""

    days: int
    sees: float


@dataclass(frozen=True, slots=True)
class Trial:
    """A test, and what longer or shorter ones would see."""

    design: Design
    stores: tuple[str, ...]
    """Compared with; empty before and after."""
    categories: tuple[str, ...]
    """Whose margin it is judged on."""
    zones: tuple[str, ...]
    """Whose stops are looked at as well."""
    days: int
    """Each side, as advised: the shortest that sees what is promised."""
    lengths: tuple[Length, ...]
    """Shortest first."""

    @property
    def sees(self) -> float:
        """Of the length advised."""
        return next(length.sees for length in self.lengths if length.days == self.days)


@dataclass(frozen=True, slots=True)
class Spread:
    """How a day's margin scatters about its weekday and trend."""

    sd: float
    """Of one day."""
    carried: float
    """Correlation of a day with the one before, 0 to 0.9."""

    def seen(self, days: int) -> float:
        """The effect a week that a test of `days` before and after sees, 8 times in 10.

        The standard error of a difference of two means, widened for days that go together as an autoregressive
        series of order one does (Bence 1995, Ecology 76:628).
        """
        widened = (1 + self.carried) / (1 - self.carried)
        return 7 * POWER * self.sd * sqrt(widened * 2 / days)


def plan_trial(
    own: StoreDays,
    others: Sequence[StoreDays],
    *,
    categories: Sequence[str],
    zones: Sequence[str],
    promised: float | None,
) -> Trial | None:
    """The cheapest sound test of a change of `categories`; None while there is too little to know the spread.

    Args:
        own: the store; its newest days tell how margins scatter.
        others: stores that could be compared with.
        categories: whose margin it is judged on; those that are not sold here are passed over.
        zones: whose stops are looked at.
        promised: the effect a week that is to be seen; None takes the usual length.
    """
    known = tuple(category for category in categories if category in own.categories)
    rest = residuals(margin_of(own, known), own) if known else np.empty(0)
    if np.isfinite(rest).sum() < FEWEST_DAYS:
        return None
    alone = spread(rest)
    stores, beside = _beside(own, rest, others, known)
    design: Design = "against_stores" if stores and beside.sd < CLOSER * alone.sd else "before_after"
    chosen = beside if design == "against_stores" else alone
    lengths = tuple(Length(days, chosen.seen(days)) for days in LENGTHS)
    return Trial(
        design=design,
        stores=stores if design == "against_stores" else (),
        categories=known,
        zones=tuple(zones),
        days=_shortest(lengths, promised),
        lengths=lengths,
    )


def margin_of(days: StoreDays, categories: Sequence[str]) -> Floats:
    """(d,) margin of some categories together; nan on days when one of them is not known."""
    columns = [days.categories.index(category) for category in categories]
    return np.asarray(days.category_margin[:, columns].sum(axis=1), np.float64)


def ordinary(days: StoreDays) -> Bools:
    """(d,) days that are like others: open, and no holiday."""
    return np.asarray(~days.closed & ~days.special)


def residuals(series: Floats, days: StoreDays) -> Floats:
    """(d,) what weekday and a straight trend leave of a series; nan on days that are not like others."""
    usable = ordinary(days) & np.isfinite(series)
    rest = np.full(len(series), np.nan)
    if usable.sum() < FEWEST_DAYS:
        return rest
    design = _weekday_and_trend(days.day, days.weekday)
    weights, *_ = np.linalg.lstsq(design[usable], series[usable], rcond=None)
    rest[usable] = series[usable] - design[usable] @ weights
    return rest


def spread(rest: Floats) -> Spread:
    """Of residuals; those of eight or more parameters fitted, so one for each is taken off."""
    known = rest[np.isfinite(rest)]
    sd = float(np.sqrt((known**2).sum() / max(len(known) - 8, 1)))
    pairs = np.isfinite(rest[1:]) & np.isfinite(rest[:-1])
    before, after = rest[:-1][pairs], rest[1:][pairs]
    together = float((before * after).sum() / max((before**2).sum(), 1e-12))
    return Spread(sd, min(max(together, 0.0), 0.9))


def _weekday_and_trend(day: Ints, weekday: Ints) -> Floats:
    trend = (day - day.mean()) / 7.0
    return np.column_stack([weekday[:, None] == np.arange(7), trend]).astype(np.float64)


def _beside(
    own: StoreDays, rest: Floats, others: Sequence[StoreDays], categories: Sequence[str]
) -> tuple[tuple[str, ...], Spread]:
    """The stores that go most together with this one, and what they leave of its spread."""
    along = {other.site: found for other in others if (found := _along(own, other, categories)) is not None}
    ranked = sorted(along, key=lambda site: -_together(rest, along[site]))[:STORES_MOST]
    chosen = tuple(site for site in ranked if _together(rest, along[site]) > 0)
    if not chosen:
        return (), spread(rest)
    columns = np.column_stack([along[site] for site in chosen])
    usable = np.isfinite(rest) & np.isfinite(columns).all(axis=1)
    if usable.sum() < FEWEST_DAYS:
        return (), spread(rest)
    weights, *_ = np.linalg.lstsq(columns[usable], rest[usable], rcond=None)
    left = np.full(len(rest), np.nan)
    left[usable] = rest[usable] - columns[usable] @ weights
    return chosen, spread(left)


def _along(own: StoreDays, other: StoreDays, categories: Sequence[str]) -> Floats | None:
    """(d,) the other store's residuals of the same categories on this store's days; None where it sells none."""
    known = [category for category in categories if category in other.categories]
    if not known or len(known) < len(categories):
        return None
    rest = residuals(margin_of(other, known), other)
    found: Mapping[int, float] = dict(zip(other.day.tolist(), rest.tolist(), strict=True))
    return np.array([found.get(day, np.nan) for day in own.day.tolist()])


def _together(rest: Floats, other: Floats) -> float:
    """Correlation of the days both know; 0 with too few of them."""
    both = np.isfinite(rest) & np.isfinite(other)
    if both.sum() < FEWEST_DAYS:
        return 0.0
    return float(np.corrcoef(rest[both], other[both])[0, 1])


def _shortest(lengths: Sequence[Length], promised: float | None) -> int:
    if promised is None:
        return USUAL
    enough = [length.days for length in lengths if length.sees <= abs(promised)]
    return enough[0] if enough else lengths[-1].days
