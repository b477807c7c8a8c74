"""What people buy, and why: from who comes in, which places they come past and stay at, and what holds that day.

Of the hours of a span of days the terms of trade are laid out (what stands where, what is off the price, what is in
season); planted effects change terms and nothing else. From entrants and engaged visits follows what is sold:

    receipts with category = (sought x entrants + impulse x engaged visits of its zone) x pull,

and buyers of one category take its pairs more often. The same process gives receipts (`receipts.py`) and, without
them, the days of months (`market_days.py`).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import reduce
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from contract.arrays import F64, I64
from vitrina.simulate.climate import Weather, moods, weather
from vitrina.simulate.goods import Assortment, Good
from vitrina.simulate.history import Rhythm
from vitrina.simulate.trade import Trade

HOURS = 24
_MOST = 0.95
"""No more of the receipts hold one category."""

_RAIN = -0.012
"""Log of traffic for each millimetre, to 15."""

_MEMORY = 0.4
"""How much a day is like the one before, beyond weekday, season and weather."""

_GOODS_NOISE, _ZONE_NOISE = 0.06, 0.06


class Pairing(NamedTuple):
    """Receipts with category `a` hold `b` `lift` times as often as others; `beside` times that in one zone."""

    a: int
    b: int
    lift: float
    beside: float


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds in n hours (all 24 of each day) for c categories, z zones."""

    day: I64
    """(n,) proleptic Gregorian ordinals."""
    hour: I64
    """(n,) local."""
    categories: tuple[str, ...]
    zones: tuple[str, ...]
    offers: tuple[str, ...]
    traffic: F64
    """(n,) expected entrants."""
    charm: F64
    """(n, z) how much more than usual a zone holds who comes past."""
    place: I64
    """(n, c) zone of each category, -1 nowhere."""
    pull: F64
    """(n, c) how much more than usual is wanted."""
    off: F64
    """(n, c) share off the price, for those who take the offer."""
    taken: F64
    """(n, c) share of its receipts that take it."""
    carded: NDArray[np.bool_]
    """(n, c) whether only those with a card can take it."""
    offer: I64
    """(n, c) index of the offer that holds, -1 none; of several the last one planted."""
    pairs: tuple[Pairing, ...]

    def since(self, day: date) -> NDArray[np.bool_]:
        """(n,) hours from that day on."""
        return np.asarray(self.day >= day.toordinal())


Effect = Callable[[Terms], Terms]
"""What is planted: other terms. Effects follow each other."""


@dataclass(frozen=True, slots=True)
class Market:
    """One store's trade over `days` days from `first`.

    Weather, and the moods of the chain, are the `seed`'s alone, so that stores of one seed share them; a store has its
    own besides. `size` is its traffic against the trade's.
    """

    goods: Assortment
    trade: Trade
    first: date
    days: int
    seed: int
    site: str = "store"
    size: float = 1.0
    rhythm: Rhythm = field(default_factory=Rhythm)
    effects: Sequence[Effect] = ()
    terms: Terms = field(init=False)
    weather: Weather = field(init=False)

    def __post_init__(self) -> None:
        """Lay out the terms, and let the effects change them."""
        object.__setattr__(self, "weather", weather(self.seed, self.first.toordinal(), self.days))
        object.__setattr__(self, "terms", reduce(lambda terms, effect: effect(terms), self.effects, self._usual()))

    @property
    def conversion(self) -> float:
        """Receipts of an entrant: companions pay together."""
        return self.trade.buys / (1 + self.trade.companions)

    @property
    def sorts(self) -> list[Good]:
        """The categories in the order of the terms."""
        return list(self.goods.categories.values())

    def of(self, name: str) -> F64:
        """(c,) one figure of each category."""
        return np.array([getattr(good, name) for good in self.sorts], np.float64)

    def row(self, day: date, hour: int) -> int:
        """Where an hour stands in the terms.

        Raises:
            IndexError: the market does not hold that day.
        """
        since = (day - self.first).days
        if not 0 <= since < self.days:
            raise IndexError(f"{day} is none of the {self.days} days from {self.first}")
        return since * HOURS + hour

    def with_effects(self, *effects: Effect) -> "Market":
        """The same store, the same chance, and other effects."""
        return replace(self, effects=effects)

    def held(self, terms: Terms) -> tuple[F64, F64]:
        """Of one who comes in, how many come to a zone and how many stay there; both (n, z).

        Where no camera told; who seeks something comes to where it stands, and stays.
        """
        missed = _missed(terms, self.of("sought"))
        places = [self.goods.places[zone] for zone in terms.zones]
        passing = np.array([place.passing for place in places])
        holding = np.array([place.passing * place.holding for place in places])
        stays = 1 - (1 - np.minimum(holding * terms.charm, _MOST)) * missed
        return np.maximum(1 - (1 - passing) * missed, stays), stays

    def demand(self, terms: Terms, entrants: F64, engaged: F64) -> tuple[F64, F64]:
        """Expected receipts (n, c) with each category, without and with what pairs bring, of entrants (n,).

        `engaged` (n, z) visits of zones that stayed.
        """
        here = np.take_along_axis(np.pad(engaged, ((0, 0), (0, 1))), terms.place, axis=1)
        wanted = (self.of("sought") * entrants[:, None] + self.of("impulse") * here) * terms.pull * (terms.place >= 0)
        receipts = np.maximum(entrants * self.conversion, 1e-9)[:, None]
        alone = np.minimum(wanted / receipts, _MOST)
        together = alone.copy()
        for pair in terms.pairs:
            together[:, pair.b] += alone[:, pair.a] * alone[:, pair.b] * (lift(pair, terms) - 1)
        return alone * receipts, np.minimum(together, _MOST) * receipts

    def _usual(self) -> Terms:
        hours, goods = self.days * HOURS, self.goods
        day = np.repeat(np.arange(self.first.toordinal(), self.first.toordinal() + self.days), HOURS)
        hour = np.tile(np.arange(HOURS), self.days)
        zones, names = tuple(goods.places), tuple(goods.categories)
        place = np.array([zones.index(good.zone) for good in self.sorts])
        nothing = np.zeros((hours, len(names)))
        usual = Terms(
            day, hour, names, zones, (),
            traffic=self._traffic(day, hour),
            charm=np.exp(_ZONE_NOISE * self._wander(2, len(zones))),
            place=np.tile(place, (hours, 1)),
            pull=self._pull(day, hour),
            off=nothing, taken=nothing, carded=nothing > 0, offer=np.full(nothing.shape, -1),
            pairs=tuple(_pairings(self.sorts, names)),
        )  # fmt: skip
        return reduce(self._offered, goods.offers, usual)

    def _offered(self, terms: Terms, key: str) -> Terms:
        offer = self.goods.offers[key]
        week = (terms.day - 1) // 7
        held = np.isin(week % offer.every_weeks, offer.weeks)
        open_ = (terms.hour >= offer.from_hour) & (terms.hour < offer.to_hour)
        began = week - (week - min(offer.weeks)) % offer.every_weeks
        reach = self.goods.has_card if offer.card_only else 1.0
        for first in np.unique(began[held]) if offer.every_weeks > 1 else [0]:
            name = f"{key}-{date.fromordinal(int(first) * 7 + 1):%y%m%d}" if first else key
            on = held & open_ & ((began == first) | (first == 0))
            for category in offer.categories:
                elastic = self.goods.categories[category].elasticity if offer.elasticity is None else offer.elasticity
                terms = discounted(
                    terms, name, category, on,
                    share=offer.share_off, elasticity=elastic, reach=reach, card_only=offer.card_only,
                )  # fmt: skip
        return terms

    def _traffic(self, day: I64, hour: I64) -> F64:
        busy = np.array([[self.trade.busy(weekday, h) for h in range(HOURS)] for weekday in range(7)])
        since = (self.rhythm.since or self.first).toordinal()
        dates = [date.fromordinal(int(d)) for d in day[::HOURS]]
        special = np.repeat([self.rhythm.special.get(d, 1.0) for d in dates], HOURS)
        chance = self.rhythm.day_noise * (self._wander(1, 1)[:, 0] + self._chain(1)[:, 0]) / np.sqrt(2)
        wet = _RAIN * np.minimum(np.repeat(self.weather.rain_mm, HOURS), 15)
        level = (1 + self.rhythm.trend) ** ((day - since) / 7) * special * np.exp(chance + wet)
        return np.asarray(self.size * self.trade.shoppers_per_hour * busy[(day + 6) % 7, hour] * level)

    def _pull(self, day: I64, hour: I64) -> F64:
        profile = np.array([[good.hours.get(h, 1.0) for h in range(HOURS)] for good in self.sorts])
        weekend = np.where(((day + 6) % 7 >= 5)[:, None], self.of("weekend"), 1.0)
        warm = np.exp(self.of("warm") * (np.repeat(self.weather.temperature_c, HOURS)[:, None] - 10.5) / 10)
        wide = len(self.sorts)
        chance = np.exp(_GOODS_NOISE * (self._wander(3, wide) + self._chain(wide)) / np.sqrt(2))
        return np.asarray(profile[:, hour].T * weekend * warm * chance)

    def _wander(self, what: int, width: int) -> F64:
        """(n, width) the store's own moods, the same all day."""
        who = crc32(f"{self.site}/{what}".encode())
        return self._all_day(moods(self.seed, who, self.first.toordinal(), self.days, width=width, memory=_MEMORY))

    def _chain(self, width: int) -> F64:
        return self._all_day(moods(self.seed, width, self.first.toordinal(), self.days, width=width, memory=_MEMORY))

    def _all_day(self, values: F64) -> F64:
        return np.repeat(values, HOURS, axis=0)


def discounted(
    terms: Terms, offer: str, category: str, on: NDArray[np.bool_], *, share: float, elasticity: float,
    reach: float, card_only: bool = False,
) -> Terms:  # fmt: skip
    """Terms with an offer on one category in the hours `on` (n,), for the share `reach` of those who would buy."""
    column, offers = terms.categories.index(category), tuple(dict.fromkeys((*terms.offers, offer)))
    more = (1 - min(share, 0.95)) ** -elasticity
    whole = 1 + reach * (more - 1)
    off, taken, pull, which = terms.off.copy(), terms.taken.copy(), terms.pull.copy(), terms.offer.copy()
    carded = terms.carded.copy()
    carded[on, column] = card_only
    off[on, column], taken[on, column], which[on, column] = share, reach * more / whole, offers.index(offer)
    pull[on, column] *= whole
    return replace(terms, offers=offers, off=off, taken=taken, carded=carded, pull=pull, offer=which)


def lift(pair: Pairing, terms: Terms) -> F64:
    """(n,) how many times as often as others those with `a` take `b`."""
    beside = (terms.place[:, pair.a] == terms.place[:, pair.b]) & (terms.place[:, pair.a] >= 0)
    return np.where(beside, pair.lift * pair.beside, pair.lift)


def _pairings(sorts: Sequence[Good], names: tuple[str, ...]) -> Iterable[Pairing]:
    for a, good in enumerate(sorts):
        for other, pair in good.pairs.items():
            yield Pairing(a, names.index(other), pair.lift, pair.beside)


def _missed(terms: Terms, sought: F64) -> F64:
    """(n, z) chance that one who comes in seeks nothing of what stands in a zone."""
    stands = terms.place[:, :, None] == np.arange(len(terms.zones))
    return np.asarray(np.exp(np.einsum("ncz,c->nz", stands, np.log1p(-np.minimum(sought, 0.999)))))
