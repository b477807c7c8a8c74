"""Sales as a shop told them that sends no receipts: the rows that days and quarters of an hour are derived from."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta, tzinfo
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from server.db.local_time import day_of, day_start
from server.db.sales import SUMS, clear
from server.db.trade_tables import sales, sales_days, sales_rows
from server.db.upserts import put_rows

DAY_MINUTES = 1440
"""A row so long is of a whole local day, however long that is."""


class Span(NamedTuple):
    """What a row is of."""

    start_ms: int
    minutes: int
    category: str


def bounds(day: date, timezone: tzinfo) -> tuple[int, int]:
    """First instant of a local day, and of the next one, milliseconds."""
    return day_start(day, timezone), day_start(day + timedelta(days=1), timezone)


def spans(conn: Connection, site: str, day: date, timezone: tzinfo) -> list[Span]:
    """What the rows of a day are of."""
    c, (first, after) = sales_rows.c, bounds(day, timezone)
    query = select(c.start_ms, c.minutes, c.category)
    return [Span(*row) for row in conn.execute(query.where(c.site == site, c.start_ms >= first, c.start_ms < after))]


def days_told(conn: Connection, site: str, days: Iterable[date], timezone: tzinfo) -> set[date]:
    """Those of `days` that have rows."""
    wanted = sorted(days)
    if not wanted:
        return set()
    c, first, after = sales_rows.c, bounds(wanted[0], timezone)[0], bounds(wanted[-1], timezone)[1]
    query = select(c.start_ms).where(c.site == site, c.start_ms >= first, c.start_ms < after).distinct()
    return {day_of(start_ms, timezone) for start_ms in conn.execute(query).scalars()} & set(wanted)


def put_sales(conn: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add rows, or put them in the place of those of the same span; they hold the columns of `sales_rows`."""
    put_rows(conn, sales_rows, rows)


def derive(conn: Connection, site: str, day: date, timezone: tzinfo) -> None:
    """Work out a day, and its quarters of an hour, anew from its rows."""
    first, after = bounds(day, timezone)
    clear(conn, site, day, first, after)
    c = sales_rows.c
    mine = (c.site == site) & (c.start_ms >= first) & (c.start_ms < after)
    bins = [dict(row) for row in conn.execute(select(sales_rows).where(mine, c.minutes < DAY_MINUTES)).mappings()]
    for row in bins:
        del row["minutes"]
        row["bin_ms"] = row.pop("start_ms")
    put_rows(conn, sales, bins)
    totals = [func.sum(c[name]).label(name) for name in SUMS]
    by_category = conn.execute(select(c.category, *totals).where(mine).group_by(c.category)).mappings()
    put_rows(conn, sales_days, [{"site": site, "day": day, "offer": ""} | dict(row) for row in by_category])
