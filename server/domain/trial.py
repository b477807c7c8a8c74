"""What a test of a change would take: how many days until an effect of what size is seen.

A test is judged by an interrupted time series (`interrupted`), so its power is that of the same regression: on days as
they would lie before and after the change, with errors that scatter and hang together as those of the past did.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.linalg import qr, solve

from server.domain.autoregression import regress
from server.domain.interrupted import factors
from server.domain.store_days import Bools, Floats, StoreDays

Design = Literal["before_after", "against_stores"]

LENGTHS = (14, 21, 28, 42, 56)
"""Days after the change: whole weeks, so that each weekday weighs the same."""
USUAL = 28
BEFORE_FEWEST, BEFORE_MOST = 28, 84
"""Days before the change; most of them are known already when it is planned."""
SETTLING_DAYS = 2
"""The day of the change and the one after it count for neither side: shelves are half full, shoppers search."""
POWER = 1.959964 + 0.841621
"""Standard errors that an effect must measure to be seen 8 times in 10 by a two-sided test at 5 %."""
STORES_MOST = 3
CLOSER = 0.9
"""Other stores are worth their trouble where they leave less than this of the spread."""


@dataclass(frozen=True, slots=True)
class Length:
    """A test that looks at `days` after the change sees `sees` of margin a week or more, 8 times in 10."""

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
    before: int
    """Days before the change that it is held against."""
    days: int
    """After the change, as advised: the fewest that see what is promised."""
    lengths: tuple[Length, ...]
    """Shortest first."""

    @property
    def sees(self) -> float:
        """Of the length advised."""
        return next(length.sees for length in self.lengths if length.days == self.days)


@dataclass(frozen=True, slots=True)
class Errors:
    """What weekday, trend, weather and traffic leave of a day's figure."""

    left: Floats
    """(d,) nan on days that do not count."""
    sd: float
    memory: float
    """Correlation of one day's and the next one's."""


def plan_trial(
    own: StoreDays,
    others: Sequence[StoreDays],
    *,
    categories: Sequence[str],
    zones: Sequence[str],
    promised: float | None,
) -> Trial | None:
    """The cheapest sound test of a change of `categories`; None while too few days are known.

    Args:
        own: the store; its newest days tell how margins scatter.
        others: stores that could be compared with.
        categories: whose margin it is judged on; those that are not sold here are passed over.
        zones: whose stops are looked at.
        promised: the effect a week that is to be seen; None takes the usual length.
    """
    known = tuple(category for category in categories if category in own.categories)
    alone = errors_of(own, known) if known else None
    if alone is None:
        return None
    stores, beside = _beside(own, alone, others, known)
    before = min(int(np.isfinite(alone.left).sum()), BEFORE_MOST)
    lengths = tuple(Length(days, sees(beside or alone, before=before, after=days)) for days in LENGTHS)
    return Trial(
        design="against_stores" if beside else "before_after",
        stores=stores,
        categories=known,
        zones=tuple(zones),
        before=before,
        days=_shortest(lengths, promised),
        lengths=lengths,
    )


def margin_of(days: StoreDays, categories: Sequence[str]) -> Floats:
    """(d,) margin of some categories together; nan on days when one of them is not known."""
    columns = [days.categories.index(category) for category in categories]
    return np.asarray(days.category_margin[:, columns].sum(axis=1), np.float64)


def errors_of(days: StoreDays, categories: Sequence[str]) -> Errors | None:
    """How the margin of some categories scatters; None with too few days."""
    values = margin_of(days, categories)
    told = np.isfinite(values) & ~days.closed
    usual = np.column_stack([np.ones(len(days)), factors(days)])
    return _errors(values, usual, days, told)


def sees(errors: Errors, *, before: int, after: int) -> float:
    """The effect a week that is seen 8 times in 10, by generalised least squares on the days of the test."""
    day = np.r_[np.arange(before), before + SETTLING_DAYS + np.arange(after)].astype(np.float64)
    weekdays = (day[:, None] % 7 == np.arange(1, 7)).astype(np.float64)
    columns = np.column_stack([day >= before, np.ones(len(day)), day / len(day), weekdays]).astype(np.float64)
    together = errors.memory ** np.abs(day[:, None] - day)
    inside = columns.T @ solve(together, columns, assume_a="pos")
    error = errors.sd * float(np.sqrt(np.linalg.inv(inside)[0, 0]))
    return 7 * POWER * error


def _errors(values: Floats, columns: Floats, days: StoreDays, told: Bools) -> Errors | None:
    if told.sum() < BEFORE_FEWEST:
        return None
    x, y = _independent(columns[told]), values[told]
    if len(y) <= x.shape[1] + 1:
        return None
    regression = regress(y, x, days.day[told])
    left = np.full(len(days), np.nan)
    left[told] = y - x @ regression.coefficients
    sd = float(np.sqrt(np.nansum(left**2) / (len(y) - x.shape[1])))
    return Errors(left, sd, regression.memory)


def _independent(columns: Floats) -> Floats:
    """Those of the columns (n, k) that hold one another are left out."""
    scaled = columns / np.maximum(np.abs(columns).max(axis=0), 1e-12)
    _, r, order = qr(scaled, mode="economic", pivoting=True)
    size = np.abs(np.diag(r))
    return columns[:, np.sort(order[: len(size)][size > 1e-9 * size[0]])]


def _beside(
    own: StoreDays, alone: Errors, others: Sequence[StoreDays], categories: Sequence[str]
) -> tuple[tuple[str, ...], Errors | None]:
    """The stores that go most together with this one, and what they leave of its spread; none where it is not less."""
    along = {other.site: found for other in others if (found := _along(own, other, categories)) is not None}
    agreeing = {site: _together(alone.left, left) for site, left in along.items()}
    chosen = tuple(sorted((site for site in along if agreeing[site] > 0), key=lambda site: -agreeing[site]))
    chosen = chosen[:STORES_MOST]
    if not chosen:
        return (), None
    columns = np.column_stack([np.ones(len(own)), *(along[site] for site in chosen)])
    told = np.isfinite(alone.left) & np.isfinite(columns).all(axis=1)
    beside = _errors(alone.left, columns, own, told)
    return (chosen, beside) if beside and beside.sd < CLOSER * alone.sd else ((), None)


def _along(own: StoreDays, other: StoreDays, categories: Sequence[str]) -> Floats | None:
    """(d,) the other store's errors of the same categories on this store's days; None where it does not sell them."""
    if not set(categories) <= set(other.categories):
        return None
    errors = errors_of(other, categories)
    if errors is None:
        return None
    found = dict(zip(other.day.tolist(), errors.left.tolist(), strict=True))
    return np.array([found.get(day, np.nan) for day in own.day.tolist()])


def _together(one: Floats, other: Floats) -> float:
    """Correlation of the days both know; 0 with too few of them."""
    both = np.isfinite(one) & np.isfinite(other)
    return float(np.corrcoef(one[both], other[both])[0, 1]) if both.sum() >= BEFORE_FEWEST else 0.0


def _shortest(lengths: Sequence[Length], promised: float | None) -> int:
    if promised is None:
        return USUAL
    enough = [length.days for length in lengths if length.sees <= abs(promised)]
    return enough[0] if enough else lengths[-1].days
