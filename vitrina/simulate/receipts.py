"""Receipts of an hour as a till would send them, from who came and where they stayed, as the cameras told it."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from contract.arrays import F64, I64, Bool
from contract.loyalty import Receipt, ReceiptLine
from contract.messages import DWELL_BINS_S, Window
from contract.site import Site
from vitrina.simulate.history import Hour
from vitrina.simulate.market import Market, Terms, lift
from vitrina.simulate.market_days import LINE_SPREAD

COLUMNS = (
    "receipt", "time", "has_card", "category", "sku", "quantity", "gross", "margin", "discount", "offer", "coupon"
)  # fmt: skip
_HOUR_S = 3600
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
    local = hour.start.astimezone(ZoneInfo(site.timezone))
    terms = _at(market.terms, market.row(local.date(), local.hour))
    stays = np.array([_engaged(site, hour.windows, zone) for zone in terms.zones], np.float64)
    return _drawn(market, terms, hour.start, entrants=np.array([float(hour.shoppers)]), stays=stays[None], rng=rng)


def lines(market: Market, timezone: str, rng: np.random.Generator) -> Iterator[Lines]:
    """The same for every open hour of the market, where there are no windows: who comes and stays is drawn too."""
    zone = ZoneInfo(timezone)
    for row in np.flatnonzero(market.terms.traffic > 0):
        terms = _at(market.terms, int(row))
        entrants = rng.poisson(terms.traffic).astype(np.float64)
        stays = rng.binomial(entrants.astype(np.int64)[:, None], market.held(terms)[1]).astype(np.float64)
        day = datetime.fromordinal(int(terms.day[0])).replace(hour=int(terms.hour[0]), tzinfo=zone)
        yield _drawn(market, terms, day.astimezone(UTC), entrants=entrants, stays=stays, rng=rng)


def documents(market: Market, told: Lines) -> list[Receipt]:
    """The receipts of these lines, as they come in."""
    cuts = np.flatnonzero(np.diff(told.receipt)) + 1
    return [_receipt(market, told[rows]) for rows in np.split(np.arange(len(told)), cuts) if len(rows)]


def write_receipts(market: Market, hours: Iterable[Lines], path: Path) -> int:
    """A file of COLUMNS, goods brought back with amounts below zero; how many lines."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for told in hours:
            writer.writerows(_rows(market, told))
            count += len(told)
    return count


def _at(terms: Terms, row: int) -> Terms:
    """One hour of them."""
    by_hour = ("day", "hour", "traffic", "charm", "place", "pull", "off", "taken", "offer")
    return replace(terms, **{name: getattr(terms, name)[row : row + 1] for name in by_hour})


def _engaged(site: Site, windows: Iterable[Window], zone: str) -> int:
    """Visits that stayed as long as the zone asks, in all cameras' windows."""
    longer = [i for i, edge in enumerate(DWELL_BINS_S) if edge >= site.zones[zone].engaged_s]
    tables = [window.zones[zone].dwell for window in windows if zone in window.zones]
    kinds = [kind for table in tables for kind in (table.left, table.lost, table.late_left, table.late_lost)]
    return sum(kind[i] for kind in kinds for i in longer)


def _drawn(
    market: Market, terms: Terms, start: datetime, *, entrants: F64, stays: F64, rng: np.random.Generator
) -> Lines:
    count = rng.binomial(int(entrants[0]), market.conversion)
    alone, _ = market.demand(terms, entrants, stays)
    share = alone[0] / np.maximum(entrants * market.conversion, 1e-9)
    holds = _with_pairs(terms, rng.random((count, len(share))) < share, share, rng)
    receipt, category = np.nonzero(holds)
    second, card = np.sort(rng.integers(_HOUR_S, size=count)), rng.random(count) < market.goods.has_card
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
    takes = rng.random(size) < _chance_taken(market, terms, category, card)
    off = np.round(usual * np.where(takes, terms.off[0, category], 0))
    margin = np.round(usual * market.of("margin")[category]) - off
    return Lines(
        start, receipt, second, card, np.zeros(size, np.bool_), category, article, pieces,
        gross_c=(usual - off).astype(np.int64), margin_c=margin.astype(np.int64), discount_c=off.astype(np.int64),
        offer=np.where(takes, terms.offer[0, category], -1),
    )  # fmt: skip


def _chance_taken(market: Market, terms: Terms, category: I64, card: Bool) -> F64:
    """(k,) Of an offer for cards only everyone with a card takes it, and nobody else."""
    taken = terms.taken[0, category]
    carded = {key for key, offer in market.goods.offers.items() if offer.card_only}
    only = [i for i, key in enumerate(terms.offers) if key in carded]
    return np.where(np.isin(terms.offer[0, category], only), card, taken)


def _with_returns(sold: Lines, back: Bool) -> Lines:
    """Some lines come back in the same hour, each as a receipt of its own after the others."""
    again = np.flatnonzero(back)
    first = int(sold.receipt.max(initial=-1)) + 1
    both = sold[np.concatenate([np.arange(len(sold)), again])]
    receipt = np.concatenate([sold.receipt, first + np.arange(len(again))])
    return replace(both, receipt=receipt, back=np.arange(len(both)) >= len(sold))


def _receipt(market: Market, told: Lines) -> Receipt:
    return Receipt(
        id=_id(told, 0),
        t=told.start + timedelta(seconds=int(told.second[0])),
        kind="return" if told.back[0] else "sale",
        has_card=bool(told.has_card[0]),
        lines=[_line(market, told, i) for i in range(len(told))],
    )


def _line(market: Market, told: Lines, i: int) -> ReceiptLine:
    category = market.terms.categories[told.category[i]]
    gross, margin, discount = (Decimal(int(each[i])) / 100 for each in (told.gross_c, told.margin_c, told.discount_c))
    offer = market.terms.offers[told.offer[i]] if told.offer[i] >= 0 else None
    return ReceiptLine(
        category=category, sku=_sku(category, told.article[i]), quantity=float(told.pieces[i]),
        gross=gross, margin=margin, discount=discount, offer=offer,
    )  # fmt: skip


def _rows(market: Market, told: Lines) -> Iterator[tuple[object, ...]]:
    for i in range(len(told)):
        category, sign = market.terms.categories[told.category[i]], -1 if told.back[i] else 1
        t = told.start + timedelta(seconds=int(told.second[i]))
        amounts = (told.gross_c[i], told.margin_c[i], told.discount_c[i])
        yield (
            _id(told, i), f"{t:%Y-%m-%dT%H:%M:%SZ}", "yes" if told.has_card[i] else "no", category,
            _sku(category, told.article[i]), sign * int(told.pieces[i]),
            *(f"{sign * int(amount) / 100:.2f}" for amount in amounts),
            market.terms.offers[told.offer[i]] if told.offer[i] >= 0 else "", "",
        )  # fmt: skip


def _id(told: Lines, i: int) -> str:
    return f"{told.start:%y%m%d%H}-{told.receipt[i]:04d}"


def _sku(category: str, article: int) -> str:
    return f"{category}-{article + 1}"
