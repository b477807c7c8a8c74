"""Decisions on their way into the database: in batches, beside the deciding, and counted when they are there."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from server.control_room import ControlRoom, Made
from server.db.decisions import DecisionRecord, add_decisions
from server.meters import Meters
from server.replay import case_json, reason_json
from server.standing import Counted, count

LOG_EVERY_S = 1.0
COUNT_EVERY_S = 60.0
"""What was played is counted again this often, and campaigns' standings put right by it."""
WAITING_MOST = 50_000
"""Decisions that wait for the database; beyond them the oldest are not logged."""

Entry = tuple[str, Made]
"""Site and decision."""

log = structlog.get_logger()


class DecisionLog:
    """Belongs to one event loop."""

    def __init__(self, engine: Engine, clock: Callable[[], float], meters: Meters) -> None:
        self._engine, self._clock, self._meters = engine, clock, meters
        self._waiting: list[Entry] = []
        self._counted = clock()

    def add(self, site: str, made: Iterable[Made]) -> None:
        """Log these when there is time."""
        self._waiting += ((site, each) for each in made)

    async def run(self, rooms: Mapping[str, ControlRoom]) -> None:
        """Write, and put standings right, until cancelled; what waits then is written."""
        try:
            while True:
                await asyncio.sleep(LOG_EVERY_S)
                await self._write(rooms)
        finally:
            with suppress(SQLAlchemyError):
                write(self._engine, self._waiting)

    async def _write(self, rooms: Mapping[str, ControlRoom]) -> None:
        batch, self._waiting = self._waiting, []
        now = self._clock()
        sites = list(rooms) if now - self._counted >= COUNT_EVERY_S else []
        try:
            counted = await asyncio.to_thread(_write_and_count, self._engine, batch, sites, now)
        except SQLAlchemyError as error:
            self._keep(batch + self._waiting)
            log.warning("decisions wait for the database", trouble=str(error).partition("\n")[0][:200])
            return
        except Exception:  # a decision that cannot be written must not keep the others from it
            self._meters.unlogged.inc(len(batch))
            log.exception("decisions were not logged", n=len(batch))
            return
        except asyncio.CancelledError:
            # Whether the thread comes through is not known; a decision is stored once in any case.
            self._waiting = batch + self._waiting
            raise
        if counted:
            self._counted = now
        for site, found in counted.items():
            room = rooms.get(site)
            if room is None:  # taken over meanwhile, and counted as it is opened again
                continue
            since = [(m.decision.campaign, m.decision.creative is None) for of, m in self._waiting if of == site]
            room.ledger.put_right(found, since=[(campaign, held) for campaign, held in since if campaign])

    def _keep(self, entries: list[Entry]) -> None:
        lost = len(entries) - WAITING_MOST
        if lost > 0:
            self._meters.unlogged.inc(lost)
        self._waiting = entries[-WAITING_MOST:]


def write(engine: Engine, entries: Sequence[Entry]) -> None:
    """Write decisions; what is there already is left as it is."""
    by_site: defaultdict[str, list[DecisionRecord]] = defaultdict(list)
    for site, made in entries:
        by_site[site].append(_record(made))
    if by_site:
        with engine.begin() as conn:
            for site, records in by_site.items():
                add_decisions(conn, site, records)


def _write_and_count(engine: Engine, entries: Sequence[Entry], sites: Sequence[str], now: float) -> dict[str, Counted]:
    write(engine, entries)
    if not sites:
        return {}
    with engine.connect() as conn:
        return {site: count(conn, site, now=now) for site in sites}


def _record(made: Made) -> DecisionRecord:
    decision = made.decision
    return DecisionRecord(
        decision=made.id,
        screen=made.screen,
        t=made.t,
        campaign=decision.campaign,
        creative=decision.creative,
        arm=decision.arm,
        propensity=decision.propensity,
        reason=reason_json(decision.reason),
        context=case_json(made.case),
    )
