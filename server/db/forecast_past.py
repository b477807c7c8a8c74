"""What forecasts are made from: each series hour by hour, as the store's own clock has it, and what days were like."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, func, select

from contract.site import Site
from server.db import days_known
from server.db.footfall import entries_by_hour
from server.db.forecasts import ENTRANTS, OCCUPANCY, SALES
from server.db.local_time import day_start
from server.db.occupancy import occupancy
from server.db.sales import bins, categories_sold
from server.db.sites import entrance_lines
from server.db.spans import timezone_of
from server.db.trade_tables import sales, sales_days
from server.domain.forecast_past import AHEAD, HOURS, Past

Floats = npt.NDArray[np.float64]
REMEMBERED = 1200
"""Days looked back: three years, so that holidays are known from before."""
WATCHED_S = 2700.0
"""An hour watched for less is not known; one watched longer counts in proportion."""
FEWEST_A_DAY, LATELY = 10.0, 56
"""A category in fewer receipts a day over the last weeks is not forecast by hour."""
MOST_CATEGORIES = 60
_HOUR_S = 3600.0


def past_of(conn: Connection, site: Site, series: str, *, today: date, named: Mapping[date, str]) -> Past | None:
    """The past of a series until the day before `today`; `named` are holidays. None where nothing is known."""
    first = today - timedelta(days=REMEMBERED)
    known = hourly(conn, site, series, first=first, last=today - timedelta(days=1))
    told = np.flatnonzero((~np.isnan(known)).any(axis=1))
    if not len(told):
        return None
    known, first = known[told[0] :], first + timedelta(days=int(told[0]))
    days = [first + timedelta(days=i) for i in range(len(known) + AHEAD)]
    special = {each.day: each for each in days_known.special(conn, site.site, days[0], days[-1])}
    weather = {each.day: each for each in days_known.weather(conn, site.site, days[0], days[-1])}
    names = dict(named) | {day: each.name for day, each in special.items()}
    return Past(
        counts=known,
        weekday=np.array([day.weekday() for day in days]),
        names=tuple(names.get(day, "") for day in days),
        closed=np.array([day in special and special[day].closed for day in days], np.bool_),
        temperature_c=np.array([weather[day].temperature_c if day in weather else np.nan for day in days]),
        rain_mm=np.array([weather[day].rain_mm if day in weather else np.nan for day in days]),
    )


def hourly(conn: Connection, site: Site, series: str, *, first: date, last: date) -> Floats:
    """(days, 24) of the days from `first` to `last`, both with; nan where it was not measured.

    Entrants and receipts are counts, occupancy is people inside on average. Where clocks go back, the hour that comes
    twice is the mean of both.

    Raises:
        ValueError: there is no such series.
    """
    timezone = timezone_of(conn, site.site)
    start, end = (day_start(day, timezone) / 1000 for day in (first, last + timedelta(days=1)))
    days = (last - first).days + 1
    if series == ENTRANTS:
        lines = entrance_lines(site)
        counts = entries_by_hour(conn, site=site.site, lines=lines, start=start, end=end)
        seen = [
            (c.hour_start, c.entered * _HOUR_S / min(c.observed_s, _HOUR_S)) for c in counts if _watched(c.observed_s)
        ]
        return _grid(seen, first, days, timezone)
    if series == OCCUPANCY:
        steps = occupancy(conn, site=site.site, start=start, end=end, step_s=3600)
        return _grid(
            ((s.t, s.mean) for s in steps if s.mean is not None and _watched(s.observed_s)), first, days, timezone
        )
    if series.startswith(SALES):
        return _receipts(conn, site.site, series.removeprefix(SALES), first=first, days=days)
    raise ValueError(f"there is no series {series!r}; expected entrants, occupancy or sales:CATEGORY")


def forecast_series(conn: Connection, site: Site, *, today: date) -> tuple[list[str], list[str]]:
    """The series that are worth a forecast, and the categories that are not: too few receipts hold them."""
    timezone = timezone_of(conn, site.site)
    start, end = (day_start(day, timezone) for day in (today - timedelta(days=LATELY), today))
    c = sales.c
    held = (c.site == site.site, c.bin_ms >= start, c.bin_ms < end)
    days = conn.execute(
        select(func.count(sales_days.c.day.distinct())).where(
            sales_days.c.site == site.site, sales_days.c.day >= today - timedelta(days=LATELY), sales_days.c.day < today
        )
    ).scalar_one()
    query = select(c.category, func.sum(c.receipts)).where(*held)
    sums = {category: float(n or 0) for category, n in conn.execute(query.group_by(c.category)) if category}
    ranked = sorted(sums, key=lambda category: (-sums[category], category))
    enough = [category for category in ranked if sums[category] >= FEWEST_A_DAY * min(LATELY, days)][:MOST_CATEGORIES]
    left_out = sorted(set(categories_sold(conn, site.site)) - set(enough))
    floor = [ENTRANTS, OCCUPANCY] if entrance_lines(site) else [OCCUPANCY]
    return [*floor, *(SALES + category for category in enough)], left_out


def _watched(observed_s: float) -> bool:
    return observed_s >= WATCHED_S


def _receipts(conn: Connection, site: str, category: str, *, first: date, days: int) -> Floats:
    """A day of which nothing was sold at all is not known; on others an hour without the category is 0."""
    timezone = timezone_of(conn, site)
    start, end = (day_start(day, timezone) / 1000 for day in (first, first + timedelta(days=days)))
    found = bins(conn, site, start, end, ["", category])
    totals = np.zeros((days, HOURS))
    traded = np.zeros(days, np.bool_)
    for each in found:
        row, hour = _cell(each.start, first, timezone)
        traded[row] = True
        if each.category == category:
            totals[row, hour] += each.sums.receipts
    totals[~traded] = np.nan
    return totals


def _grid(seen: Iterable[tuple[float, float]], first: date, days: int, timezone: tzinfo) -> Floats:
    total, n = np.zeros((days, HOURS)), np.zeros((days, HOURS))
    for t, value in seen:
        cell = _cell(t, first, timezone)
        total[cell] += value
        n[cell] += 1
    mean: Floats = np.divide(total, n, out=np.full(n.shape, np.nan), where=n > 0)
    return mean


def _cell(t: float, first: date, timezone: tzinfo) -> tuple[int, int]:
    local = datetime.fromtimestamp(t, UTC).astimezone(timezone)
    return (local.date() - first).days, local.hour


def by_instant(grid: Floats, hour_ms: Sequence[int], first: date, timezone: tzinfo) -> Floats:
    """(h, ...) what a grid of days from `first` says of these instants."""
    cells = np.array([_cell(t / 1000, first, timezone) for t in hour_ms])
    return np.asarray(grid[cells[:, 0], cells[:, 1]])
