"""The days of months at once, as the server's advice reads them, with the truth beside: no walks, no database.

Chance is drawn by inverting uniform draws that are the same whatever is planted (common random numbers), so that two
markets that differ in one effect differ by that effect.
"""

from dataclasses import dataclass
from zlib import crc32

import numpy as np
from scipy.stats import norm, poisson

from contract.arrays import F64, Bool
from server.domain.store_days import StoreDays
from vitrina.simulate.market import HOURS, Effect, Market, lift

LINE_SPREAD = 0.5
"""How a line's price varies, standard deviation over its mean."""

_STAY_S, _PASS_S = 45.0, 6.0
_STOPS = 0.3
"""Of the visits that do not stay, the share that stands still for a moment."""


@dataclass(frozen=True, slots=True)
class Past:
    """What a store's days told, and what they would tell on average."""

    days: StoreDays
    expected_margin: F64
    """(d, c) mean over the chance of buying, of the same weather, moods and offers."""
    together: F64
    """(c, c) receipts of all days that hold both categories; on the diagonal those that hold the one."""


@dataclass(frozen=True, slots=True)
class _Hours:
    entrants: F64
    visits: F64
    engaged: F64
    alone: F64
    sold: F64


def past(market: Market) -> Past:
    """Draw the days of a market."""
    luck = _Luck(market)
    hours = _hours(market, luck)
    sold = luck.counts(_daily(hours.sold), 3)
    usual, off, share = _amounts(market, hours.sold)
    spread = LINE_SPREAD * np.sqrt(np.maximum(sold, 1)) * norm.ppf(luck.draws(4, sold.shape[1]))
    paid_for = np.maximum(sold + np.where(sold > 0, spread, 0), 0.2 * sold) * usual * (1 - market.goods.returns)
    days = _store_days(market, luck, hours, sold=sold, paid_for=paid_for, off=off)
    return Past(days, _daily(hours.sold) * usual * (1 - market.goods.returns) * (share - off), _together(market, hours))


def worth(market: Market, effect: Effect) -> float:
    """What an effect truly brings: mean margin a week with it less without it, over the market's days, by chance alike.

    The market's own effects hold in both.
    """
    with_it = past(market.with_effects(*market.effects, effect)).expected_margin.sum()
    return float((with_it - past(market).expected_margin.sum()) * 7 / market.days)


class _Luck:
    """Uniform draws of a store and a seed, one row a day, the same whatever is planted."""

    def __init__(self, market: Market) -> None:
        self._market = market

    def draws(self, what: int, width: int) -> F64:
        """Of what: (d, width)."""
        who = crc32(f"{self._market.site}/{self._market.first}".encode())
        shape = (self._market.days, width)
        return np.random.default_rng([self._market.seed, who, what]).random(shape).clip(1e-9, 1 - 1e-9)

    def counts(self, mean: F64, what: int) -> F64:
        """Poisson counts of these means (d, k)."""
        return np.nan_to_num(poisson.ppf(self.draws(what, mean.shape[1]), mean))


def _hours(market: Market, luck: _Luck) -> _Hours:
    """What came and was wanted hour by hour; what came is drawn by the day, so that each hour has its part of it."""
    terms = market.terms
    traffic = terms.traffic[:, None]
    entrants = _shared_out(traffic, luck.counts(_daily(traffic), 0))
    reach, stays = market.held(terms)
    engaged = _shared_out(entrants * stays, luck.counts(_daily(entrants * stays), 1))
    passed = _shared_out(entrants * (reach - stays), luck.counts(_daily(entrants * (reach - stays)), 2))
    alone, sold = market.demand(terms, entrants[:, 0], engaged)
    return _Hours(entrants, engaged + passed, engaged, alone, sold)


def _shared_out(mean: F64, drawn: F64) -> F64:
    """(n, k) a day's count over its hours."""
    whole = np.repeat(_daily(mean), HOURS, axis=0)
    return np.divide(mean * np.repeat(drawn, HOURS, axis=0), whole, out=np.zeros_like(mean), where=whole > 0)


def _daily(hourly: F64) -> F64:
    """(d, k) of (n, k)."""
    return np.asarray(hourly.reshape(-1, HOURS, hourly.shape[1]).sum(axis=1))


def _amounts(market: Market, sold: F64) -> tuple[F64, F64, F64]:
    """Of each category a line's usual price (c,), the share that is taken off (d, c), the margin's share (c,)."""
    given = _daily(sold * market.terms.off * market.terms.taken)
    whole = _daily(sold)
    off = np.divide(given, whole, out=np.zeros_like(given), where=whole > 0)
    return market.of("price") * market.of("pieces"), off, market.of("margin")


def _store_days(market: Market, luck: _Luck, hours: _Hours, *, sold: F64, paid_for: F64, off: F64) -> StoreDays:
    terms, back = market.terms, 1 - market.goods.returns
    entrants, visits, engaged = (np.round(_daily(each)) for each in (hours.entrants, hours.visits, hours.engaged))
    gross, margin = paid_for * (1 - off), paid_for * (market.of("margin") - off)
    short = visits - engaged
    noon = slice(HOURS // 2, None, HOURS)
    return StoreDays(
        site=market.site,
        day=terms.day[::HOURS].astype(np.int64),
        categories=terms.categories, zones=terms.zones, offers=terms.offers,
        passers=luck.counts(3 * entrants, 5)[:, 0],
        entrants=entrants[:, 0],
        receipts=luck.counts(entrants * market.conversion, 6)[:, 0],
        gross=gross.sum(axis=1), margin=margin.sum(axis=1),
        sold=sold, quantity=sold * market.of("pieces") * back,
        category_gross=gross, category_margin=margin, discount=paid_for * off,
        visits=visits,
        stops=engaged + np.round(_STOPS * short),
        engaged=engaged,
        presence_s=engaged * _STAY_S + short * _PASS_S,
        place=terms.place[noon].astype(np.int64),
        offered=_offered(market),
        closed=_daily(terms.traffic[:, None])[:, 0] == 0,
        special=np.isin(terms.day[::HOURS], [day.toordinal() for day in market.rhythm.special]),
        temperature_c=market.weather.temperature_c, rain_mm=market.weather.rain_mm,
    )  # fmt: skip


def _offered(market: Market) -> Bool:
    """(d, c, o) whether an offer held in any open hour."""
    terms = market.terms
    on = (terms.offer[:, :, None] == np.arange(len(terms.offers))) & (terms.traffic > 0)[:, None, None]
    return np.asarray(on.reshape(market.days, HOURS, *on.shape[1:]).any(axis=1))


def _together(market: Market, hours: _Hours) -> F64:
    receipts = np.maximum(hours.entrants * market.conversion, 1e-9)
    both = (hours.sold / receipts).T @ hours.sold
    for pair in market.terms.pairs:
        share = hours.alone / receipts
        joint = hours.alone[:, pair.a] * share[:, pair.b] * lift(pair, market.terms)
        both[pair.a, pair.b] = both[pair.b, pair.a] = joint.sum()
    np.fill_diagonal(both, hours.sold.sum(axis=0))
    rng = np.random.default_rng([market.seed, crc32(market.site.encode()), 7])
    drawn = np.triu(rng.poisson(both)).astype(np.float64)
    return np.asarray(drawn + np.triu(drawn, 1).T)
