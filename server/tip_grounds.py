"""What a store's tips are worked out from: what goes together, what sells when, and what this hour is like."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection

from contract.site import Site
from server.db import baskets, sales
from server.db.local_time import HOUR_MS, day_start
from server.db.sales import WHOLE_STORE, BinSales
from server.db.sites import list_sites
from server.domain.affinity import Rule, rules
from server.domain.tips import Hour

WEEKS = 8
"""Of baskets that are looked back on."""
DAYS = 28
"""Whose hours say what an hour is like."""
OWN_FROM = 2000
"""With fewer receipts a store learns from the whole chain."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What holds for a whole day; worked out once."""

    rules: tuple[Rule, ...]
    by_hour: dict[str, tuple[float, ...]]
    """Receipts with a category by hour of the store's day (24,), mean of the last days."""


def learn(conn: Connection, site: Site, *, today: date, rng: np.random.Generator) -> Grounds:
    """Of the weeks before `today`."""
    since = today - timedelta(weeks=WEEKS)
    own = baskets.together(conn, [site.site], since)
    known = own if own.receipts >= OWN_FROM else baskets.together(conn, [each.site for each in list_sites(conn)], since)
    found = tuple(rules(known, rng=rng))
    return Grounds(found, _by_hour(conn, site, today, {rule.given for rule in found}))


def hour_like(conn: Connection, site: Site, start: datetime) -> Hour:
    """The hour from `start`: as many receipts as on the same weekday of the last weeks, shares as on all their days."""
    same_weekday, receipts = 0.0, 0.0
    with_: defaultdict[str, float] = defaultdict(float)
    margin_c: defaultdict[str, float] = defaultdict(float)
    for back, found in _same_hours(conn, site, start):
        for each in found:
            if each.category == WHOLE_STORE:
                receipts += each.sums.receipts
                same_weekday += each.sums.receipts if back % 7 == 0 else 0
            else:
                with_[each.category] += each.sums.receipts
                margin_c[each.category] += each.sums.margin_known_c
    return Hour(
        receipts=same_weekday / (DAYS // 7),
        shares={category: n / receipts for category, n in with_.items()} if receipts else {},
        margins={
            category: margin_c[category] / 100 / n for category, n in with_.items() if n and margin_c[category] > 0
        },
    )


def _same_hours(conn: Connection, site: Site, start: datetime) -> Iterator[tuple[int, list[BinSales]]]:
    """How many days back, and what was sold in that day's same hour by the store's clock."""
    local = start.astimezone(ZoneInfo(site.timezone))
    for back in range(1, DAYS + 1):
        t = (local - timedelta(days=back)).timestamp()
        yield back, sales.bins(conn, site.site, t, t + HOUR_MS / 1000)


def _by_hour(conn: Connection, site: Site, today: date, categories: set[str]) -> dict[str, tuple[float, ...]]:
    zone = ZoneInfo(site.timezone)
    start, end = (day_start(day, zone) / 1000 for day in (today - timedelta(days=DAYS), today))
    found = {category: np.zeros(24) for category in sorted(categories)}
    for each in sales.bins(conn, site.site, start, end, categories):
        found[each.category][datetime.fromtimestamp(each.start, zone).hour] += each.sums.receipts / DAYS
    return {category: tuple(hours.tolist()) for category, hours in found.items()}
