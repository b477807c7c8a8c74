"""The task that forecasts: once a day while the store sleeps, and again when more is known of its past."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from contract.loyalty import BIN_S
from contract.site import Site
from server.db import forecasts
from server.db.forecast_past import REMEMBERED, by_instant, forecast_series, past_of
from server.db.forecasts import Made, hours_ahead
from server.db.local_time import day_start
from server.db.sites import get_site, list_sites
from server.db.trade_tables import imports
from server.domain.forecast import NotEnough, forecast
from server.domain.forecast_past import AHEAD
from server.holiday_calendar import country_of, holiday_names
from server.service import Service
from server.settings import Settings

LOOK_EVERY_S = 300.0
QUIET_HOUR = 3
"""Of the store's clock: yesterday's last windows are in, and nobody waits for a page."""
AGAIN_AFTER_S = 3600.0
"""Imports one after the other make one new forecast, not many."""

log = structlog.get_logger()


class Forecasting:
    """Keeps the forecasts of every site new."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._looked: dict[str, float] = {}

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._round()
            except SQLAlchemyError as error:
                log.warning("forecasts wait for the database", trouble=str(error).partition("\n")[0][:200])
            await asyncio.sleep(LOOK_EVERY_S)

    async def _round(self) -> None:
        for site in await run_in_threadpool(self.due):
            begun = self._service.clock()
            # One series at a time, so that whoever else needs a worker gets one in between.
            series = await run_in_threadpool(self._series, site)
            made = [each for each in series if await run_in_threadpool(make, self._service, site, each)]
            self._looked[site] = begun
            log.info("forecast", site=site, series=len(made))

    def due(self) -> list[str]:
        """The sites whose forecasts are older than today's quiet hour, or than what was imported since."""
        now = self._service.clock()
        with self._service.engine.connect() as conn:
            return [found.site for found in list_sites(conn) if self._is_due(conn, found.site, found.timezone, now)]

    def _is_due(self, conn: Connection, site: str, timezone: str, now: float) -> bool:
        made = forecasts.series_of(conn, site)
        if not made:  # who waits for the first one does not wait for a night
            return True
        last = max([self._looked.get(site, 0.0), *made.values()])
        return last < _quiet(now, timezone) or (now - last > AGAIN_AFTER_S and _imported(conn, site) > last)

    def _series(self, site: str) -> list[str]:
        with self._service.engine.connect() as conn:
            found = get_site(conn, site)
            if found is None:
                return []
            return forecast_series(conn, found.document, today=_today(self._service.clock(), found.timezone))[0]


def make(service: Service, site: str, series: str) -> bool:
    """Forecast one series from the past that is known and keep it; False where there is too little."""
    now = service.clock()
    with service.engine.connect() as conn:
        found = get_site(conn, site)
        made = _made(conn, found.document, series, now=now, settings=service.settings) if found else None
    if made is None:
        return False
    with service.engine.begin() as conn:
        forecasts.put(conn, site, made)
    return True


def make_again(service: Service, site: str) -> None:
    """Forecast whatever of a site has been forecast before, as after something was said of a day."""
    with service.engine.connect() as conn:
        series = list(forecasts.series_of(conn, site))
    for each in series:
        make(service, site, each)


def _made(conn: Connection, site: Site, series: str, *, now: float, settings: Settings) -> Made | None:
    today = _today(now, site.timezone)
    named = holiday_names(region_of(settings, site), today - timedelta(days=REMEMBERED), today + timedelta(days=AHEAD))
    past = past_of(conn, site, series, today=today, named=named)
    told = forecast(past) if past else None
    if told is None or isinstance(told, NotEnough):
        return None
    zone = ZoneInfo(site.timezone)
    hour_ms, day_ms = hours_ahead(conn, site.site, day_start(today, zone))
    return Made(series, now, hour_ms, by_instant(told.hours, hour_ms, today, zone), day_ms, told.days)


def region_of(settings: Settings, site: Site) -> str | None:
    """Whose holidays a store keeps."""
    return settings.holidays.get(site.site) or country_of(site.timezone)


def _today(now: float, timezone: str) -> date:
    return datetime.fromtimestamp(now, ZoneInfo(timezone)).date()


def _quiet(now: float, timezone: str) -> float:
    """The last quiet hour that has begun."""
    zone = ZoneInfo(timezone)
    local = datetime.fromtimestamp(now, zone)
    day = local.date() if local.hour >= QUIET_HOUR else local.date() - timedelta(days=1)
    return datetime.combine(day, time(QUIET_HOUR), zone).astimezone(UTC).timestamp()


def _imported(conn: Connection, site: str) -> float:
    """When figures of the till or of days came in at the latest, seconds UTC; imports say it to the quarter hour."""
    c = imports.c
    told = c.subject.in_(("receipts", "sales", "days"))
    newest = conn.execute(select(func.max(c.done_ms)).where(c.site == site, told, c.taken > 0)).scalar()
    return newest / 1000 + BIN_S if newest else 0.0
