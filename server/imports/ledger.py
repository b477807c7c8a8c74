"""Receipts added up: by quarter of an hour, by day and offer, as baskets and by coupon. No receipt stays one.

Everything is summed in arrays, lines by lines; only what the sums need reaches the database, in bulk.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from contract.loyalty import BIN_S
from server.db.baskets import PART_HOURS, add_baskets
from server.db.sales import SUMS, WHOLE_STORE, add_bins, add_coupons, add_days
from server.imports.receipts import Line

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Row = dict[str, Any]


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


def add_up(conn: Connection, site: str, receipts: Sequence[Sold], calendar: Calendar) -> None:
    """Add receipts, each of which was never added before, to what is sold."""
    if not receipts:
        return
    names: dict[str, int] = {WHOLE_STORE: 0}
    lines = _columns(receipts, names)
    known = list(names)
    bins = _bins(lines, known)
    add_bins(conn, [{"site": site, "bin_ms": row.key[0] * 1000, "category": row.name} | row.sums for row in bins])
    add_days(conn, [{"site": site} | row for row in _days(bins, calendar)])
    add_days(conn, [{"site": site} | row for row in _offers(lines[lines.offer > 0], known, calendar)])
    add_coupons(conn, [{"site": site} | row for row in _coupons(lines[lines.coupon > 0], known, calendar)])
    add_baskets(conn, [{"site": site} | row for row in _baskets(receipts, calendar)])


class _Total(NamedTuple):
    key: tuple[int, ...]
    name: str
    """Of the category."""
    sums: Row


def _columns(receipts: Sequence[Sold], names: dict[str, int]) -> _Lines:
    sizes = [len(receipt.lines) for receipt in receipts]
    rows = [line for receipt in receipts for line in receipt.lines]
    of_receipt = np.repeat(np.arange(len(receipts)), sizes)
    by = list(zip(*rows, strict=True))
    returned = np.array(by[Line._fields.index("returned")], np.int64)
    return _Lines(
        receipt=of_receipt,
        bin_s=np.array([receipt.bin_s for receipt in receipts], np.int64)[of_receipt],
        has_card=np.array([receipt.has_card for receipt in receipts], np.int64)[of_receipt],
        returned=returned,
        category=_codes(by[Line._fields.index("category")], names),
        offer=_codes(by[Line._fields.index("offer")], names),
        coupon=_codes(by[Line._fields.index("coupon")], names),
        amounts=_amounts(by) * (1 - 2 * returned)[:, None],
    )


def _amounts(by: Sequence[Sequence[Any]]) -> Floats:
    quantity, gross, discount = (
        np.array(by[Line._fields.index(name)], np.float64) for name in ("quantity", "gross_c", "discount_c")
    )
    margin = np.array(by[Line._fields.index("margin_c")], np.float64)  # None becomes nan
    said = ~np.isnan(margin)
    return np.column_stack([quantity, gross, np.where(said, margin, 0.0), gross * said, discount])


def _codes(texts: Iterable[str], names: dict[str, int]) -> Ints:
    return np.array([names.setdefault(text, len(names)) for text in texts], np.int64)


def _bins(lines: _Lines, names: Sequence[str]) -> list[_Total]:
    """By quarter of an hour and category, and of the whole store."""
    return [_Total((bin_s,), names[category], sums) for (bin_s, category), sums in _sums(lines, (lines.bin_s,))]


def _offers(lines: _Lines, names: Sequence[str], calendar: Calendar) -> list[Row]:
    """By day, category and offer; a receipt counts once for each."""
    days, day = _days_of(lines, calendar)
    return [
        {"day": days[at], "category": names[category], "offer": names[offer]} | sums
        for (at, offer, category), sums in _sums(lines, (day, lines.offer))
    ]


def _coupons(lines: _Lines, names: Sequence[str], calendar: Calendar) -> list[Row]:
    days, day = _days_of(lines, calendar)
    return [
        {"day": days[at], "coupon": names[coupon]}
        | {name: sums[name] for name in ("receipts", "gross_c", "discount_c")}
        for (at, coupon, category), sums in _sums(lines, (day, lines.coupon))
        if not category
    ]


def _days_of(lines: _Lines, calendar: Calendar) -> tuple[list[date], Ints]:
    bins, at = np.unique(lines.bin_s, return_inverse=True)
    by_bin = [calendar.day(bin_s) for bin_s in bins.tolist()]
    days = sorted(set(by_bin))
    return days, np.array([days.index(day) for day in by_bin], np.int64)[at]


def _sums(lines: _Lines, by: Sequence[Ints]) -> list[tuple[tuple[int, ...], Row]]:
    """Sums by the columns `by` and the category, and by `by` alone with category 0."""
    if not len(lines.receipt):
        return []
    with_category = np.column_stack([*by, lines.category])
    whole = np.column_stack([*by, np.zeros_like(lines.category)])
    keys, place = np.unique(np.concatenate([with_category, whole]), axis=0, return_inverse=True)
    amounts = np.tile(lines.amounts, (2, 1))
    counts = _counts(lines, place, len(keys))
    columns = [np.bincount(place, amount, len(keys)) for amount in amounts.T]
    cents = [np.rint(column).astype(np.int64).tolist() for column in columns[1:]]
    rows = zip(*counts, columns[0].tolist(), *cents, strict=True)
    return [(tuple(key), dict(zip(SUMS, row, strict=True))) for key, row in zip(keys.tolist(), rows, strict=True)]


def _counts(lines: _Lines, place: Ints, size: int) -> list[list[int]]:
    """Receipts, those with a card, and returns, each receipt once for each key, (size,) each."""
    returned, card = np.tile(lines.returned, 2), np.tile(lines.has_card, 2)
    of_receipt = (place * (int(lines.receipt[-1]) + 1) + np.tile(lines.receipt, 2)) * 2 + returned
    _, first = np.unique(of_receipt, return_index=True)
    sold, at = 1 - returned[first], place[first]
    counts = (np.bincount(at, weights, size) for weights in (sold, sold * card[first], returned[first]))
    return [count.astype(np.int64).tolist() for count in counts]


def _days(bins: Iterable[_Total], calendar: Calendar) -> list[Row]:
    """A receipt lies in one quarter of an hour, so those of a day add up to the day."""
    days: dict[tuple[date, str], Row] = {}
    for total in bins:
        key = calendar.day(total.key[0]), total.name
        there = days.get(key)
        days[key] = total.sums if there is None else {name: there[name] + total.sums[name] for name in SUMS}
    return [{"day": day, "category": name, "offer": ""} | sums for (day, name), sums in days.items()]


def _baskets(receipts: Iterable[Sold], calendar: Calendar) -> list[Row]:
    """The sets of categories that were bought together; what was only brought back is none."""
    n: Counter[tuple[int, str]] = Counter()
    for receipt in receipts:
        held = {line.category for line in receipt.lines if not line.returned}
        if held:
            n[receipt.bin_s, ",".join(sorted(held))] += 1
    weeks: Counter[tuple[date, int, str]] = Counter()
    for (bin_s, categories), count in n.items():
        day = calendar.day(bin_s)
        weeks[day - timedelta(days=day.weekday()), calendar.part(bin_s), categories] += count
    names = ("week", "part", "categories", "n")
    return [dict(zip(names, (*key, count), strict=True)) for key, count in weeks.items()]
