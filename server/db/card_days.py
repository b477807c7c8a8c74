"""Receipts with a loyalty card and without, by the store's own days."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, select

from server.db.trade_tables import sales_days

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CardDays:
    """Of d days in a row, each (d,); nan on days of which nothing was imported."""

    card: Floats
    other: Floats

    @property
    def all(self) -> Floats:
        """With a card and without."""
        return self.card + self.other


def card_days(conn: Connection, site: str, *, first: date, last: date) -> CardDays:
    """The days from `first` to `last`, both with."""
    c = sales_days.c
    query = select(c.day, c.receipts, c.card_receipts).where(c.site == site, c.category == "", c.offer == "")
    receipts, card = np.full((2, last.toordinal() - first.toordinal() + 1), np.nan)
    for day, all_, with_card in conn.execute(query.where(c.day >= first, c.day <= last)):
        row = day.toordinal() - first.toordinal()
        receipts[row], card[row] = all_, with_card
    return CardDays(card, receipts - card)
