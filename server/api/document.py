"""The store's document: reading it, saving a new version, and the way back."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Header, Query
from fastapi import Path as PathParameter
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response

from contract.messages import Reported
from server.api.period import Site, local
from server.api.problems import Problem
from server.bus import News
from server.db.boxes import boxes
from server.db.site_versions import NewerVersionError, SiteVersion, newest, versions
from server.db.sites import SiteRecord
from server.domain.drafts import is_writable
from server.domain.site_changes import Change, changes
from server.saving import Edit, EditedMeanwhileError, FaultyDraftError, NoVersionError, restore, save, version_of
from server.service import Service
from server.session import Admin, Db, Running
from server.site_yaml import dump_site

router = APIRouter(prefix="/sites/{site}", tags=["setup"])

LARGEST_DOCUMENT = 4 * 1024 * 1024
Number = Annotated[int, PathParameter(ge=0, description="the version's number")]


def _writable(text: str) -> str:
    if not is_writable(text):
        raise ValueError("holds signs that cannot be written; remove them")
    return text


Note = Annotated[str, Field(max_length=500, description="why, in a line"), AfterValidator(_writable)]


class FaultBody(BaseModel):
    """What is wrong with a document, and where."""

    key: str = Field(description="path of the key", examples=["zones.bakery.polygon_m"])
    message: str


class DocumentBody(BaseModel):
    """One version of the document."""

    site: str
    version: int
    author: str = Field(description="who saved it; `file`: it came from server.yaml's site file")
    saved_at: datetime
    note: str
    based_on: int | None = Field(description="the version it was made from")
    document: dict[str, Any] = Field(description="site.yaml; keys at their defaults are left away")


class SaveBody(BaseModel):
    """What to save."""

    model_config = ConfigDict(extra="forbid")

    based_on: int = Field(description="the version it was made from")
    document: dict[str, Any] = Field(description="site.yaml; its `version` is set by the server")
    note: Note = ""
    landmarks_from_still: list[str] = Field(
        default=[], description="cameras whose landmarks to renew from their still; done anyway where calibrated anew"
    )


class RestoreBody(BaseModel):
    """Which version its author takes for the newest, and why it goes."""

    model_config = ConfigDict(extra="forbid")

    based_on: int
    note: Note = ""


class ChangeBody(BaseModel):
    """What was done to one part."""

    key: str = Field(examples=["zones.bakery", "cameras.door.calibration"])
    verb: Literal["added", "removed", "moved", "renamed", "changed"]
    text: str = Field(description="in English")


class VersionBody(BaseModel):
    """One version, without its document."""

    version: int
    author: str
    saved_at: datetime
    note: str
    based_on: int | None
    changes: list[ChangeBody] = Field(description="against the version before it")
    boxes: list[str] = Field(description="boxes that say they work with it")


class BoxAnswerBody(BaseModel):
    """What a box answers to the version in force."""

    box: str
    state: Literal["confirmed", "refused", "asked"] = Field(
        description="asked: it has not answered, or with another version"
    )
    site_version: int | None = Field(description="the version it works with; null: it has not said")
    reason: str | None = Field(description="why it refuses")


class VersionsBody(BaseModel):
    """All versions, newest first."""

    site: str
    in_force: int
    boxes: list[BoxAnswerBody]
    versions: list[VersionBody]


@router.get("/document", summary="The document in force")
def document(
    site: Site, db: Db, response: Response, if_none_match: Annotated[str | None, Header()] = None
) -> DocumentBody:
    """The newest version, with its number as ETag."""
    found = _newest(db, site)
    response.headers["ETag"] = f'"{found.version}"'
    response.headers["Cache-Control"] = "private, no-cache"
    if if_none_match == response.headers["ETag"]:
        response.status_code = 304
    return _document(found, site)


@router.put(
    "/document",
    summary="Save a new version",
    max_body_size=LARGEST_DOCUMENT,
    responses={
        409: {"description": "Another version was saved meanwhile: `current`, `mine`, `theirs`, `both`, `merged`"}
    },
)
async def save_document(site: Site, body: Annotated[SaveBody, Body()], user: Admin, service: Running) -> DocumentBody:
    """Check the document as the file is checked, save it as the next version and send it to the boxes.

    422 lists what is wrong by key (`errors`). 409: somebody saved since `based_on`; the answer holds their version
    (`current`), the keys that only you, only they, or both changed, and `merged`, both together where no key conflicts.
    """
    edit = Edit(body.document, body.based_on, user.name, body.note, frozenset(body.landmarks_from_still))
    return await _put_in_force(service, site, partial(save, site=site.site, edit=edit))


@router.get("/versions", summary="All versions")
def all_versions(
    site: Site, db: Db, service: Running, limit: Annotated[int, Query(ge=1, le=500, description="at most so many")] = 50
) -> VersionsBody:
    """Who saved what and when, newest first, and which boxes work with it."""
    found = versions(db, site.site, limit + 1)
    now = service.clock()
    answers = [(box.box, box.reported) for box in boxes(db, site=site.site, start=now, end=now, at=now)]
    in_force = found[0].version if found else site.document.version
    earlier = [*found[1:], None]
    return VersionsBody(
        site=site.site,
        in_force=in_force,
        boxes=[_answer(box, reported, in_force) for box, reported in answers],
        versions=[
            VersionBody(
                version=version.version,
                author=version.author,
                saved_at=local(version.created, site),
                note=version.note,
                based_on=version.based_on,
                changes=[_change(change) for change in changes(before.document, version.document)] if before else [],
                boxes=[box for box, reported in answers if reported and reported.site_version == version.version],
            )
            for version, before in list(zip(found, earlier, strict=False))[:limit]
        ],
    )


@router.get("/versions/{version}", summary="One version")
def one_version(site: Site, version: Number, db: Db) -> DocumentBody:
    """The document as it was."""
    try:
        return _document(version_of(db, site.site, version), site)
    except NoVersionError as error:
        raise Problem(404, "Not found", f"{error}.") from None


@router.post("/versions/{version}/restore", summary="Put an earlier version in force again")
async def restore_version(
    site: Site, version: Number, body: Annotated[RestoreBody, Body()], user: Admin, service: Running
) -> DocumentBody:
    """The document of then becomes the newest version; what came between stays in the list."""
    edit = Edit({}, body.based_on, user.name, body.note or f"version {version} again")
    return await _put_in_force(service, site, partial(restore, site=site.site, number=version, edit=edit))


@router.get("/site.yaml", summary="The document as a file", response_class=PlainTextResponse)
def site_yaml(site: Site, db: Db) -> Response:
    """site.yaml as it is written by hand: boxes and servers read it."""
    found = _newest(db, site)
    text = dump_site(found.document, saved_by=found.author, saved_at=local(found.created, site))
    named = f'attachment; filename="{site.site}.site.yaml"'
    return PlainTextResponse(text, media_type="application/yaml", headers={"Content-Disposition": named})


Saving = Callable[..., SiteVersion]


async def _put_in_force(service: Service, site: SiteRecord, saving: Saving) -> DocumentBody:
    try:
        saved = await run_in_threadpool(_transact, service, site, saving)
    except NoVersionError as error:
        raise Problem(404, "Not found", f"{error}.") from None
    except FaultyDraftError as error:
        faults = [fault._asdict() for fault in error.faults]
        raise Problem(422, "Document refused", f"{error}.", errors=faults) from None
    except EditedMeanwhileError as error:
        raise _conflict(error, site) from None
    service.outgoing.announce(site.site)
    service.bus.tell(News(site.site, "document", "", None, saved.created))
    return _document(saved, site)


def _transact(service: Service, site: SiteRecord, saving: Saving) -> SiteVersion:
    try:
        with service.engine.begin() as conn:
            return saving(conn, simulated=site.simulated, now=service.clock())
    except NewerVersionError:  # another editor was faster by a blink; now there is something to compare with
        with service.engine.begin() as conn:
            return saving(conn, simulated=site.simulated, now=service.clock())


def _conflict(error: EditedMeanwhileError, site: SiteRecord) -> Problem:
    return Problem(
        409,
        "Edited meanwhile",
        f"{error}. Nothing is lost: put both together and save again, based on version {error.current.version}.",
        current=_document(error.current, site).model_dump(mode="json"),
        mine=error.merge.mine,
        theirs=error.merge.theirs,
        both=error.merge.both,
        merged=error.merge.document,
    )


def _newest(db: Connection, site: SiteRecord) -> SiteVersion:
    found = newest(db, site.site)
    if found is None:
        raise Problem(404, "Not found", f"Site {site.site!r} has no saved document yet; restart the server.")
    return found


def _document(version: SiteVersion, site: SiteRecord) -> DocumentBody:
    return DocumentBody(
        site=site.site,
        version=version.version,
        author=version.author,
        saved_at=local(version.created, site),
        note=version.note,
        based_on=version.based_on,
        document=version.document,
    )


def _change(change: Change) -> ChangeBody:
    return ChangeBody(key=change.key, verb=change.verb, text=change.text)


def _answer(box: str, reported: Reported | None, in_force: int) -> BoxAnswerBody:
    if reported is None:
        return BoxAnswerBody(box=box, state="asked", site_version=None, reason=None)
    refused = reported.refused_version == in_force  # of the same number, even, where the files differ
    state: Literal["confirmed", "refused", "asked"] = "refused" if refused else "asked"
    if reported.site_version == in_force and not refused:
        state = "confirmed"
    return BoxAnswerBody(
        box=box, state=state, site_version=reported.site_version, reason=reported.reason if refused else None
    )
