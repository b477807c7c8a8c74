"""The funnel of a site over some days, and what moved its takings: what the page and the API both tell."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import nan

import numpy as np
from sqlalchemy import Connection

from contract.site import Site
from server.db.money import currency
from server.db.store_days import store_days
from server.db.store_hours import store_hours
from server.domain import areas, funnel
from server.domain.day_rates import Rate
from server.domain.funnel import CategoryFunnel, Loss, StoreFunnel
from server.domain.store_days import StoreDays
from server.domain.takings import Takings, takings

SEED = 5
"""The same question gets the same answer: the days are drawn from the same numbers each time."""


@dataclass(frozen=True, slots=True)
class FunnelReport:
    """Of the days from `first` to `last`."""

    first: date
    last: date
    currency: str
    """ISO 4217; empty before any amount was told."""
    days: StoreDays
    store: StoreFunnel
    categories: list[CategoryFunnel]
    loss: Loss | None
    weekdays: list[Rate]
    """(7) conversion, from Monday."""

    @property
    def till(self) -> bool:
        """Whether any receipt of these days is known."""
        return self.store.receipts is not None


def funnel_report(conn: Connection, site: Site, *, first: date, last: date) -> FunnelReport:
    """The days from `first` to `last`, both with."""
    days = store_days(conn, site, first=first, last=last)
    categories = funnel.category_funnels(days, zone_m2=areas.zones_m2(site))
    return FunnelReport(
        first=first,
        last=last,
        currency=currency(conn, site.site) or "",
        days=days,
        store=funnel.store_funnel(days, floor_m2=areas.floor_m2(site) or nan),
        categories=categories,
        loss=funnel.worst_loss(categories),
        weekdays=funnel.by_weekday(days),
    )


def hour_rates(conn: Connection, site: Site, found: FunnelReport) -> list[Rate]:
    """(24) receipts of an hour over those who came in within it, on the open days of the report."""
    hours = store_hours(conn, site, first=found.first, last=found.last)
    open_ = ~found.days.closed
    return funnel.by_hour(hours.entrants[open_], hours.receipts[open_])


def takings_report(conn: Connection, site: Site, now: StoreDays, *, first: date, last: date) -> Takings | None:
    """The takings of `now` held against those of the days from `first` to `last`; None without a pair of days."""
    before = store_days(conn, site, first=first, last=last)
    return takings(now, before, rng=np.random.default_rng(SEED))


def like_days_before(first: date, last: date) -> tuple[date, date]:
    """As many days, as few whole weeks before as leave the two apart: the same weekdays."""
    weeks = timedelta(weeks=-(-((last - first).days + 1) // 7))
    return first - weeks, last - weeks
