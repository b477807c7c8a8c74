"""Which of several servers decides for a site's screens: who holds its lease in the database.

The others hear the same audience and pass on what was decided, so they can take over when the lease runs out.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from secrets import token_hex

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from server.db.installation import give_up_lease, take_lease

LASTS_S = 15.0
RENEW_EVERY_S = 5.0

log = structlog.get_logger()


class Leading:
    """`alone`: there is no other server, and no lease is needed. Belongs to one event loop."""

    def __init__(self, engine: Engine, clock: Callable[[], float], sites: Iterable[str], *, alone: bool) -> None:
        self._engine, self._clock, self._sites = engine, clock, frozenset(sites)
        self._holder = token_hex(8)
        self._alone = alone
        self._held: frozenset[str] = frozenset()

    def leads(self, site: str) -> bool:
        """Whether this server decides for the site."""
        return self._alone or site in self._held

    async def run(self, taken: Callable[[str], None]) -> None:
        """Take and renew leases until cancelled, then give them up; `taken` is told of each site that is new."""
        if self._alone:
            return
        try:
            while True:
                try:
                    held = await asyncio.to_thread(self._renew)
                except SQLAlchemyError as error:
                    log.warning("no lease; others decide, if they can", trouble=str(error).partition("\n")[0][:200])
                    held = frozenset()
                new, self._held = held - self._held, held
                for site in new:
                    log.info("deciding for the screens", site=site)
                    taken(site)
                await asyncio.sleep(RENEW_EVERY_S)
        finally:
            with suppress(SQLAlchemyError):
                self._give_up()

    def _renew(self) -> frozenset[str]:
        now = self._clock()
        with self._engine.begin() as conn:
            return frozenset(
                site
                for site in sorted(self._sites)
                if take_lease(conn, site, holder=self._holder, now=now, lasts_s=LASTS_S)
            )

    def _give_up(self) -> None:
        with self._engine.begin() as conn:
            for site in self._held:
                give_up_lease(conn, site, holder=self._holder)
