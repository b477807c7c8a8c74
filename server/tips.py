"""The task that gives each till bank its tips as an hour begins, and tells them over MQTT."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from contract.site import Site
from contract.tips import Tip, Tips, encode_tips
from contract.topics import tips_topic
from server.db import catalogue, forecasts
from server.db import tips as records
from server.db.local_time import day_start
from server.db.sites import list_sites
from server.domain import tips as domain
from server.domain.tips import best_tips, busy_hours
from server.errors import ServerError
from server.service import Service
from server.tip_grounds import Grounds, hour_like, learn


class NoSiteError(ServerError):
    """A tip is to go to a store that is not there."""


LOOK_EVERY_S, LOOK_AGAIN_S = 30.0, 300.0
EVERY_TILL = "all"
"""The bank of tips that are sent by hand, and of stores without a queue zone."""

Publish = Callable[[str, bytes], None]

log = structlog.get_logger()


class Tipster:
    """Looks at every site in turn."""

    def __init__(self, service: Service, retain: Publish) -> None:
        self._service, self._retain = service, retain
        self._grounds: dict[str, tuple[date, Grounds]] = {}
        """Of today, as soon as anything goes together; one for each site."""
        self._looked: dict[str, float] = {}
        """When nothing was found to offer; that is not worked out again at each look."""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                for site, told in await run_in_threadpool(self.look):
                    self._retain(tips_topic(site, told.bank), self._encoded(site, told))
            except SQLAlchemyError as error:
                log.warning("tips wait for the database", trouble=str(error).partition("\n")[0][:200])
            await asyncio.sleep(LOOK_EVERY_S)

    def look(self) -> list[tuple[str, Tips]]:
        """Give what is due; site and tips of every bank that got some."""
        now = datetime.fromtimestamp(self._service.clock(), UTC)
        start = now.replace(minute=0, second=0, microsecond=0)
        with self._service.engine.connect() as conn:
            sites = [record.document for record in list_sites(conn)]
        return [(site.site, told) for site in sites for told in self._give(site, start)]

    def _give(self, site: Site, start: datetime) -> list[Tips]:
        now = self._service.clock()
        if now - self._looked.get(site.site, 0.0) < LOOK_AGAIN_S:
            return []
        with self._service.engine.connect() as conn:
            if _given(conn, site, start):
                return []
            proposals = propose(conn, site, self._grounds_of(conn, site, start), start)
        if not proposals:
            self._looked[site.site] = now
            return []
        until = start + timedelta(hours=1)
        with self._service.engine.begin() as conn:
            for bank in banks(site):
                for tip in proposals:
                    _add(conn, tip, site=site.site, bank=bank, start=start, until=until)
        return [Tips(bank=bank, start=start, until=until, tips=proposals) for bank in banks(site)]

    def _grounds_of(self, conn: Connection, site: Site, start: datetime) -> Grounds:
        today = start.astimezone(ZoneInfo(site.timezone)).date()
        known = self._grounds.get(site.site)
        if known is None or known[0] != today:
            known = today, learn(conn, site, today=today, rng=np.random.default_rng(today.toordinal()))
            if known[1].rules:
                self._grounds[site.site] = known
        return known[1]

    def _encoded(self, site: str, told: Tips) -> bytes:
        return encode_tips(told, site=site, time=datetime.fromtimestamp(self._service.clock(), UTC))


def banks(site: Site) -> list[str]:
    """The till banks of a store: its queue zones."""
    return [key for key, zone in site.zones.items() if zone.kind == "queue"] or [EVERY_TILL]


def propose(conn: Connection, site: Site, grounds: Grounds, start: datetime) -> list[Tip]:
    """What to offer in the hour from `start`, best first."""
    taps = records.taps_by_rule(conn, now=start.timestamp())
    found = best_tips(grounds.rules, hour_like(conn, site, start), taps)
    if not found:
        return []
    names, today = catalogue.names(conn, site.site), _expected_today(conn, site, start, range(24))
    return [
        _document(tip, names, today, _expected_today(conn, site, start, busy_hours(grounds.by_hour[tip.rule.given])))
        for tip in found
    ]


async def send_by_hand(service: Service, tip: Tip, *, sites: Sequence[str] | None, hours: float) -> list[str]:
    """Give a tip to every till of some stores, or of all with None, from now on; the stores it went to.

    Raises:
        NoSiteError: one of them is not there.
    """
    start = datetime.fromtimestamp(service.clock(), UTC)
    until = start + timedelta(hours=hours)
    told = await run_in_threadpool(_give_by_hand, service, tip, sites, start, until)
    for site, named in told.items():
        message = Tips(bank=EVERY_TILL, start=start, until=until, tips=[named])
        service.outgoing.tell(tips_topic(site, EVERY_TILL), encode_tips(message, site=site, time=start))
    return list(told)


def _give_by_hand(
    service: Service, tip: Tip, sites: Sequence[str] | None, start: datetime, until: datetime
) -> dict[str, Tip]:
    with service.engine.begin() as conn:
        known = [record.site for record in list_sites(conn)]
        if missing := [site for site in sites or () if site not in known]:
            raise NoSiteError(f"there is no site {missing[0]!r}")
        told = {site: _named(conn, site, tip) for site in dict.fromkeys(sites or known)}
        for site, named in told.items():
            _add(conn, named, site=site, bank=EVERY_TILL, start=start, until=until)
    return told


def _named(conn: Connection, site: str, tip: Tip) -> Tip:
    names = catalogue.names(conn, site)
    given = names.get(tip.given, tip.given) if tip.given else ""
    return tip.model_copy(update={"given_name": given, "then_name": names.get(tip.then, tip.then)})


def _document(tip: domain.Tip, names: dict[str, str], today: float | None, busy: float | None) -> Tip:
    rule = tip.rule
    return Tip(
        given=rule.given,
        then=rule.then,
        given_name=names.get(rule.given, rule.given),
        then_name=names.get(rule.then, rule.then),
        lift=round(rule.lift.value, 2),
        chance=round(tip.chance, 4),
        asked=round(tip.asked, 1),
        worth=round(tip.worth, 2),
        expected=today,
        busy=busy,
    )


def _expected_today(conn: Connection, site: Site, start: datetime, hours: Iterable[int]) -> float | None:
    """People to come in these hours of the store's day, as forecast; None without a forecast."""
    zone = ZoneInfo(site.timezone)
    midnight = day_start(start.astimezone(zone).date(), zone) / 1000
    parts = [
        forecasts.expected(conn, site.site, "entrants", midnight + hour * 3600, midnight + (hour + 1) * 3600)
        for hour in hours
    ]
    known = [part.value for part in parts if part is not None]
    return round(sum(known)) if known else None


def _given(conn: Connection, site: Site, start: datetime) -> bool:
    """Whether the hour has its tips already; those sent by hand do not count."""
    found = records.tips_between(conn, site=site.site, start=start.timestamp(), end=start.timestamp() + 1)
    return any(not record.tip.by for record in found)


def _add(conn: Connection, tip: Tip, *, site: str, bank: str, start: datetime, until: datetime) -> int:
    return records.add_tip(conn, tip, site=site, bank=bank, start=start.timestamp(), until=until.timestamp())
