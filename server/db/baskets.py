"""Which categories were bought together: how often, by week and part of the day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

from server.db.trade_tables import baskets
from server.db.upserts import add_rows

PART_HOURS = 6
"""A part of the day: nights, mornings, afternoons, evenings, by the store's clock."""


@dataclass(frozen=True, slots=True)
class Basket:
    """A set of categories, and how many receipts held exactly it."""

    categories: frozenset[str]
    n: int


def sets(conn: Connection, site: str, since: date, *, parts: Sequence[int] = (0, 1, 2, 3)) -> list[Basket]:
    """Baskets of the weeks from `since` on and of `parts` of the day (hour divided by 6); the most frequent first."""
    c, n = baskets.c, func.sum(baskets.c.n)
    query = select(c.categories, n).where(c.site == site, c.week >= since, c.part.in_(parts))
    rows = conn.execute(query.group_by(c.categories).order_by(n.desc(), c.categories))
    return [Basket(frozenset(categories.split(",")), int(count)) for categories, count in rows]


def add_baskets(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add to them; `rows` hold the columns of `baskets`."""
    add_rows(conn, baskets, rows, ("n",))
