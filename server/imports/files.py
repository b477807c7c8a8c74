"""The files of one server: uploads that wait, folders that are watched, and the queue in which both are taken."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from hashlib import file_digest
from itertools import count
from pathlib import Path
from typing import Literal

import structlog
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from contract.loyalty import Subject
from server.db.events import EventRecord, add_event
from server.db.imports import Source, faults
from server.db.mappings import get_mapping
from server.db.running_imports import break_off
from server.errors import ServerError
from server.imports.folders import Folders, Waiting, in_lines
from server.imports.jobs import BROKEN_OFF, BusyError, Jobs
from server.imports.limits import limits
from server.imports.mapping import Mapping
from server.imports.upload import Upload, Uploads
from server.imports.worker import Order, Outcome
from server.service import Service
from server.settings import WatchedFolder

LOOK_EVERY_S = 3.0
SWEEP_EVERY = 1000
"""Looks."""
OUTCOMES_MOST = 200

log = structlog.get_logger()


class MappingError(ServerError):
    """A folder's mapping is not there, or not any more."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an upload is on its way."""

    upload: Upload
    state: Literal["running", "done"]
    outcome: Outcome | None = None


class ImportFiles:
    """Belongs to the server's event loop."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.uploads = Uploads(service.settings.media.folder / "tables")
        self._jobs = Jobs(service.engine)
        self._folders = Folders(service.settings.folders)
        self._progress: dict[str, Progress] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._told: dict[WatchedFolder, str] = {}

    async def run(self) -> None:
        """Look at the folders, and sweep, until cancelled."""
        await run_in_threadpool(self._begin)
        try:
            for look in count():
                if look % SWEEP_EVERY == 0:
                    await run_in_threadpool(self.uploads.sweep)
                for folder in self._service.settings.folders:
                    await self._look(folder)
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def start(self, upload: Upload, mapping: Mapping) -> None:
        """Take an upload, in its turn; it is gone afterwards."""
        while len(self._progress) >= OUTCOMES_MOST:
            self._progress.pop(next(iter(self._progress)))
        self._progress[upload.id] = Progress(upload, "running")
        task = asyncio.create_task(self._take(upload, mapping))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def under_way(self, site: str) -> list[str]:
        """What the site's uploads are called that wait or are being taken."""
        running = [progress.upload for progress in self._progress.values() if progress.state == "running"]
        return [upload.name for upload in running if upload.site == site]

    def progress(self, upload_id: str) -> Progress | None:
        """Where an upload is; None where it was never started here, or long ago."""
        return self._progress.get(upload_id)

    async def _take(self, upload: Upload, mapping: Mapping) -> None:
        source = Source("upload", upload.name, upload.who, upload.sha256)
        order = self._order(source, upload.site, self.uploads.path(upload), mapping.subject, mapping)
        try:
            outcome = await self._jobs.run(order)
        except BusyError:
            self._progress.pop(upload.id, None)  # it is still there, to be started again
            return
        self._progress[upload.id] = Progress(upload, "done", outcome)
        await run_in_threadpool(self.uploads.forget, upload)

    async def _look(self, folder: WatchedFolder) -> None:
        try:
            waiting = await run_in_threadpool(self._folders.look, folder)
            mapping = await run_in_threadpool(self._mapping, folder) if waiting else None
            for file in waiting:
                await self._take_from_folder(file, mapping)
            self._told.pop(folder, None)
        except (OSError, MappingError) as error:
            await run_in_threadpool(self._tell, folder, str(error))
        except (SQLAlchemyError, BusyError) as error:
            log.warning("a watched folder waits", folder=str(folder.folder), why=str(error)[:200])

    async def _take_from_folder(self, file: Waiting, mapping: Mapping | None) -> None:
        digest = await run_in_threadpool(_digest, file.path)
        source = Source("folder", file.path.name, file.folder.folder.name, digest)
        outcome = await self._jobs.run(self._order(source, file.folder.site, file.path, file.folder.subject, mapping))
        await run_in_threadpool(self._put_away, file, outcome)

    def _put_away(self, file: Waiting, outcome: Outcome) -> None:
        with self._service.engine.connect() as conn:
            found = faults(conn, outcome.import_id) if outcome.import_id is not None else []
        self._folders.put_away(file, taken=outcome.trouble is None, told=in_lines(outcome.trouble, found))

    def _order(self, source: Source, site: str, path: Path, subject: Subject, mapping: Mapping | None) -> Order:
        within = limits(self._service.settings.retention, self._service.clock())
        return Order(
            database=self._service.settings.database,
            site=site,
            subject=subject,
            path=path,
            by=source.by,
            name=source.name,
            who=source.who,
            digest=source.digest,
            mapping=mapping,
            now=within.now,
            oldest=within.oldest,
        )

    def _mapping(self, folder: WatchedFolder) -> Mapping | None:
        if folder.mapping is None:
            return None
        with self._service.engine.connect() as conn:
            record = get_mapping(conn, folder.site, folder.mapping)
        if record is None:
            raise MappingError(f"there is no mapping {folder.mapping!r}; save one under that name at /imports")
        try:
            return Mapping.model_validate(record.document)
        except ValidationError:
            raise MappingError(f"mapping {folder.mapping!r} is of an older version; save it again") from None

    def _tell(self, folder: WatchedFolder, trouble: str) -> None:
        """An event, once for each trouble."""
        if self._told.get(folder) == trouble:
            return
        self._told[folder] = trouble
        text = f"The watched folder {folder.folder.name} cannot be read: {trouble}"
        log.warning("a watched folder cannot be read", folder=str(folder.folder), why=trouble)
        with suppress(SQLAlchemyError), self._service.engine.begin() as conn:
            now = self._service.clock()
            add_event(conn, folder.site, EventRecord(now, None, None, "folder", "warning", text[:500]))

    def _begin(self) -> None:
        """What was being taken when the server ended will not go on."""
        if self._service.settings.broker.group is None:  # else another server may be at it
            with suppress(SQLAlchemyError), self._service.engine.begin() as conn:
                break_off(conn, now=self._service.clock(), trouble=BROKEN_OFF)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
