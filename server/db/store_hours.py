"""Who came in and what the till sold by hour of the store's clock, on each of many days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from contract.site import Site
from server.db.floor_days import OBSERVED_ENOUGH
from server.db.footfall import entries_by_hour
from server.db.local_time import day_start
from server.db.sales import WHOLE_STORE, bins
from server.db.sites import entrance_lines
from server.db.spans import timezone_of

Floats = npt.NDArray[np.float64]

_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class StoreHours:
    """Of d days, each (d, 24) by hour of the clock; nan where it was not measured.

    An hour that the clock shows twice counts as one.
    """

    entrants: Floats
    """nan where the entrances were watched for less than OBSERVED_ENOUGH of the hour."""
    receipts: Floats
    """nan on days of which nothing was imported by the hour or finer."""


def store_hours(conn: Connection, site: Site, *, first: date, last: date) -> StoreHours:
    """The days from `first` to `last`, both with."""
    timezone = timezone_of(conn, site.site)
    start, end = (day_start(day, timezone) / 1000 for day in (first, last + timedelta(days=1)))
    days = _Days(first, last, timezone)
    counts = entries_by_hour(conn, site=site.site, lines=entrance_lines(site), start=start, end=end)
    entered = days.sums((count.hour_start, count.entered) for count in counts)
    watched = days.sums((count.hour_start, count.observed_s) for count in counts)
    sold = bins(conn, site.site, start, end, [WHOLE_STORE])
    receipts = days.sums((of_bin.start, of_bin.sums.receipts) for of_bin in sold)
    told = receipts.sum(axis=1, keepdims=True) > 0
    return StoreHours(
        entrants=np.where(watched >= OBSERVED_ENOUGH * _HOUR_S, entered, np.nan),
        receipts=np.where(told, receipts, np.nan),
    )


@dataclass(frozen=True, slots=True)
class _Days:
    first: date
    last: date
    timezone: tzinfo

    def sums(self, counts: Iterable[tuple[float, float]]) -> Floats:
        """(d, 24) of counts at instants, seconds UTC."""
        total = np.zeros((self.last.toordinal() - self.first.toordinal() + 1, 24))
        for t, count in counts:
            moment = datetime.fromtimestamp(t, self.timezone)
            total[moment.toordinal() - self.first.toordinal(), moment.hour] += count
        return total
