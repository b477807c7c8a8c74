"""Offers that do not pay: each by the margin it brought beyond what would have been earned anyway, less what it cost.

From the groups of an experiment where there are any: the mean margin of those who got the offer less that of those held
out, with Welch's interval (Biometrika 34 (1947) 28-35). Else from an interrupted time series of the goods' margin over
the days it held, the fortnight after counted in, for people who filled their cupboards buy less then (Hendel & Nevo,
Econometrica 74 (2006) 1637-1673). Margins are of what was paid, so that a discount on what would have been sold at the
full price counts against the offer by itself. They are those of the goods on offer: what buyers take along besides
drowns in the chance of a whole store's days.

Of the offers that are called losing, at most 1 % are so by chance (Benjamini & Hochberg 1995).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import sqrt
from typing import Literal

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student

from server.domain.advice import Advice, Evidence
from server.domain.fdr import q_values
from server.domain.interrupted import FEWEST_BEFORE, FEWEST_ON, Interruption, days_missing, factors, interrupted, stray
from server.domain.intervals import Z95, Estimate
from server.domain.store_days import Bools, Floats, StoreDays

CHANCE = 0.01
"""Of the offers called losing, at most this share is so by chance."""
DRAWN_CHANCE = 0.05
"""The same of those said to draw anybody: that only decides between dropping an offer and giving it to others."""
ECHO_DAYS = 14
FEWEST_MEMBERS = 30
"""Of each group of an experiment."""
LONG_AGO_DAYS = 90
"""An offer that ended so long before the last day is no advice any more."""
MOSTLY = 0.5
"""From this share of sales that would have been at the full price on, an offer should go to the others only."""
YEAR = 364
WEEK = 7


@dataclass(frozen=True, slots=True)
class Group:
    """What one group of an offer's experiment bought."""

    members: int
    receipts: int
    margin: float
    """Of all members together, in the currency's unit."""
    spread: float | None
    """Standard deviation of a member's margin."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer as it was told; which goods it held for on which day stands in `StoreDays.offered`."""

    offer: str
    first: int
    """Ordinal of its first day."""
    last: int
    cost: float = 0.0
    """Beyond the discount, in the currency's unit, for all its days."""
    share_off: float | None = None
    """Of the price."""
    given: Group | None = None
    held_out: Group | None = None

    @property
    def weeks(self) -> float:
        """How long it holds."""
        return (self.last - self.first + 1) / WEEK


@dataclass(frozen=True, slots=True)
class Judged:
    """What an offer did, a week while it held, in the currency's unit."""

    offer: str
    evidence: Evidence | None
    """`tested` by an experiment, `estimated` from its days, `associated` where a check failed; None: too few days."""
    net: Estimate | None = None
    """Margin that it brought, less discounts and cost."""
    p: float | None = None
    """Chance of a net so far from 0 if it were 0."""
    discount: float | None = None
    """Taken off prices."""
    sold_anyway: Estimate | None = None
    """Share of what was sold under it that would have been sold at the full price."""
    drew_p: float = 1.0
    """Chance of so many more sales if it drew none."""
    echo: Estimate | None = None
    """What the days after it were off, a week."""
    needs_days: int | None = None
    gathered: float | None = None
    confounders: tuple[str, ...] = ()
    checks: Mapping[str, bool] = field(default_factory=dict)


def ranked(days: StoreDays, offers: Sequence[Offer]) -> list[Judged]:
    """Every offer of the days, the most costly first; those of which nothing can be said last."""
    known = [offer for offer in offers if offer.offer in days.offers]
    judged = [_judged(days, offer) for offer in known]
    return sorted(judged, key=lambda each: (each.net is None, each.net.value if each.net else 0.0, each.offer))


def advise_offers(days: StoreDays, offers: Sequence[Offer]) -> list[Advice]:
    """Which offers to drop, and which to give only to those who do not buy at the full price; best first."""
    return advised(ranked(days, [offer for offer in offers if lately(days, offer)]))


def lately(days: StoreDays, offer: Offer) -> bool:
    """Whether an offer still holds on the last day, or did not long ago."""
    return len(days) > 0 and offer.last >= int(days.day[-1]) - LONG_AGO_DAYS


def advised(judged: Sequence[Judged]) -> list[Advice]:
    """The advice of those that are judged, best first; of all that lose, at most CHANCE do so by chance."""
    loses = q_values(np.array([np.nan if each.p is None else each.p for each in judged])) <= CHANCE
    draws = q_values(np.array([each.drew_p for each in judged])) <= DRAWN_CHANCE
    advice = [_advice(each, loses=bool(loses[i]), draws=bool(draws[i])) for i, each in enumerate(judged)]
    found = [each for each in advice if each is not None]
    return sorted(found, key=lambda each: (each.effect is None, -each.effect.value if each.effect else 0.0, each.key))


def _advice(judged: Judged, *, loses: bool, draws: bool) -> Advice | None:
    if judged.evidence is None:
        return Advice("drop_offer", judged.offer, needs_days=judged.needs_days, gathered=judged.gathered)
    dropped = _times(judged.net, -1) if judged.net is not None else None
    saved = _saved(judged)
    if draws and saved is not None and (dropped is None or saved.value > dropped.value):
        return _told("retarget_offer", judged, saved)
    if loses and dropped is not None and dropped.low > 0:
        return _told("drop_offer", judged, dropped)
    return None


def _told(kind: Literal["drop_offer", "retarget_offer"], judged: Judged, effect: Estimate) -> Advice:
    """That an offer for others would do as reckoned, no experiment has shown."""
    evidence = "estimated" if kind == "retarget_offer" and judged.evidence == "tested" else judged.evidence
    return Advice(
        kind, judged.offer, evidence=evidence, effect=effect, reasons=_reasons(judged),
        confounders=judged.confounders, checks=judged.checks,
    )  # fmt: skip


def _saved(judged: Judged) -> Estimate | None:
    """The discount on what would be sold anyway, where that is most of it: as if just the others got the offer."""
    share = judged.sold_anyway
    if share is None or judged.discount is None or share.low < MOSTLY or judged.discount <= 0:
        return None
    return _times(share, judged.discount)


def _reasons(judged: Judged) -> dict[str, float | str]:
    """`net_week`, `discount_week`, `extra_week` (margin before the discount), `sold_anyway` (share), `echo_week`."""
    reasons: dict[str, float | str] = {}
    if judged.net is not None:
        reasons["net_week"] = judged.net.value
    if judged.discount is not None:
        reasons["discount_week"] = judged.discount
    if judged.net is not None and judged.discount is not None:
        reasons["extra_week"] = judged.net.value + judged.discount
    if judged.sold_anyway is not None:
        reasons["sold_anyway"] = judged.sold_anyway.value
    if judged.echo is not None and judged.echo.high < 0:
        reasons["echo_week"] = judged.echo.value
    return reasons


def _judged(days: StoreDays, offer: Offer) -> Judged:
    """An experiment says what it brought; how much would have been sold anyway, only its days can tell."""
    tested, told = _from_groups(offer), _from_days(days, offer)
    if tested is None:
        return told
    return replace(tested, discount=told.discount, sold_anyway=told.sold_anyway, drew_p=told.drew_p)


def _from_groups(offer: Offer) -> Judged | None:
    """None without groups that are large enough and tell their spread."""
    given, out = offer.given, offer.held_out
    if given is None or out is None or min(given.members, out.members) < FEWEST_MEMBERS:
        return None
    if given.spread is None or out.spread is None or not given.spread + out.spread:
        return None
    a, b = given.spread**2 / given.members, out.spread**2 / out.members
    freedom = (a + b) ** 2 / (a**2 / (given.members - 1) + b**2 / (out.members - 1))
    each, error = given.margin / given.members - out.margin / out.members, sqrt(a + b)
    half = error * float(student.ppf(0.975, freedom))
    weekly = given.members / offer.weeks
    cost = offer.cost / offer.weeks
    net = Estimate(*(value * weekly - cost for value in (each, each - half, each + half)))
    p = 2 * float(student.sf(abs(each - cost / weekly) / error, freedom))
    return Judged(offer.offer, "tested", net=net, p=p)


def _from_days(days: StoreDays, offer: Offer) -> Judged:
    asked = _asked(days, offer)
    margin = asked.told(asked.of(days.category_margin)) if asked.goods.any() else None
    if margin is None:
        missing = days_missing(asked.on, ~days.closed & np.isfinite(asked.of(days.category_margin))) or None
        gathered = None if missing is None else 1 - missing / (FEWEST_BEFORE + FEWEST_ON)
        return Judged(offer.offer, None, needs_days=missing, gathered=gathered)
    open_days, cost = WEEK * float((~days.closed).mean()), offer.cost / offer.weeks
    net = Estimate(*(value * open_days - cost for value in (margin.net.value, margin.net.low, margin.net.high)))
    units, taken = asked.told(asked.of(days.quantity)), asked.mean(days.discount)
    return Judged(
        offer.offer,
        "estimated" if all(margin.checks.values()) else "associated",
        net=net,
        p=_p(net),
        discount=taken * open_days if np.isfinite(taken) else None,
        sold_anyway=None if units is None else _anyway(units, asked.mean(days.quantity), asked.takers(offer.share_off)),
        drew_p=1.0 if units is None or units.net.value < 0 else _p(units.net),
        echo=None if margin.echo is None else _times(margin.echo, open_days),
        confounders=_confounders(days, asked),
        checks=margin.checks,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """One offer among the days: `goods` (c,) it held for, `on` (d,) when, and when `others` (d, k) held."""

    days: StoreDays
    goods: Bools
    on: Bools
    others: Floats = field(default_factory=lambda: np.empty((0, 0)))

    def of(self, figure: Floats) -> Floats:
        """(d,) of its goods together."""
        return np.asarray(figure[:, self.goods].sum(axis=1))

    def told(self, figure: Floats) -> Interruption | None:
        """What it did to a figure (d,)."""
        beside = np.column_stack([factors(self.days), self.others])
        return interrupted(figure, self.on, beside, day=self.days.day, told=~self.days.closed, echo_days=ECHO_DAYS)

    def mean(self, figure: Floats) -> float:
        """A day on which it held; nan where nothing is known."""
        known = self.of(figure)[self.on & ~self.days.closed]
        return float(known[np.isfinite(known)].mean()) if np.isfinite(known).any() else np.nan

    def takers(self, share_off: float | None) -> float:
        """Share of its goods' sales on its days that took it; all of them where that is not known."""
        taken, paid = (
            float(np.nansum(self.of(each)[self.on])) for each in (self.days.discount, self.days.category_gross)
        )
        return min(taken / share_off / (paid + taken), 1.0) if share_off and taken > 0 else 1.0


def _asked(days: StoreDays, offer: Offer) -> _Asked:
    """With the other offers of its goods, and those of other goods that move its own."""
    at = days.offers.index(offer.offer)
    alone = _Asked(days, np.asarray(days.offered[:, :, at].any(axis=0)), np.asarray(days.offered[:, :, at].any(axis=1)))
    margin = alone.of(days.category_margin)
    others = [i for i in range(len(days.offers)) if i != at and _concerns(alone, days.offered[:, :, i], margin)]
    held = np.asarray(days.offered[:, :, others].any(axis=1), np.float64)
    return replace(alone, others=held)


def _concerns(asked: _Asked, offered: Bools, margin: Floats) -> bool:
    """Whether another offer, held (d, c), is on the same goods, or surely moves their margin."""
    days, other = asked.days, np.asarray(offered.any(axis=1))
    if offered[:, asked.goods].any() or not other.any():
        return bool(other.any())
    beside = np.column_stack([factors(days), asked.on])
    known = np.isfinite(margin) & np.isfinite(beside).all(axis=1) & ~days.closed
    p = stray(margin, other, beside, day=days.day, known=known)
    return p is not None and p <= CHANCE


def _anyway(units: Interruption, sold: float, takers: float) -> Estimate | None:
    """Of `sold` units a day, the share `takers` under the offer: the share of those that would be sold without it."""
    under = sold * takers
    if under <= 0:
        return None
    value, low, high = (
        min(max(1 - more / under, 0.0), 1.0) for more in (units.net.value, units.net.high, units.net.low)
    )
    return Estimate(value, low, high)


def _confounders(days: StoreDays, asked: _Asked) -> tuple[str, ...]:
    """What the model knows little of."""
    weather = np.isfinite(days.temperature_c[asked.on]).any()
    found = {
        "season": len(days) < YEAR,
        "weather": not weather,
        "offer": bool((asked.others.any(axis=1) & asked.on).any()),
        "special_day": bool((days.special & asked.on).any()),
    }
    return tuple(code for code, fools in found.items() if fools)


def _p(estimate: Estimate) -> float:
    """Chance of a value so far from 0, of its interval."""
    half = (estimate.high - estimate.low) / 2
    return 2 * float(norm.sf(Z95 * abs(estimate.value) / half)) if half > 0 else 1.0


def _times(estimate: Estimate, by: float) -> Estimate:
    low, high = sorted((estimate.low * by, estimate.high * by))
    return Estimate(estimate.value * by, low, high)
