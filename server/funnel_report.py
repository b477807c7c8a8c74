"""The funnel of a site over some days, and what moved its takings: what the page and the API both tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import nan
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection

from contract.site import Site
from server.db.local_time import day_start
from server.db.money import currency
from server.db.segment_shares import Counted, segment_days
from server.db.store_days import store_days
from server.db.store_hours import store_hours
from server.domain import areas, funnel
from server.domain.day_rates import Rate, day_rate
from server.domain.funnel import CategoryFunnel, Loss, StoreFunnel
from server.domain.store_days import StoreDays
from server.domain.suppression import SMALLEST
from server.domain.takings import Takings, takings

SegmentPlace = Literal["entrance", "category", "queue"]
"""Kinds of zones that all kinds of people go through, from the door to the till."""
SEGMENT_PLACES: tuple[SegmentPlace, ...] = ("entrance", "category", "queue")
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


@dataclass(frozen=True, slots=True)
class SegmentStep:
    """A segment's part of the visits at one step. `share` is None where fewer than SMALLEST are in it or outside."""

    segment: str
    step: SegmentPlace
    share: Rate | None


def segment_steps(conn: Connection, site: Site, *, first: date, last: date) -> list[SegmentStep]:
    """Of each segment that was counted, its part of the visits at the entrance, where goods stand, and at the tills."""
    timezone = ZoneInfo(site.timezone)
    start, end = (day_start(day, timezone) / 1000 for day in (first, last + timedelta(days=1)))
    digests = {key: segment.digest for key, segment in site.segments.items()}
    found: list[SegmentStep] = []
    for step in SEGMENT_PLACES:
        zones = [key for key, zone in site.zones.items() if zone.kind == step]
        by_segment = segment_days(conn, site=site.site, segments=digests, start=start, end=end, zones=zones)
        found += [SegmentStep(segment, step, _told(days)) for segment, days in by_segment.items()]
    return found


def _told(days: Mapping[date, Counted]) -> Rate | None:
    if not sum(days.values(), Counted()).tells(SMALLEST):
        return None
    counts = np.array([(counted.n, counted.of) for counted in days.values()], np.float64)
    return day_rate(counts[:, 0], counts[:, 1])


def takings_report(conn: Connection, site: Site, now: StoreDays, *, first: date, last: date) -> Takings | None:
    """The takings of `now` held against those of the days from `first` to `last`; None without a pair of days."""
    before = store_days(conn, site, first=first, last=last)
    return takings(now, before, rng=np.random.default_rng(SEED))


def like_days_before(first: date, last: date) -> tuple[date, date]:
    """As many days, as few whole weeks before as leave the two apart: the same weekdays."""
    weeks = timedelta(weeks=-(-((last - first).days + 1) // 7))
    return first - weeks, last - weeks
