"""Receipts as a till would send them: as documents, and as a file."""

import csv
from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np

from contract.loyalty import Receipt, ReceiptLine
from vitrina.simulate.market import Market
from vitrina.simulate.purchases import Lines

COLUMNS = (
    "receipt", "time", "has_card", "category", "sku", "quantity", "gross", "margin", "discount", "offer", "coupon"
)  # fmt: skip


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
