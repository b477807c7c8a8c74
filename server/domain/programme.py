"""What a loyalty programme is worth, from its sums: ratios by stated formulas, and cohorts. Nobody is looked at."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite

from server.domain.intervals import Estimate, Share, wilson

YEAR_DAYS = 365.25
DISCOUNT_YEAR = 0.10
"""What next year's margin is worth less, in the value of a customer."""


@dataclass(frozen=True, slots=True)
class Sums:
    """One period of one segment; amounts in the currency's unit, nan where they were not told."""

    days: int
    members: int
    """Enrolled at the end."""
    active: int
    """Members who bought."""
    joined: int
    returned: int
    """Active in this period and in the one before."""
    lapsed: int
    """Active in the one before and not in this."""
    card_receipts: int
    receipts: int
    """All of the store."""
    card_gross: float
    gross: float
    card_margin: float
    points_issued: int
    points_redeemed: int
    rewards_issued: int
    rewards_redeemed: int
    cost: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Ratios of a period; None where there is nothing to divide by, or it was not told."""

    basket: float | None
    """Takings of a receipt with a card (AOV)."""
    basket_without: float | None
    """Of a receipt without one."""
    frequency: float | None
    """Receipts of an active member in 30 days."""
    active: Share | None
    """Of the members."""
    retention: Share | None
    """Of those active in the period before: active again."""
    churn: Share | None
    """Of those active in the period before: not active in this one."""
    redemption: float | None
    """Points redeemed, of those issued; may be above 1."""
    rewards: Share | None
    """Rewards redeemed, of those issued."""
    penetration: Share | None
    """Receipts with a card, of all."""
    takings: float | None
    """Takings with a card, of all."""
    value: float | None
    """Of an active member in years to come, margin (CLV)."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """Those who joined in one month: `kept` by months since, from 0; None where it was not told."""

    joined: str
    members: int
    kept: tuple[Share | None, ...]
    margin: tuple[float | None, ...]
    """Of a member, added up to each month."""


@dataclass(frozen=True, slots=True)
class CohortMonth:
    """As it was told."""

    joined: str
    month: int
    members: int
    active: int
    margin: float | None


def figures(of: Sums) -> Figures:
    """The ratios of a period.

    basket = takings / receipts; frequency = receipts / active members x 30 / days; retention = returned / (returned +
    lapsed), churn = 1 - retention; penetration = receipts with a card / all receipts.
    """
    retention = _share(of.returned, of.returned + of.lapsed)
    per_day = _over(of.card_receipts, of.active * of.days)
    return Figures(
        basket=_over(of.card_gross, of.card_receipts),
        basket_without=_over(of.gross - of.card_gross, of.receipts - of.card_receipts),
        frequency=None if per_day is None else per_day * 30,
        active=_share(of.active, of.members),
        retention=retention,
        churn=retention.complement() if retention else None,
        redemption=_over(of.points_redeemed, of.points_issued),
        rewards=_share(of.rewards_redeemed, of.rewards_issued),
        penetration=_share(of.card_receipts, of.receipts),
        takings=_over(of.card_gross, of.gross),
        value=_value(of, retention),
    )


def roi(incremental: Estimate, cost: float) -> Estimate | None:
    """(incremental margin - cost) / cost; None without cost."""
    if cost <= 0:
        return None
    value, low, high = ((each - cost) / cost for each in (incremental.value, incremental.low, incremental.high))
    return Estimate(value, low, high)


def cohorts(told: Iterable[CohortMonth]) -> list[Cohort]:
    """By month of joining, the newest first."""
    found: defaultdict[str, dict[int, CohortMonth]] = defaultdict(dict)
    for each in told:
        found[each.joined][each.month] = each
    return [_cohort(joined, found[joined]) for joined in sorted(found, reverse=True)]


def weighted(found: Sequence[Cohort], month: int) -> Share | None:
    """Share of all cohorts that reached a month who were active in it."""
    reached = [(each.members, kept) for each in found if month < len(each.kept) and (kept := each.kept[month])]
    members = sum(n for n, _ in reached)
    return _share(round(sum(n * kept.value for n, kept in reached)), members)


def _cohort(joined: str, months: dict[int, CohortMonth]) -> Cohort:
    kept: list[Share | None] = []
    margin: list[float | None] = []
    earned: float | None = 0.0
    for month in range(max(months) + 1):
        told = months.get(month)
        kept.append(_share(min(told.active, told.members), told.members) if told else None)
        known = told.margin if told else None
        earned = None if earned is None or known is None or told is None else earned + known / told.members
        margin.append(earned)
    return Cohort(joined, max(each.members for each in months.values()), tuple(kept), tuple(margin))


def _value(of: Sums, retention: Share | None) -> float | None:
    """Margin of an active member for ever, m r / (1 + i - r) (Gupta & Lehmann 2003); r and i of one period."""
    margin = _over(of.card_margin, of.active)
    if margin is None or retention is None or retention.n == 0:
        return None
    interest = float((1 + DISCOUNT_YEAR) ** (of.days / YEAR_DAYS) - 1)
    return margin * retention.value / (1 + interest - retention.value)


def _share(part: int, whole: int) -> Share | None:
    return wilson(part, whole) if 0 <= part <= whole else None


def _over(above: float, below: float) -> float | None:
    return above / below if below > 0 and isfinite(above) else None
