"""What till and loyalty programme tell comes in, and what came in when, with its errors."""

import json
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as PathParameter
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from contract.loyalty import Subject
from server.api.live import Watched
from server.api.loyalty_request import REQUEST
from server.api.period import Site, local
from server.api.problems import Problem
from server.api.tabular import AsTable, table_response
from server.auth import User
from server.db import imports as records
from server.db.imports import FaultRecord, ImportRecord, Source
from server.db.sites import SiteRecord
from server.imports.errors import NotTakenError
from server.imports.intake import take
from server.imports.limits import limits
from server.imports.receipts import Taken
from server.service import Service
from server.session import Db, Running, require_link

router = APIRouter(prefix="/sites/{site}/loyalty/in", tags=["loyalty"], dependencies=[Depends(require_link("viewer"))])

LARGEST = 16 * 1024 * 1024
"""Bytes of a document: a catalogue of 50,000 articles, or a thousand long receipts."""
Teller = Annotated[User, Depends(require_link("merchandiser"))]
ImportId = Annotated[int, PathParameter(ge=1, le=2**53, description="the import's id")]
AskedSubject = Annotated[Subject, PathParameter(description="what about")]


class EntryFault(BaseModel):
    """What was wrong with an entry; its value is not repeated."""

    where: str = Field(description="in the document; empty: all of it", examples=["receipts.3.lines.0.gross"])
    what: str = Field(
        description="what was wrong and what is expected", examples=["an amount has at most two decimal places"]
    )


class TakenBody(BaseModel):
    """What became of a document."""

    import_id: int = Field(description="under which it is listed; what one sender tells in a quarter of an hour is one")
    entries: int = Field(description="taken, known and refused together")
    taken: int
    known: int = Field(description="had been taken before, and changed nothing")
    refused: int
    faults: list[EntryFault] = Field(
        description="of what was refused; also of what was taken and cannot be put to full use; at most a thousand"
    )


class ImportBody(BaseModel):
    """One import: a file, or what one sender told in a quarter of an hour."""

    id: int
    subject: Subject
    by: Literal["rest", "mqtt", "upload", "folder"]
    name: str = Field(description="of the file, or of the sender")
    who: str = Field(description="the user or token")
    received: datetime = Field(description="start of a quarter of an hour, local time; as `done`")
    done: datetime | None = Field(description="null: still running, or broken off")
    status: Literal["running", "done", "partly", "refused"]
    lines: int = Field(description="of a file; of messages, entries")
    taken: int
    known: int
    refused: int
    trouble: str | None = Field(description="why nothing of it could be read")


class ImportsBody(BaseModel):
    """Imports of a site."""

    site: str
    imports: list[ImportBody] = Field(description="newest first")


class LineFaultBody(BaseModel):
    """What was wrong with a line."""

    line: int = Field(description="of the file, from 1; 0: all of it; of messages, running on from one to the next")
    column: str
    fault: str


class ImportFaultsBody(ImportBody):
    """One import with what was wrong with it."""

    faults: list[LineFaultBody] = Field(description="by line, the first thousand")


@router.get("/imports", summary="What came in", response_model=ImportsBody)
def all_imports(
    site: Site,
    db: Db,
    as_table: AsTable,
    subject: Annotated[Subject | None, Query(description="only of this")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> ImportsBody | Response:
    """Newest first."""
    found = [_import(record, site) for record in records.list_imports(db, site.site, subject=subject, limit=limit)]
    if as_table:
        return table_response(found, tuple(ImportBody.model_fields), name=f"imports-{site.site}", kind=as_table)
    return ImportsBody(site=site.site, imports=found)


@router.get("/imports/{import_id}", summary="One import, with its errors line by line", response_model=ImportFaultsBody)
def one_import(site: Site, import_id: ImportId, db: Db, as_table: AsTable) -> ImportFaultsBody | Response:
    """As a table, only the errors."""
    record = records.get_import(db, site.site, import_id)
    if record is None:
        raise Problem(404, "Not found", f"There is no import {import_id} at {site.site!r}.")
    faults = [_fault(fault) for fault in records.faults(db, import_id)]
    if as_table:
        return table_response(faults, tuple(LineFaultBody.model_fields), name=f"import-{import_id}", kind=as_table)
    return ImportFaultsBody(**_import(record, site).model_dump(), faults=faults)


@router.post("/{subject}", summary="Tell something", max_body_size=LARGEST, openapi_extra={"requestBody": REQUEST})
async def tell(subject: AskedSubject, site: Watched, request: Request, service: Running, user: Teller) -> TakenBody:
    """A document of the subject: each entry is taken or refused by itself, all that is taken in one transaction.

    Sending it again changes nothing: receipts are taken once by their id, of everything else the newer takes the place
    of the older. 422: nothing could be read, or it is in another currency, or a key could name a person. 413: larger
    than 16 MiB; take several documents, or a file.
    """
    try:
        raw = await request.body()
        taken = await run_in_threadpool(_take, service, site, subject, raw, user)
    except NotTakenError as error:
        raise Problem(422, "Nothing taken", str(error), import_id=error.import_id) from None
    except ClientDisconnect:
        raise Problem(400, "Broken off", "The document was broken off; send it again.") from None
    service.meters.count_told(subject, taken.taken, taken.known, taken.refused)
    return TakenBody(
        import_id=taken.import_id,
        entries=taken.lines,
        taken=taken.taken,
        known=taken.known,
        refused=taken.refused,
        faults=[EntryFault(where=fault.column, what=fault.fault) for fault in taken.faults],
    )


def _take(service: Service, site: SiteRecord, subject: Subject, raw: bytes, user: User) -> Taken:
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise NotTakenError(f"not JSON ({type(error).__name__}); was it cut off?") from None
    source = Source("rest", user.name, user.name)
    now = limits(service.settings.retention, service.clock())
    return take(service.engine, site.site, subject, document, source=source, limits=now)


def _import(record: ImportRecord, site: SiteRecord) -> ImportBody:
    return ImportBody(
        id=record.id,
        subject=record.subject,
        by=record.by,
        name=record.name,
        who=record.who,
        received=local(record.received, site),
        done=None if record.done is None else local(record.done, site),
        status=record.status,
        **record.counts._asdict(),
        trouble=record.trouble,
    )


def _fault(fault: FaultRecord) -> LineFaultBody:
    return LineFaultBody(line=fault.line, column=fault.column, fault=fault.fault)
