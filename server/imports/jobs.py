"""Files are taken one at a time, each by a process of its own (`worker`)."""

import asyncio
import sys
from dataclasses import dataclass, field

import structlog
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool

from server.db.running_imports import break_off
from server.errors import ServerError
from server.imports.worker import Order, Outcome

WAITING_MOST = 20
BROKEN_OFF = "The import was broken off; send the file again: what was taken of it changes nothing."

log = structlog.get_logger()


class BusyError(ServerError):
    """Too many files wait; try again later."""


@dataclass(slots=True)
class Jobs:
    """The queue of files of one server; belongs to its event loop."""

    engine: Engine
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)
    _waiting: int = 0

    async def run(self, order: Order) -> Outcome:
        """Take a file; waits until it is done. What ends the worker is told as trouble, never raised.

        Raises:
            BusyError: too many files wait already.
        """
        if self._waiting >= WAITING_MOST:
            raise BusyError(f"{WAITING_MOST} files wait to be imported; try again when they are done.")
        self._waiting += 1
        try:
            async with self._one:
                return await self._run(order)
        finally:
            self._waiting -= 1

    async def _run(self, order: Order) -> Outcome:
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server.imports.worker",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            out, _ = await worker.communicate(order.model_dump_json().encode())
        finally:
            if worker.returncode is None:
                worker.kill()
                await worker.wait()
        if worker.returncode == 0:
            return Outcome.model_validate_json(out)
        log.error("an import was broken off", site=order.site, subject=order.subject, code=worker.returncode)
        await run_in_threadpool(self._break_off, order)
        return Outcome(import_id=None, trouble=BROKEN_OFF)

    def _break_off(self, order: Order) -> None:
        with self.engine.begin() as conn:
            break_off(conn, now=order.now, trouble=BROKEN_OFF, site=order.site)
