"""Effects to plant in a market: small, and composed by following each other (`market.Effect`)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from vitrina.simulate.market import Pairing, Terms, discounted

Days = Sequence[tuple[date, date]]
"""Spans of days, first and last, both with."""


def nothing(terms: Terms) -> Terms:
    """Nothing planted."""
    return terms


@dataclass(frozen=True, slots=True)
class Moved:
    """From `day` on `category` stands in `zone`; None: it left the floor."""

    category: str
    day: date
    zone: str | None

    def __call__(self, terms: Terms) -> Terms:
        """The terms with it."""
        place = terms.place.copy()
        to = terms.zones.index(self.zone) if self.zone is not None else -1
        place[terms.since(self.day), terms.categories.index(self.category)] = to
        return replace(terms, place=place)


@dataclass(frozen=True, slots=True)
class CrossSell:
    """Buyers of `a` take `b` `lift` times as often as others, and where both stand in one zone `beside` times that."""

    a: str
    b: str
    lift: float
    beside: float = 1.5

    def __call__(self, terms: Terms) -> Terms:
        """The terms with it, in the place of what was known of the pair."""
        a, b = terms.categories.index(self.a), terms.categories.index(self.b)
        others = [pair for pair in terms.pairs if (pair.a, pair.b) != (a, b)]
        return replace(terms, pairs=(*others, Pairing(a, b, self.lift, self.beside)))


@dataclass(frozen=True, slots=True)
class Discount:
    """`share` off the price of `category` on `days`; demand answers with `elasticity`.

    `reach`: share of those who would buy who take it. `borrowed`: share of what it sold more that is missing in the
    fortnight after, since people filled their cupboards.
    """

    category: str
    days: Days
    share: float
    elasticity: float
    reach: float = 1.0
    borrowed: float = 0.0
    offer: str = "discount"

    def __call__(self, terms: Terms) -> Terms:
        """The terms with it."""
        on = within(terms, self.days)
        usual = terms.pull[:, terms.categories.index(self.category)]
        given = discounted(
            terms, self.offer, self.category, on, share=self.share, elasticity=self.elasticity, reach=self.reach
        )
        return self._paid_back(given, usual) if self.borrowed else given

    def _paid_back(self, terms: Terms, usual: NDArray[np.float64]) -> Terms:
        column, pull = terms.categories.index(self.category), terms.pull.copy()
        for first, last in self.days:
            on = within(terms, [(first, last)])
            after = within(terms, [(_plus(last, 1), _plus(last, 14))]) & ~within(terms, self.days)
            weight = np.where(terms.traffic > 0, terms.traffic, 0)
            owed = self.borrowed * ((terms.pull[:, column] - usual) * weight)[on].sum()
            lasting = (pull[:, column] * weight)[after].sum()
            if lasting:
                pull[after, column] *= max(1 - owed / lasting, 0.2)
        return replace(terms, pull=pull)


class UselessDiscount(Discount):
    """A discount that nobody needed: those buy who would have bought."""

    def __init__(self, category: str, days: Days, share: float, *, offer: str = "useless") -> None:
        """As of `Discount`, without any answer of demand."""
        super().__init__(category, days, share, elasticity=0.0, offer=offer)


@dataclass(frozen=True, slots=True)
class Confounder:
    """What rises of itself from `day` on, to `factor` within `ramp_days`: a naive before and after takes it for more.

    Of one category (its season, an advertisement elsewhere); without one it is the traffic of the store. Planted in
    every store of a chain it is what control stores show.
    """

    day: date
    factor: float
    category: str | None = None
    ramp_days: int = 0

    def __call__(self, terms: Terms) -> Terms:
        """The terms with it."""
        into = (terms.day - self.day.toordinal() + 1) / (self.ramp_days + 1)
        level = self.factor ** np.clip(into, 0, 1)
        if self.category is None:
            return replace(terms, traffic=terms.traffic * level)
        pull = terms.pull.copy()
        pull[:, terms.categories.index(self.category)] *= level
        return replace(terms, pull=pull)


def within(terms: Terms, days: Days) -> NDArray[np.bool_]:
    """(n,) hours of any of these spans."""
    spans = [(terms.day >= first.toordinal()) & (terms.day <= last.toordinal()) for first, last in days]
    return np.asarray(np.any(spans, axis=0)) if spans else np.zeros(len(terms.day), np.bool_)


def _plus(day: date, days: int) -> date:
    return date.fromordinal(day.toordinal() + days)
