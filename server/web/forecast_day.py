"""What pages know of the days to come: the newest forecast, and what came of it so far."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

import numpy as np

from server.db.footfall import entries_by_hour
from server.db.forecasts import Made
from server.db.local_time import day_of
from server.domain.forecast_past import Floats
from server.domain.forecast_sums import sum_limits
from server.domain.usual import Band
from server.web.view import View

BUSY_HOURS = 3


@dataclass(frozen=True, slots=True)
class DayAhead:
    """One day of a forecast."""

    date: date
    band: Band | None
    """Middle and 80 % of the whole day; None where nothing is foretold."""
    hours: Mapping[int, Band]
    """By hour of the store's clock; those in which nothing is foretold are left out."""
    busiest: tuple[int, int, float] | None
    """From, to and how many: the BUSY_HOURS hours in a row with most."""


def days_ahead(made: Made, timezone: tzinfo) -> list[DayAhead]:
    """The days of a forecast."""
    found = []
    for i, t_ms in enumerate(made.day_ms):
        day = day_of(t_ms, timezone)
        rows = [k for k, t in enumerate(made.hour_ms) if day_of(t, timezone) == day]
        hours = {_hour(made.hour_ms[k], timezone): band for k in rows if (band := _band(made.hours[k]))}
        found.append(DayAhead(day, _band(made.days[i]), hours, _busiest(hours)))
    return found


def total_of(made: Made, first: int, last: int) -> Band:
    """Sum of the days `first` to `last`, both with, with 80 %."""
    day = np.repeat(np.arange(len(made.day_ms)), np.diff([*map(made.hour_ms.index, made.day_ms), len(made.hour_ms)]))
    share = ((day >= first) & (day <= last)).astype(np.float64)
    middle, low, high = sum_limits(made.hours[:, :3], made.days[:, :3], day, share)
    return Band(low, middle, high)


def came_so_far(view: View, lines: list[str], day: date) -> dict[int, float]:
    """By hour of the store's clock, of a day that has begun; empty of one that has not."""
    zone = view.words.timezone
    start = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC).timestamp()
    if not lines or start >= view.at:
        return {}
    counts = entries_by_hour(view.conn, site=view.site.site, lines=lines, start=start, end=min(view.at, start + 90_000))
    local = [(datetime.fromtimestamp(count.hour_start, UTC).astimezone(zone), count.entered) for count in counts]
    return {at.hour: float(entered) for at, entered in local if at.date() == day}


def _band(cells: Floats) -> Band | None:
    middle, low, high = cells[:3].tolist()
    return None if np.isnan(middle) else Band(low, middle, high)


def _hour(t_ms: int, timezone: tzinfo) -> int:
    return datetime.fromtimestamp(t_ms / 1000, UTC).astimezone(timezone).hour


def _busiest(hours: Mapping[int, Band]) -> tuple[int, int, float] | None:
    sums = [(sum(hours[h + k].mid for k in range(BUSY_HOURS) if h + k in hours), h) for h in hours]
    if not sums or max(sums)[0] <= 0:
        return None
    most, hour = max(sums, key=lambda pair: (pair[0], -pair[1]))
    return hour, min(hour + BUSY_HOURS, 24), most
