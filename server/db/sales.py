"""What was sold: by quarter of an hour and category, by day with offers, and by coupon."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, select

from server.db.spans import to_ms
from server.db.trade_tables import coupons as coupon_table
from server.db.trade_tables import sales, sales_days
from server.db.upserts import add_columns

WHOLE_STORE = ""
"""In the column `category`: all receipts; in `offer`: all lines, with an offer and without."""
SUMS = ("receipts", "card_receipts", "returns", "quantity", "gross_c", "margin_c", "margin_gross_c", "discount_c")


@dataclass(frozen=True, slots=True)
class Sums:
    """What was sold of something; what was brought back is taken off all but `receipts`."""

    receipts: int
    """With the category; all of the store where the category is empty."""
    card_receipts: int
    returns: int
    """Receipts by which something was brought back."""
    quantity: float
    """Pieces or kilograms."""
    gross_c: int
    margin_c: int
    """Of the lines that said their margin."""
    margin_gross_c: int
    """Gross of the lines that said their margin."""
    discount_c: int

    @property
    def margin_known_c(self) -> float:
        """Margin of all lines, those that said none at the rate of the others, hundredths; nan where none said it."""
        return self.gross_c * self.margin_c / self.margin_gross_c if self.margin_gross_c else float("nan")


@dataclass(frozen=True, slots=True)
class DaySales:
    """Of one day of the store's calendar."""

    day: date
    category: str
    """Empty: the whole store."""
    offer: str
    """Empty: all lines, with an offer and without."""
    sums: Sums


@dataclass(frozen=True, slots=True)
class BinSales:
    """Of a quarter of an hour; of half an hour or an hour where the shop tells its sales so."""

    start: float
    """Seconds UTC."""
    category: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class CouponDay:
    """Receipts with a coupon's code on one day."""

    day: date
    coupon: str
    receipts: int
    gross_c: int
    discount_c: int


def by_day(conn: Connection, site: str, first: date, last: date) -> list[DaySales]:
    """Day by category from `first` to `last`, both with; category empty: the whole store. All lines, any offer."""
    return _days(conn, site, first, last, offers=False)


def by_offer(conn: Connection, site: str, first: date, last: date) -> list[DaySales]:
    """Day by category and offer: only the lines with one. Category empty: all categories of the offer together."""
    return _days(conn, site, first, last, offers=True)


def bins(
    conn: Connection, site: str, start: float, end: float, categories: Collection[str] | None = None
) -> list[BinSales]:
    """Quarters of an hour that begin within [start, end) seconds, in order; of `categories`, or of all."""
    c = sales.c
    query = select(sales).where(c.site == site, c.bin_ms >= to_ms(start), c.bin_ms < to_ms(end))
    if categories is not None:
        query = query.where(c.category.in_(categories))
    rows = conn.execute(query.order_by(c.bin_ms, c.category)).mappings()
    return [BinSales(row["bin_ms"] / 1000, row["category"], _sums(row)) for row in rows]


def span(conn: Connection, site: str) -> tuple[date, date] | None:
    """First and last day of which sales are known."""
    c = sales_days.c
    first, last = conn.execute(select(func.min(c.day), func.max(c.day)).where(c.site == site)).one()
    return None if first is None else (first, last)


def categories_sold(conn: Connection, site: str) -> list[str]:
    """Every category that was ever sold, by id."""
    c = sales_days.c
    query = select(c.category).where(c.site == site, c.offer == "", c.category != WHOLE_STORE).distinct()
    return list(conn.execute(query.order_by(c.category)).scalars())


def coupons(conn: Connection, site: str, first: date, last: date) -> list[CouponDay]:
    """Coupons from `first` to `last`, both with."""
    c = coupon_table.c
    query = select(c.day, c.coupon, c.receipts, c.gross_c, c.discount_c)
    mine = query.where(c.site == site, c.day >= first, c.day <= last).order_by(c.day, c.coupon)
    return [CouponDay(*row) for row in conn.execute(mine)]


def add_bins(conn: Connection, columns: Sequence[Sequence[Any]]) -> None:
    """Add to quarters of an hour; `columns` are those of `sales`, in their order."""
    add_columns(conn, sales, columns, SUMS)


def add_days(conn: Connection, columns: Sequence[Sequence[Any]]) -> None:
    """Add to days; `columns` are those of `sales_days`, in their order."""
    add_columns(conn, sales_days, columns, SUMS)


def add_coupons(conn: Connection, columns: Sequence[Sequence[Any]]) -> None:
    """Add to coupons; `columns` are those of `coupons`, in their order."""
    add_columns(conn, coupon_table, columns, ("receipts", "gross_c", "discount_c"))


def days_with_sales(conn: Connection, site: str, days: Iterable[date]) -> set[date]:
    """Those of `days` of which something is known."""
    c = sales_days.c
    query = select(c.day).where(c.site == site, c.day.in_(list(days))).distinct()
    return set(conn.execute(query).scalars())


def clear(conn: Connection, site: str, day: date, first_ms: int, last_ms: int) -> None:
    """Forget a day, which lies in [first_ms, last_ms), to derive it anew."""
    conn.execute(delete(sales_days).where(sales_days.c.site == site, sales_days.c.day == day))
    c = sales.c
    conn.execute(delete(sales).where(c.site == site, c.bin_ms >= first_ms, c.bin_ms < last_ms))


def _days(conn: Connection, site: str, first: date, last: date, *, offers: bool) -> list[DaySales]:
    c = sales_days.c
    query = select(sales_days).where(c.site == site, c.day >= first, c.day <= last)
    mine = query.where(c.offer != "" if offers else c.offer == "").order_by(c.day, c.category, c.offer)
    rows = conn.execute(mine).mappings()
    return [DaySales(row["day"], row["category"], row["offer"], _sums(row)) for row in rows]


def _sums(row: RowMapping) -> Sums:
    return Sums(*(row[name] for name in SUMS))
