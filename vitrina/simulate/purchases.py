"""Who buys what, line by line, of an hour's people and where they stayed: as told, as walked, or drawn as well."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from contract.arrays import F64, I64, Bool
from contract.messages import DWELL_BINS_S, Window
from contract.site import Site
from vitrina.simulate.history import Hour
from vitrina.simulate.market import Market, Terms, lift
from vitrina.simulate.market_days import LINE_SPREAD
from vitrina.simulate.passages import inside_zones, visits
from vitrina.simulate.samples import sample
from vitrina.simulate.shoppers import Crowd
from vitrina.simulate.truth import floor_shapes

_HOUR_S = 3600
_ANY: I64 = np.arange(_HOUR_S)
"""Seconds of an hour to pay in."""

_PERIOD_S = 0.5
_ARTICLES = 8
"""Of each category, by price."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of one hour's receipts, in the order of the receipts, all (k,). Amounts in whole hundredths."""

    start: datetime
    receipt: I64
    """Number within the hour."""
    second: I64
    """Of the hour; the same for all lines of a receipt."""
    has_card: Bool
    back: Bool
    """Brought back: of a receipt of its own."""
    category: I64
    article: I64
    pieces: I64
    gross_c: I64
    margin_c: I64
    discount_c: I64
    offer: I64
    """-1 none."""

    def __len__(self) -> int:
        return len(self.receipt)

    def __getitem__(self, keep: I64) -> "Lines":
        names = [name for name in self.__slots__ if name != "start"]
        return Lines(self.start, *(getattr(self, name)[keep] for name in names))


def told_lines(market: Market, site: Site, hour: Hour, rng: np.random.Generator) -> Lines:
    """What is sold to those whom the windows of an open hour tell of.

    Raises:
        IndexError: the market does not hold that hour.
    """
    terms = _terms_at(market, site, hour.start)
    stays = np.array([_engaged(site, hour.windows, zone) for zone in terms.zones], np.float64)
    return _bought(market, terms, hour.start, entrants=hour.shoppers, stays=stays, paid=_ANY, rng=rng)


def walked_lines(market: Market, site: Site, crowd: Crowd, rng: np.random.Generator) -> Iterator[Lines]:
    """What is sold to those who walked the store, by the clock hour in which they left it, paid as someone leaves.

    Raises:
        IndexError: the market does not hold an hour.
    """
    left = np.array([walk.t[-1] for walk in crowd.walks], np.float64)
    stays = _stays(market, site, crowd)
    for hour in np.unique(left // _HOUR_S).tolist():
        mine = left // _HOUR_S == hour
        start, paid = datetime.fromtimestamp(hour * _HOUR_S, UTC), (left[mine] % _HOUR_S).astype(np.int64)
        terms, stayed = _terms_at(market, site, start), stays[mine].sum(axis=0)
        yield _bought(market, terms, start, entrants=len(paid), stays=stayed, paid=paid, rng=rng)


def lines(market: Market, timezone: str, rng: np.random.Generator) -> Iterator[Lines]:
    """The same for every open hour of the market, where nobody walked: who comes and stays is drawn too."""
    zone = ZoneInfo(timezone)
    for row in np.flatnonzero(market.terms.traffic > 0).tolist():
        terms = _at(market.terms, row)
        entrants = int(rng.poisson(terms.traffic[0]))
        stays = rng.binomial(entrants, market.held(terms)[1][0]).astype(np.float64)
        local = datetime.fromordinal(int(terms.day[0])).replace(hour=int(terms.hour[0]), tzinfo=zone)
        yield _bought(market, terms, local.astimezone(UTC), entrants=entrants, stays=stays, paid=_ANY, rng=rng)


def _terms_at(market: Market, site: Site, start: datetime) -> Terms:
    local = start.astimezone(ZoneInfo(site.timezone))
    return _at(market.terms, market.row(local.date(), local.hour))


def _at(terms: Terms, row: int) -> Terms:
    """One hour of them."""
    by_hour = ("day", "hour", "traffic", "charm", "place", "pull", "off", "taken", "carded", "offer")
    return replace(terms, **{name: getattr(terms, name)[row : row + 1] for name in by_hour})


def _engaged(site: Site, windows: Iterable[Window], zone: str) -> int:
    """Visits that stayed as long as the zone asks, in all cameras' windows."""
    longer = [i for i, edge in enumerate(DWELL_BINS_S) if edge >= site.zones[zone].engaged_s]
    tables = [window.zones[zone].dwell for window in windows if zone in window.zones]
    kinds = [kind for table in tables for kind in (table.left, table.lost, table.late_left, table.late_lost)]
    return sum(kind[i] for kind in kinds for i in longer)


def _stays(market: Market, site: Site, crowd: Crowd) -> F64:
    """(walks, z) how often each stayed as long as a zone asks."""
    samples = sample(crowd.walks, _PERIOD_S)
    zones, polygons, _, _ = floor_shapes(site)
    seen = visits(samples, inside_zones(samples, polygons), gap_s=site.gap_s)
    asked_s = np.array([site.zones[zone].engaged_s for zone in zones])
    stayed = seen[seen.stay_s >= asked_s[seen.zone]]
    counts = np.zeros((len(crowd.walks), len(zones)))
    np.add.at(counts, (samples.person[stayed.first], stayed.zone), 1)
    return counts[:, [zones.index(zone) for zone in market.terms.zones]]


def _bought(
    market: Market, terms: Terms, start: datetime, *, entrants: int, stays: F64, paid: I64, rng: np.random.Generator
) -> Lines:
    """Of `entrants` and `stays` (z,) in an hour; `paid` (p,) seconds of it to pay in."""
    came = np.array([float(entrants)])
    count = rng.binomial(entrants, market.conversion)
    share = market.demand(terms, came, stays[None])[0][0] / np.maximum(came * market.conversion, 1e-9)
    holds = _with_pairs(terms, rng.random((count, len(share))) < share, share, rng)
    receipt, category = np.nonzero(holds)
    second, card = np.sort(rng.choice(paid, size=count)), rng.random(count) < market.goods.has_card
    sold = _priced(
        market, terms, start, rng=rng,
        receipt=receipt, category=category, second=second[receipt], card=card[receipt],
    )  # fmt: skip
    return _with_returns(sold, rng.random(len(sold)) < market.goods.returns)


def _with_pairs(terms: Terms, holds: Bool, share: F64, rng: np.random.Generator) -> Bool:
    """Receipts (r, c) to which buyers of one category added another, as often as `Market.demand` says."""
    added = holds.copy()
    for pair in terms.pairs:
        more = share[pair.b] * (lift(pair, terms)[0] - 1) / max(1 - share[pair.b], 1e-9)
        added[:, pair.b] |= holds[:, pair.a] & (rng.random(len(holds)) < more)
    return added


def _priced(
    market: Market, terms: Terms, start: datetime, *, receipt: I64, category: I64, second: I64, card: Bool,
    rng: np.random.Generator,
) -> Lines:  # fmt: skip
    size = len(receipt)
    article = rng.integers(_ARTICLES, size=size)
    # Prices from 0.5 to 1.5 of the mean have about half of LINE_SPREAD; chance in the pieces does the rest.
    price = market.of("price")[category] * (1 + LINE_SPREAD * (2 * article + 1 - _ARTICLES) / _ARTICLES)
    pieces = 1 + rng.poisson(market.of("pieces")[category] - 1)
    usual = np.round(price * 100) * pieces
    takes = rng.random(size) < np.where(terms.carded[0, category], card, terms.taken[0, category])
    off = np.round(usual * np.where(takes, terms.off[0, category], 0))
    margin = np.round(usual * market.of("margin")[category]) - off
    return Lines(
        start, receipt, second, card, np.zeros(size, np.bool_), category, article, pieces,
        gross_c=(usual - off).astype(np.int64), margin_c=margin.astype(np.int64), discount_c=off.astype(np.int64),
        offer=np.where(takes, terms.offer[0, category], -1),
    )  # fmt: skip


def _with_returns(sold: Lines, back: Bool) -> Lines:
    """Some lines come back in the same hour, each as a receipt of its own after the others."""
    again = np.flatnonzero(back)
    first = int(sold.receipt.max(initial=-1)) + 1
    both = sold[np.concatenate([np.arange(len(sold)), again])]
    receipt = np.concatenate([sold.receipt, first + np.arange(len(again))])
    return replace(both, receipt=receipt, back=np.arange(len(both)) >= len(sold))
