"""What was forecast: the newest, those before, and what is expected of a span of time."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Row, delete, func, insert, select

from server.db.advice_tables import forecasts
from server.db.local_time import HOUR_MS, day_of, day_start, hours_between
from server.db.spans import timezone_of, to_ms
from server.domain.forecast_past import AHEAD
from server.domain.forecast_sums import sum_limits
from server.domain.intervals import Estimate

Floats = npt.NDArray[np.float64]
ENTRANTS, OCCUPANCY, SALES = "entrants", "occupancy", "sales:"
"""Series; after SALES stands a category."""
_COLUMNS = 5


@dataclass(frozen=True, slots=True)
class Made:
    """One forecast of one series: of the store's days from `start_ms` on, hour by hour and day by day."""

    series: str
    made: float
    """Seconds UTC."""
    hour_ms: tuple[int, ...]
    """(h,) first instants of the store's hours; 336, or one more or less where clocks change."""
    hours: Floats
    """(h, 5) middle, low and high of 80 %, low and high of 95 %; nan where nothing was ever measured."""
    day_ms: tuple[int, ...]
    """(14,)"""
    days: Floats
    """(14, 5) people or receipts of a whole day; of `occupancy` hours times people."""


def put(conn: Connection, site: str, made: Made) -> None:
    """Keep a forecast, in the place of one that was made at the same instant."""
    cells = np.concatenate([made.hours, made.days]).astype("<f4")
    row = {"site": site, "series": made.series, "made_ms": to_ms(made.made), "start_ms": made.day_ms[0]}
    c = forecasts.c
    conn.execute(delete(forecasts).where(c.site == site, c.series == made.series, c.made_ms == row["made_ms"]))
    conn.execute(insert(forecasts).values(**row, cells=zlib.compress(cells.tobytes())))


def newest(conn: Connection, site: str, series: str) -> Made | None:
    """The forecast of a series that was made last; None when there is none."""
    c = forecasts.c
    query = select(forecasts).where(c.site == site, c.series == series).order_by(c.made_ms.desc()).limit(1)
    row = conn.execute(query).first()
    return _read(conn, row) if row else None


def made_since(conn: Connection, site: str, series: str, since: float) -> Iterator[Made]:
    """The forecasts of a series that begin at `since`, seconds UTC, or later; of each first day the first made.

    A forecast that was made again in the course of a day knows nothing more, or knows part of the day.
    """
    c = forecasts.c
    query = select(forecasts).where(c.site == site, c.series == series, c.start_ms >= to_ms(since))
    begun: set[int] = set()
    for row in conn.execute(query.order_by(c.made_ms)).all():
        if row.start_ms not in begun:
            begun.add(row.start_ms)
            yield _read(conn, row)


def series_of(conn: Connection, site: str) -> dict[str, float]:
    """Every series and when, in seconds UTC, its newest forecast was made."""
    c = forecasts.c
    query = select(c.series, func.max(c.made_ms)).where(c.site == site).group_by(c.series).order_by(c.series)
    return {series: made_ms / 1000 for series, made_ms in conn.execute(query)}


def expected(conn: Connection, site: str, series: str, start: float, end: float) -> Estimate | None:
    """How much of a series is expected in [start, end) seconds, with 95 %; hours that are cut count in proportion.

    Of `occupancy` it is the mean over the time. None where the newest forecast says nothing of part of the span.
    """
    made = newest(conn, site, series)
    if made is None or not made.hour_ms[0] <= to_ms(start) < to_ms(end) <= _end(made):
        return None
    begin = np.array(made.hour_ms)
    after = np.append(begin[1:], _end(made))
    share = np.clip((np.minimum(after, to_ms(end)) - np.maximum(begin, to_ms(start))) / (after - begin), 0.0, 1.0)
    if not share @ ~np.isnan(made.hours[:, 0]):
        return None
    day = np.searchsorted(np.array(made.day_ms), begin, side="right") - 1
    middle, low, high = sum_limits(made.hours[:, [0, 3, 4]], made.days[:, [0, 3, 4]], day, share)
    scale = float(share.sum()) if series == OCCUPANCY else 1.0
    return Estimate(middle / scale, low / scale, high / scale)


def _end(made: Made) -> int:
    return made.hour_ms[-1] + HOUR_MS


def hours_ahead(conn: Connection, site: str, start_ms: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """First instants of the hours and of the days of the AHEAD days from the one that begins at `start_ms`."""
    timezone = timezone_of(conn, site)
    first = day_of(start_ms, timezone)
    day_ms = tuple(day_start(first + timedelta(days=i), timezone) for i in range(AHEAD + 1))
    return tuple(hours_between(day_ms[0], day_ms[-1], timezone)), day_ms[:-1]


def _read(conn: Connection, row: Row[*tuple[Any, ...]]) -> Made:
    cells = np.frombuffer(zlib.decompress(row.cells), "<f4").reshape(-1, _COLUMNS).astype(np.float64)
    hour_ms, day_ms = hours_ahead(conn, row.site, row.start_ms)
    return Made(row.series, row.made_ms / 1000, hour_ms, cells[: len(hour_ms)], day_ms, cells[len(hour_ms) :])
