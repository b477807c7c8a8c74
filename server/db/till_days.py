"""What the till sold on each of many days, as arrays, of the whole store and of its categories."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, select

from server.db.trade_tables import sales_days

Floats = npt.NDArray[np.float64]

_SUMS = ("receipts", "quantity", "gross_c", "margin_c", "margin_gross_c", "discount_c")


@dataclass(frozen=True, slots=True)
class TillDays:
    """Of d days and n categories (empty: the whole store), each (d, n); money in the currency's unit.

    What was brought back is subtracted. nan on days of which nothing was imported; a category without sales on a day
    of which something was sold 0. The margin of lines that do not say theirs is taken at the rate of those of the same
    category and day that do; nan where none does.
    """

    receipts: Floats
    quantity: Floats
    gross: Floats
    margin: Floats
    discount: Floats


def till_days(conn: Connection, site: str, categories: Sequence[str], *, first: date, last: date) -> TillDays:
    """The days from `first` to `last`, both with."""
    c = sales_days.c
    query = select(c.day, c.category, *(c[name] for name in _SUMS))
    query = query.where(c.site == site, c.day >= first, c.day <= last, c.offer == "", c.category.in_(categories))
    at = {category: i for i, category in enumerate(categories)}
    sums = np.zeros((last.toordinal() - first.toordinal() + 1, len(categories), len(_SUMS)))
    told = np.zeros(sums.shape[:2], np.bool_)
    for day, category, *row in conn.execute(query):
        cell = day.toordinal() - first.toordinal(), at[category]
        sums[cell], told[cell] = row, True
    whole = np.array([category == "" for category in categories], np.bool_)
    sums[~(told | (told.any(axis=1, keepdims=True) & ~whole))] = np.nan
    receipts, quantity, gross_c, margin_c, margin_gross_c, discount_c = np.moveaxis(sums, 2, 0)
    margin = _margin(gross_c, margin_c, margin_gross_c) / 100
    return TillDays(receipts, quantity, gross_c / 100, margin, discount_c / 100)


def _margin(gross_c: Floats, margin_c: Floats, margin_gross_c: Floats) -> Floats:
    """Where nothing was sold there is no margin, unless the category never says one."""
    says = np.nansum(margin_gross_c, axis=0) > 0
    rated = margin_gross_c > 0
    margin = np.where(rated, gross_c * margin_c / np.where(rated, margin_gross_c, 1.0), np.nan)
    result: Floats = np.where((gross_c == 0) & ~rated & says, 0.0, margin)
    return result
