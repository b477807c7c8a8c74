"""When advice is worked out: at night, after an import, and when somebody asks. Never in the server's own process."""

import asyncio
import json
import os
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from fastapi import Request
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from server.advice.doing import today_at
from server.db.advice import entries_taken, forget_advice, last_round
from server.db.changes import start_due
from server.db.sales import span
from server.db.sites import SiteRecord, list_sites
from server.service import Service

LOOK_EVERY_S = 60.0
QUIET_HOUR = 3
"""Of the store's own clock."""
SETTLED_S = 120.0
"""An import is followed by the next at once; a round waits until none has come for so long."""
REST_S, YOUNG_REST_S = 3600.0, 300.0
"""A till that sends all day long does not make a round of every message, nor does one that failed try at once again.

While little is known yet, the past is probably still coming in, and changes what is advised.
"""
YOUNG_DAYS = 56
LONGEST_S = 1800.0
DAY_S = 86_400.0

log = structlog.get_logger()


class Rounds:
    """Works the sites out one after the other, each in a process of its own that gives way to everything else."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._asked: set[str] = set()
        self._tried: dict[str, float] = {}
        self._told: dict[str, tuple[int, float]] = {}
        """How many entries were told of each site when it was looked at last, and since when so many."""

    @staticmethod
    def of(request: Request) -> "Rounds":
        """Those of the server that answers `request`."""
        found: Rounds = request.app.state.rounds
        return found

    def ask(self, site: str) -> None:
        """Let the site be worked out as soon as may be; from any thread."""
        self._asked.add(site)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                for site in await run_in_threadpool(self.due):
                    self._asked.discard(site)
                    self._tried[site] = self._service.clock()
                    await self._work_out(site)
            except SQLAlchemyError as error:
                log.warning("advice waits for the database", trouble=str(error).partition("\n")[0][:200])
            await self._pause()

    def due(self) -> list[str]:
        """Sites that are to be worked out now; changes whose day has come begin to run on the way."""
        now = self._service.clock()
        with self._service.engine.begin() as conn:
            forget_advice(conn, before=now - self._service.settings.retention.advice_days * DAY_S)
            return [site.site for site in list_sites(conn) if self._is_due(conn, site, now)]

    def _is_due(self, conn: Connection, site: SiteRecord, now: float) -> bool:
        start_due(conn, site.site, today=today_at(site, now), now=now)
        if site.site in self._asked:
            return True
        taken, since = self._entries(conn, site.site, now)
        found = last_round(conn, site.site)
        rest_s = YOUNG_REST_S if found is None or found.basis.days < YOUNG_DAYS else REST_S
        if now - self._tried.get(site.site, 0.0) < rest_s or span(conn, site.site) is None:
            return False
        if found is None or _a_night_passed(site, found.t, now):
            return True
        return found.basis.taken != taken and now - since >= SETTLED_S

    def _entries(self, conn: Connection, site: str, now: float) -> tuple[int, float]:
        taken = entries_taken(conn, site)
        if self._told.get(site, (None, 0.0))[0] != taken:
            self._told[site] = taken, now
        return self._told[site]

    async def _work_out(self, site: str) -> None:
        """In a process, so that neither event loop nor pages wait for a minute of arithmetic."""
        asked = {"database": self._service.settings.database, "site": site, "now": self._service.clock()}
        # The address of the database may hold a password: it goes in by stdin, and stands in no list of processes.
        worker = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "server.advice.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        try:
            _, told = await asyncio.wait_for(worker.communicate(json.dumps(asked).encode()), LONGEST_S)
        except TimeoutError:
            log.error("advice takes too long and is given up until tomorrow", site=site)
        else:
            self._tell(site, worker.returncode or 0, told.decode(errors="replace"))
        finally:
            if worker.returncode is None:
                worker.kill()
                await worker.wait()

    @staticmethod
    def _tell(site: str, code: int, told: str) -> None:
        if code:
            log.error("advice could not be worked out", site=site, trouble=told.strip()[-500:])
        else:
            log.info("advice worked out", site=site)

    async def _pause(self) -> None:
        """Until the next look; a wish is noticed within a second."""
        for _ in range(int(LOOK_EVERY_S)):
            await asyncio.sleep(1.0)
            if self._asked:
                return


def _a_night_passed(site: SiteRecord, since: float, now: float) -> bool:
    """A quiet hour of the store's clock has begun since."""
    zone = ZoneInfo(site.timezone)
    local, before = (datetime.fromtimestamp(t, zone) for t in (now, since))
    quiet = local.replace(hour=QUIET_HOUR, minute=0, second=0, microsecond=0)
    return before < quiet <= local
