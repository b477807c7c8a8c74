"""Files of till and loyalty programme: uploaded, looked at through a mapping, imported; and the mappings."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Query, Request
from fastapi import Path as PathParameter
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from contract.ids import Id
from contract.loyalty import Subject
from server.api.live import Watched
from server.api.period import Site, local
from server.api.problems import Problem
from server.auth import User
from server.db import mappings as saved
from server.db.mappings import MappingRecord
from server.db.money import currency
from server.db.sites import SiteRecord
from server.imports.file_errors import FileError
from server.imports.files import ImportFiles
from server.imports.mapping import MOMENTS, Mapping, suggest
from server.imports.preview import Preview, preview
from server.imports.tables import Form, open_table
from server.imports.taking import ground_of, with_currency
from server.imports.upload import NoRoomError, TooLargeError, Upload
from server.session import Db, Running, require

router = APIRouter(prefix="/sites/{site}/loyalty", tags=["loyalty"])

COUNTED_HERE = 1 << 50
"""The server's own limit is lifted for uploads, which are counted as they come."""

Merchandiser = Annotated[User, Depends(require("merchandiser"))]
FileId = Annotated[str, PathParameter(pattern=r"^[0-9a-f]{32}$", description="the upload's id")]
MappingName = Annotated[Id, PathParameter(description="the mapping's name")]


def import_files(request: Request) -> ImportFiles:
    """The files of this server."""
    found: ImportFiles = request.app.state.import_files
    return found


Files = Annotated[ImportFiles, Depends(import_files)]


class FileBody(BaseModel):
    """An uploaded file."""

    id: str = Field(examples=["0123456789abcdef0123456789abcdef"])
    name: str
    bytes: int
    state: Literal["received", "running", "done"] = Field(description="a file is deleted once it is done")
    import_id: int | None = Field(default=None, description="under which it is listed at loyalty/in/imports")
    trouble: str | None = Field(default=None, description="why nothing of it was taken")


class ColumnBody(BaseModel):
    """A column of the file."""

    name: str
    could_name_person: bool = Field(description="it is not read")
    field: str | None = Field(description="what of ours it is")


class LineFault(BaseModel):
    """What is wrong with a line; its text is not repeated."""

    column: str
    fault: str


class LineBody(BaseModel):
    """A line as it would be taken."""

    line: int = Field(description="of the file, from 1")
    told: dict[str, Any]
    faults: list[LineFault]


class PreviewBody(BaseModel):
    """How a file would be read."""

    encoding: str | None = Field(description="null: a workbook", examples=["windows-1251"])
    delimiter: str | None
    sheet: str | None
    sheets: list[str]
    decimal: str | None = Field(description="comma or point; null: no number with decimals in the first lines")
    dates: list[str]
    mapping: Mapping
    missing: list[str] = Field(description="fields that nothing says yet; `a|b` needs one of both")
    columns: list[ColumnBody]
    lines: list[LineBody] = Field(description="the first 20")


class MappingBody(BaseModel):
    """A saved mapping."""

    name: str
    mapping: Mapping
    author: str
    changed: datetime


@router.post("/files", status_code=201, summary="Upload a file", max_body_size=COUNTED_HERE)
async def upload(
    site: Watched,
    request: Request,
    files: Files,
    user: Merchandiser,
    name: Annotated[str, Query(min_length=1, max_length=200, description="as the file is called")],
) -> FileBody:
    """CSV or XLSX as the request's body, up to 1 GB; it is kept until it was imported, at most a day.

    413: too large. 507: the disk is full. Nothing is read of it yet.
    """
    length = request.headers.get("content-length", "")
    declared = int(length) if length.isdecimal() else None
    told = {"site": site.site, "name": name.rpartition("/")[2].rpartition("\\")[2], "who": user.name}
    try:
        found = await files.uploads.receive(request.stream(), declared=declared, **told)
    except TooLargeError as error:
        raise Problem(413, "File too large", str(error)) from None
    except NoRoomError as error:
        raise Problem(507, "No room", str(error)) from None
    except FileError as error:
        raise Problem(422, "File refused", str(error)) from None
    except ClientDisconnect:
        raise Problem(400, "Broken off", "The upload was broken off; send it again.") from None
    return FileBody(id=found.id, name=found.name, bytes=found.size_bytes, state="received")


@router.get("/files/{file}", summary="Where a file is on its way")
def one_file(site: Site, file: FileId, files: Files, _: Merchandiser) -> FileBody:
    """Received, running or done; how many lines are done stands with the imports."""
    progress = files.progress(file)
    if progress is None or progress.upload.site != site.site:
        found = _found(files, site, file)
        return FileBody(id=file, name=found.name, bytes=found.size_bytes, state="received")
    found, outcome = progress.upload, progress.outcome
    told = {"import_id": outcome.import_id, "trouble": outcome.trouble} if outcome else {}
    return FileBody(id=file, name=found.name, bytes=found.size_bytes, state=progress.state, **told)


@router.delete("/files/{file}", status_code=204, summary="Delete a file that is not to be imported")
def delete(site: Site, file: FileId, files: Files, _: Merchandiser) -> None:
    """It would be deleted after a day."""
    if files.progress(file) is not None:
        raise Problem(409, "Being imported", "The file is being imported; it is deleted afterwards.")
    files.uploads.forget(_found(files, site, file))


@router.get("/files/{file}/preview", summary="A file's first lines as they would be taken")
def look(  # noqa: PLR0917 - FastAPI passes them by name
    site: Site,
    file: FileId,
    files: Files,
    db: Db,
    _: Merchandiser,
    subject: Subject = "receipts",
    mapping: Annotated[Id | None, Query(description="a saved one; by default one that the columns suggest")] = None,
) -> PreviewBody:
    """With what was found out of its form, and what is wrong with each line.

    Columns that could name a person are listed and never read.
    """
    found = _found(files, site, file)
    try:
        chosen = _saved(db, site, mapping) if mapping else suggested(db, files, found, subject)
        return _looked_through(db, files, found, chosen)
    except FileError as error:
        raise Problem(422, "File refused", str(error)) from None


@router.post("/files/{file}/preview", summary="A file's first lines through a mapping that is not saved")
def look_through(
    site: Site, file: FileId, files: Files, db: Db, _: Merchandiser, mapping: Annotated[Mapping, Body()]
) -> PreviewBody:
    """As GET, for a mapping that is being written."""
    try:
        return _looked_through(db, files, _found(files, site, file), mapping)
    except FileError as error:
        raise Problem(422, "File refused", str(error)) from None


@router.post("/files/{file}/import", status_code=202, summary="Import a file")
async def start(
    site: Watched,
    file: FileId,
    files: Files,
    service: Running,
    _: Merchandiser,
    mapping: Annotated[Mapping | Id, Body(description="a mapping, or the name of a saved one", embed=True)],
) -> FileBody:
    """In its turn, one file at a time, while the server goes on with everything else; 202: it waits or runs."""
    found = _found(files, site, file)
    chosen = mapping if isinstance(mapping, Mapping) else await run_in_threadpool(_saved_of, service, site, mapping)
    if files.progress(file) is not None:
        raise Problem(409, "Being imported", "The file is being imported already.")
    files.start(found, chosen)
    return FileBody(id=file, name=found.name, bytes=found.size_bytes, state="running")


@router.get("/mappings", summary="Saved mappings")
def all_mappings(site: Site, db: Db) -> list[MappingBody]:
    """By name."""
    return [_mapping_body(record, site) for record in saved.list_mappings(db, site.site)]


@router.put("/mappings/{name}", summary="Save a mapping")
def save_mapping(
    site: Site, name: MappingName, body: Annotated[Mapping, Body()], service: Running, user: Merchandiser
) -> MappingBody:
    """Under a name that watched folders use, too; one of the same name is replaced."""
    record = MappingRecord(name, body.subject, body.model_dump(mode="json"), user.name, service.clock())
    with service.engine.begin() as conn:
        saved.put_mapping(conn, site.site, record)
    return _mapping_body(record, site)


@router.delete("/mappings/{name}", status_code=204, summary="Delete a mapping")
def delete_mapping(site: Site, name: MappingName, service: Running, _: Merchandiser) -> None:
    """A watched folder that names it waits until there is one again."""
    with service.engine.begin() as conn:
        if not saved.delete_mapping(conn, site.site, name):
            raise Problem(404, "Not found", f"There is no mapping {name!r}.")


def suggested(conn: Connection, files: ImportFiles, found: Upload, subject: Subject) -> Mapping:
    """The mapping that a file's columns suggest.

    Raises:
        FileError: it cannot be read.
    """
    with open_table(files.uploads.path(found), Form()) as table:
        return suggest(subject, table.header, currency=currency(conn, found.site))


def _looked_through(conn: Connection, files: ImportFiles, found: Upload, mapping: Mapping) -> PreviewBody:
    whole = with_currency(mapping, currency(conn, found.site))
    return _body(preview(files.uploads.path(found), whole, ground_of(conn, found.site)))


def _found(files: ImportFiles, site: SiteRecord, file: str) -> Upload:
    found = files.uploads.find(site.site, file)
    if found is None:
        raise Problem(404, "Not found", "There is no such file; it was imported, or deleted after a day.")
    return found


def _saved_of(service: Running, site: SiteRecord, name: str) -> Mapping:
    with service.engine.connect() as conn:
        return _saved(conn, site, name)


def _saved(conn: Connection, site: SiteRecord, name: str) -> Mapping:
    record = saved.get_mapping(conn, site.site, name)
    if record is None:
        raise Problem(404, "Not found", f"There is no mapping {name!r}.")
    try:
        return Mapping.model_validate(record.document)
    except ValidationError:
        raise Problem(409, "Outdated", f"Mapping {name!r} is of an older version; save it again.") from None


def _mapping_body(record: MappingRecord, site: SiteRecord) -> MappingBody:
    return MappingBody(
        name=record.name, mapping=Mapping.model_validate(record.document), author=record.author,
        changed=local(record.changed, site),
    )  # fmt: skip


def _body(found: Preview) -> PreviewBody:
    form, settled = found.settled.form, found.settled
    moment = MOMENTS.get(settled.mapping.subject)
    return PreviewBody(
        encoding=form.encoding,
        delimiter=form.delimiter,
        sheet=form.sheet,
        sheets=settled.sheets,
        decimal=settled.decimal,
        dates=list(settled.formats),
        mapping=settled.mapping,
        missing=found.missing,
        columns=[ColumnBody(name=c.name, could_name_person=c.could_name_person, field=c.field) for c in found.columns],
        lines=[
            LineBody(
                line=shown.line,
                told=shown.told | ({moment: _iso(shown.told[moment])} if moment in shown.told else {}),
                faults=[LineFault(column=column, fault=fault) for column, fault in shown.faults],
            )
            for shown in found.lines
        ],
    )


def _iso(moment: float | str) -> str:
    return moment if isinstance(moment, str) else datetime.fromtimestamp(moment, UTC).isoformat()
