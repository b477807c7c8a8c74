"""Which categories were bought together: how often, by week and part of the day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import Connection, func, select

from server.db.trade_tables import baskets
from server.db.upserts import add_columns
from server.domain.baskets import Baskets

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


def together(conn: Connection, sites: Collection[str], since: date) -> Baskets:
    """Baskets of the weeks from `since` on, of all these stores, as what goes together is worked out from them."""
    c = baskets.c
    query = select(c.week, c.part, c.n, c.categories).where(c.site.in_(sites), c.week >= since)
    rows = conn.execute(query.order_by(c.site, c.week, c.part, c.categories)).all()
    return Baskets(
        week=np.array([row.week.toordinal() for row in rows], dtype=np.int64),
        part=np.array([row.part for row in rows], dtype=np.int64),
        n=np.array([row.n for row in rows], dtype=np.int64),
        sets=tuple(tuple(row.categories.split(",")) for row in rows),
    )


def add_baskets(conn: Connection, columns: Sequence[Sequence[Any]]) -> None:
    """Add to them; `columns` are those of the table, in their order."""
    add_columns(conn, baskets, columns, ("n",))
