"""The task that tells what is due, store by store and in order of time, over MQTT and to webhooks."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from contract.disclosed import Disclosed, DisclosedMessage, encode_disclosed, wrap_disclosed
from contract.topics import loyalty_out_topic
from server.db import deliveries
from server.db.boxes import boxes
from server.db.local_time import day_of
from server.db.published import clashes, first_counted, send_once, sent
from server.db.sites import SiteRecord, list_sites
from server.db.spans import to_ms
from server.disclosure.telling import keys_of, tell
from server.disclosure.window import Window, may_be_told, windows_between
from server.service import Service

LOOK_EVERY_S, NEXT_S = 60.0, 0.5
"""Between looks, when nothing and when something was due."""
WARM_UP_S = 300.0
"""After a start what boxes sent meanwhile is still on its way."""
BACK_DAYS = 35
"""How far back it is told after the server was away, or when figures were there before anybody asked."""
AT_ONCE = 4
"""Windows of a store in one go; the rest comes with the next one, a moment later."""

Publish = Callable[[str, bytes], None]
"""Leaves a payload for a topic with the broker's connection; never blocks."""

log = structlog.get_logger()


class Publisher:
    """Tells every store's windows, each once."""

    def __init__(self, service: Service, publish: Publish) -> None:
        self._service, self._publish = service, publish
        self._started = service.clock()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            told = 0
            try:
                for site in await run_in_threadpool(self.sites):
                    told += await self._tell(site)
            except SQLAlchemyError as error:
                log.warning("the loyalty link waits for the database", trouble=str(error).partition("\n")[0][:200])
            await asyncio.sleep(NEXT_S if told else LOOK_EVERY_S)

    async def _tell(self, site: SiteRecord) -> int:
        """With a pause after each store: more than the connection takes at once would be dropped on the way."""
        messages = await run_in_threadpool(self.tell_due, site)
        for message in messages:
            self._publish(loyalty_out_topic(message.site, message.data.subject), encode_disclosed(message))
        if messages:
            await asyncio.sleep(NEXT_S)
        return len(messages)

    def sites(self) -> list[SiteRecord]:
        """The stores; none shortly after the start."""
        if self._service.clock() - self._started < WARM_UP_S:
            return []
        with self._service.engine.connect() as conn:
            return list_sites(conn)

    def tell_due(self, site: SiteRecord) -> list[DisclosedMessage]:
        """Tell some of what is due of a store; what was told, in order of time."""
        now, messages = self._service.clock(), list[DisclosedMessage]()
        with self._service.engine.connect() as conn:
            due = list(islice(_due(conn, site, now), AT_ONCE))
        for window in due:
            with self._service.engine.begin() as conn:
                messages += self._send(conn, site, window, now)
        return messages

    def _send(self, conn: Connection, site: SiteRecord, window: Window, now: float) -> list[DisclosedMessage]:
        """What has no rows is told to who asks, and to nobody else."""
        told = tell(conn, site, window, now=now).values()
        new = [each for each in told if send_once(conn, site.site, each, now=now) and each.rows]
        messages = [_message(site.site, each) for each in new]
        for message in messages:
            self._post(conn, message, now)
        return messages

    def _post(self, conn: Connection, message: DisclosedMessage, now: float) -> None:
        for hook in self._service.settings.webhooks:
            if "loyalty" in hook.tells and (hook.sites is None or message.site in hook.sites):
                deliveries.post(conn, url=hook.url, body=encode_disclosed(message), at=now)


def _message(site: str, told: Disclosed) -> DisclosedMessage:
    return wrap_disclosed(told, site=site, time=told.told_at)


def _due(conn: Connection, site: SiteRecord, now: float) -> Iterator[Window]:
    """Windows that may be told and were not sent, oldest end first; one that has to wait lets none pass it."""
    first = _first_day(conn, site, now)
    if first is None:
        return
    timezone = ZoneInfo(site.timezone)
    today = day_of(to_ms(now), timezone)
    days, weeks = (windows_between(first, today, length, timezone) for length in ("day", "week"))
    known = sent(conn, site=site.site, since_ms=Window(first, "day", timezone).start_ms)
    reports = boxes(conn, site=site.site, start=now - 60, end=now, at=now)
    for window in sorted([*days, *weeks], key=lambda window: (window.end_ms, window.length)):
        if not may_be_told(window, reports, now):
            return
        unsent = any((*key, window.start_ms) not in known for key in keys_of(window))
        if unsent and not clashes(conn, site.site, start_ms=window.start_ms, end_ms=window.end_ms):
            yield window


def _first_day(conn: Connection, site: SiteRecord, now: float) -> date | None:
    """The day on which counting began; at most BACK_DAYS ago."""
    first_ms = first_counted(conn, site.site)
    if first_ms is None:
        return None
    timezone = ZoneInfo(site.timezone)
    return max(day_of(first_ms, timezone), day_of(to_ms(now), timezone) - timedelta(days=BACK_DAYS))
