"""Questions that are answered by whole days of the site's calendar."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends

from server.api.period import Asked, Period, PeriodBody, Site, period_body
from server.db.local_time import day_start
from server.db.sites import SiteRecord


@dataclass(frozen=True, slots=True)
class Days:
    """From `first` to `last`, both with."""

    first: date
    last: date


def asked_days(site: Site, period: Asked) -> Days:
    """The days that the period touches."""
    zone = ZoneInfo(site.timezone)
    # An instant after the period's last one belongs to it no more.
    ends = (period.start, max(period.end - 0.001, period.start))
    return Days(*(datetime.fromtimestamp(t, UTC).astimezone(zone).date() for t in ends))


AskedDays = Annotated[Days, Depends(asked_days)]


def days_body(days: Days, site: SiteRecord) -> PeriodBody:
    """The days as answers carry a period."""
    zone = ZoneInfo(site.timezone)
    start, end = (day_start(day, zone) / 1000 for day in (days.first, days.last + timedelta(days=1)))
    return period_body(Period(start, end), site)
