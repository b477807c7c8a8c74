"""Receipts added up: by quarter of an hour, by day and offer, as baskets and by coupon. No receipt stays one.

Everything is summed in arrays, lines by lines; only what the sums need reaches the database, in bulk.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from contract.loyalty import BIN_S
from server.db.baskets import PART_HOURS, add_baskets
from server.db.sales import SUMS, WHOLE_STORE, add_bins, add_coupons, add_days
from server.imports.receipts import Line

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Sold(NamedTuple):
    """A receipt that is to be added: its lines have their categories."""

    bin_s: int
    """Seconds UTC, start of its quarter of an hour."""
    has_card: bool
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class _Lines:
    """n lines, all arrays (n,)."""

    receipt: Ints
    """Which of the receipts, from 0."""
    bin_s: Ints
    has_card: Ints
    """1 or 0; as `returned`."""
    returned: Ints
    category: Ints
    offer: Ints
    coupon: Ints
    """As all names: index into them, 0 for none."""
    amounts: Floats
    """(n, 5) quantity, gross, margin, gross of lines with a margin, discount; below zero where it was brought back."""

    def __getitem__(self, keep: npt.NDArray[np.bool_]) -> "_Lines":
        return _Lines(*(getattr(self, name)[keep] for name in self.__slots__))


class Calendar:
    """The store's day and time of a quarter of an hour; each is worked out once."""

    def __init__(self, timezone: tzinfo) -> None:
        self._local: Callable[[int], datetime] = lru_cache(maxsize=40_000)(
            lambda bin_s: datetime.fromtimestamp(bin_s, UTC).astimezone(timezone)
        )

    def day(self, bin_s: int) -> date:
        """The local date."""
        return self._local(bin_s).date()

    def part(self, bin_s: int) -> int:
        """Which part of the day it is, by the local clock."""
        return self._local(bin_s).hour // PART_HOURS


def bin_of(t: float) -> int:
    """The quarter of an hour that holds an instant, both in seconds UTC."""
    return int(t // BIN_S) * BIN_S


@dataclass(frozen=True, slots=True)
class _Totals:
    """m sums, each of a span, perhaps an offer or a coupon, and a category."""

    spans: list[Any]
    """Quarters of an hour, seconds UTC, or days."""
    keys: Ints
    """(m, k) index into `spans`, index of a name, ..., of the category: 0 the whole store."""
    sums: Floats
    """(m, 8) in the order of `server.db.sales.SUMS`; whole numbers but for the quantity."""

    def columns(self, names: Sequence[str]) -> tuple[list[list[Any]], list[list[Any]]]:
        """Keys by their names, and sums, both column by column."""
        span, *others = self.keys.T.tolist()
        told = [[self.spans[at] for at in span], *([names[at] for at in column] for column in others)]
        sums = (column if name == "quantity" else np.rint(column).astype(np.int64) for name, column in self._by_name())
        return told, [column.tolist() for column in sums]

    def _by_name(self) -> Iterator[tuple[str, Floats]]:
        return zip(SUMS, self.sums.T, strict=True)

    def __getitem__(self, keep: npt.NDArray[np.bool_]) -> "_Totals":
        return _Totals(self.spans, self.keys[keep], self.sums[keep])


def add_up(conn: Connection, site: str, receipts: Sequence[Sold], calendar: Calendar) -> None:
    """Add receipts, each of which was never added before, to what is sold."""
    if not receipts:
        return
    texts: dict[str, int] = {WHOLE_STORE: 0}
    lines = _columns(receipts, texts)
    bins = _totals(lines)
    _add_bins(conn, site, bins, list(texts))
    _add_days(conn, site, _by_day(bins, calendar), list(texts))
    _add_days(conn, site, _by_day(_totals(lines[lines.offer > 0], "offer"), calendar), list(texts))
    _add_coupons(conn, site, _by_day(_totals(lines[lines.coupon > 0], "coupon"), calendar), list(texts))
    baskets = _baskets(receipts, calendar)
    add_baskets(conn, ([site] * len(baskets), *_transposed(baskets, 4)))


def _add_bins(conn: Connection, site: str, totals: _Totals, names: Sequence[str]) -> None:
    (bins, category), sums = totals.columns(names)
    add_bins(conn, ([site] * len(bins), [bin_s * 1000 for bin_s in bins], category, *sums))


def _add_days(conn: Connection, site: str, totals: _Totals, names: Sequence[str]) -> None:
    (day, *offer, category), sums = totals.columns(names)
    add_days(conn, ([site] * len(day), day, category, *(offer or [[""] * len(day)]), *sums))


def _add_coupons(conn: Connection, site: str, totals: _Totals, names: Sequence[str]) -> None:
    (day, coupon, _), sums = totals[totals.keys[:, -1] == 0].columns(names)
    add_coupons(conn, ([site] * len(day), day, coupon, *(sums[SUMS.index(name)] for name in _OF_COUPON)))


_OF_COUPON = ("receipts", "gross_c", "discount_c")


def _transposed(rows: Sequence[Sequence[Any]], width: int) -> list[Sequence[Any]]:
    return [*zip(*rows, strict=True)] if rows else [()] * width


def _columns(receipts: Sequence[Sold], texts: dict[str, int]) -> _Lines:
    of_receipt = np.repeat(np.arange(len(receipts)), [len(receipt.lines) for receipt in receipts])
    rows = [line for receipt in receipts for line in receipt.lines]
    by = dict(zip(Line._fields, zip(*rows, strict=True), strict=True))
    returned = np.array(by["returned"], np.int64)
    category, offer, coupon = (
        np.array([texts.setdefault(text, len(texts)) for text in by[name]], np.int64)
        for name in ("category", "offer", "coupon")
    )
    return _Lines(
        receipt=of_receipt,
        bin_s=np.array([receipt.bin_s for receipt in receipts], np.int64)[of_receipt],
        has_card=np.array([receipt.has_card for receipt in receipts], np.int64)[of_receipt],
        returned=returned,
        category=category,
        offer=offer,
        coupon=coupon,
        amounts=_amounts(by) * (1 - 2 * returned)[:, None],
    )


def _amounts(by: Mapping[str, Sequence[Any]]) -> Floats:
    quantity, gross, margin, discount = (
        np.array(by[name], np.float64) for name in ("quantity", "gross_c", "margin_c", "discount_c")
    )
    said = ~np.isnan(margin)  # None has become nan
    return np.column_stack([quantity, gross, np.where(said, margin, 0.0), gross * said, discount])


def _totals(lines: _Lines, by: Literal["offer", "coupon"] | None = None) -> _Totals:
    """By quarter of an hour, by offer or coupon, and by category and of the whole store.

    A receipt counts once in each, however many of its lines are in it.
    """
    bins, at = np.unique(lines.bin_s, return_inverse=True)
    columns = [at, *([getattr(lines, by)] if by else []), lines.category]
    keys, place = _distinct(np.concatenate([np.column_stack(columns), np.column_stack([*columns[:-1], 0 * at])]))
    counts = _counts(lines, place, len(keys))
    amounts = [np.bincount(place, np.tile(amount, 2), len(keys)) for amount in lines.amounts.T]
    return _Totals(bins.tolist(), keys, np.column_stack([*counts, *amounts]))


def _counts(lines: _Lines, place: Ints, size: int) -> list[Floats]:
    """Receipts, those with a card, and returns by key, (size,) each; lines come twice, `place` is (2n,)."""
    receipt, returned, card = (np.tile(column, 2) for column in (lines.receipt, lines.returned, lines.has_card))
    each = np.column_stack([place, receipt, returned])
    _, first = np.unique(_ranks(each), return_index=True)
    at, sold, with_card = place[first], 1 - returned[first], card[first]
    return [np.bincount(at, weights, size).astype(np.float64) for weights in (sold, sold * with_card, 1 - sold)]


def _by_day(totals: _Totals, calendar: Calendar) -> _Totals:
    """A receipt lies in one quarter of an hour, so those of a day add up to the day."""
    of_bin = [calendar.day(bin_s) for bin_s in totals.spans]
    days = sorted(set(of_bin))
    day = np.searchsorted([each.toordinal() for each in days], [each.toordinal() for each in of_bin])
    keys, place = _distinct(np.column_stack([day[totals.keys[:, 0]], totals.keys[:, 1:]]))
    return _Totals(days, keys, np.column_stack([np.bincount(place, sums, len(keys)) for sums in totals.sums.T]))


def _distinct(keys: Ints) -> tuple[Ints, Ints]:
    """The distinct rows of (n, k) small numbers, and which of them each row is, (n,)."""
    _, first, place = np.unique(_ranks(keys), return_index=True, return_inverse=True)
    return keys[first], place


def _ranks(keys: Ints) -> Ints:
    """(n,) one number for each row of (n, k) numbers that are not below 0; sorting it is faster than sorting rows."""
    ranks: Ints = np.ravel_multi_index(tuple(keys.T), tuple(keys.max(axis=0, initial=0) + 1)).astype(np.int64)
    return ranks


def _baskets(receipts: Iterable[Sold], calendar: Calendar) -> list[tuple[date, int, str, int]]:
    """Week, part of the day, categories and how often: what was only brought back is no basket."""
    n: Counter[tuple[int, str]] = Counter()
    for receipt in receipts:
        held = {line.category for line in receipt.lines if not line.returned}
        if held:
            n[receipt.bin_s, ",".join(sorted(held))] += 1
    weeks: Counter[tuple[date, int, str]] = Counter()
    for (bin_s, categories), count in n.items():
        day = calendar.day(bin_s)
        weeks[day - timedelta(days=day.weekday()), calendar.part(bin_s), categories] += count
    return [(*key, count) for key, count in weeks.items()]
