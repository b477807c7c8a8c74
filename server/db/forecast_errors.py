"""Past forecasts against what came."""

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from contract.site import Site
from server.db.forecast_past import by_instant, hourly
from server.db.forecasts import made_since
from server.db.local_time import day_of, day_start
from server.db.spans import timezone_of
from server.domain.forecast_errors import Miss, Told, misses
from server.domain.forecast_past import AHEAD, HOURS

Floats = npt.NDArray[np.float64]
JUDGED_DAYS = 56
WEEKS = 4
"""Of the average that forecasts are held against."""


def past_misses(conn: Connection, site: Site, series: str, *, today: date, days: int = JUDGED_DAYS) -> list[Miss]:
    """Errors, by how far ahead it was told, of the forecasts that begin in the `days` days before `today`."""
    timezone = timezone_of(conn, site.site)
    first = today - timedelta(days=days)
    made = list(made_since(conn, site.site, series, day_start(first, timezone) / 1000))
    if not made:
        return []
    begin = first - timedelta(weeks=WEEKS)
    seen = hourly(conn, site, series, first=begin, last=today - timedelta(days=1))
    seen = np.concatenate([seen, np.full((AHEAD, HOURS), np.nan)])
    told = []
    for each in made:
        origin = (day_of(each.day_ms[0], timezone) - begin).days
        usual = np.full(seen.shape, np.nan)
        usual[origin : origin + AHEAD] = _same_weekdays(seen, origin)
        hours = (each.hour_ms, begin, timezone)
        day = np.array([(day_of(t, timezone) - begin).days for t in each.hour_ms])
        told.append(Told(by_instant(seen, *hours), by_instant(usual, *hours), each.hours, day - origin, day))
    parts = ([getattr(each, name) for each in told] for name in ("seen", "usual", "cells", "lead", "day"))
    return misses(Told(*(np.concatenate(part) for part in parts)))


def _same_weekdays(seen: Floats, origin: int) -> Floats:
    """(AHEAD, 24) the mean of the last WEEKS same weekdays before day `origin`; nan where none is known."""
    lead = np.arange(AHEAD)
    last = origin + lead % 7 - 7
    past = np.stack([seen[np.maximum(last - 7 * week, 0)] for week in range(WEEKS)])
    n = (~np.isnan(past)).sum(axis=0)
    mean: Floats = np.divide(np.nansum(past, axis=0), n, out=np.full(n.shape, np.nan), where=n > 0)
    return mean
