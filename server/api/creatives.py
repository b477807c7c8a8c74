"""What may be shown: pictures, videos and HTML packages."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, Query, Request
from fastapi import Path as PathParameter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from contract.ids import Id
from server.api.live import Watched
from server.api.nudging import NUDGED
from server.api.period import Site, local
from server.api.problems import Problem
from server.auth import User
from server.db import creatives as records
from server.db.creatives import CreativeRecord, MediaRecord, NewCreative
from server.db.landings import get_landing
from server.db.sites import SiteRecord
from server.domain.campaigns import MediaKind
from server.media_store import MediaError, MediaStore, NoRoomError, TooLargeError
from server.naming import id_for
from server.service import Service
from server.session import Db, Running, require

router = APIRouter(prefix="/sites/{site}/creatives", tags=["campaigns"])

DEFAULT_SECONDS: dict[MediaKind, float] = {"image": 10.0, "video": 10.0, "html": 15.0}
COUNTED_HERE = 1 << 50
"""The server's own limit is lifted for uploads: the store counts what comes against `media.largest_mb`."""

Planner = Annotated[User, Depends(require("merchandiser"))]
CreativeId = Annotated[Id, PathParameter(description="the creative's id")]
Seconds = Annotated[float, Field(ge=1, le=600, description="how long one play lasts; it ends within a ten-minute slot")]
Fits = Literal["portrait", "landscape", "any"]
STANDS: dict[Fits, bool | None] = {"portrait": True, "landscape": False, "any": None}


class UploadQuery(BaseModel):
    """What is said of an upload beside its bytes."""

    name: Annotated[str, Field(min_length=1, max_length=120, description="as people call it")]
    filename: Annotated[str, Field(max_length=300)] = Field(
        default="", description="as the file is called; its ending must be true"
    )
    seconds: Seconds | None = Field(default=None, description="a video's own by default")
    fits: Fits | None = Field(default=None, description="by default as its picture stands")

    def as_new(self, media: MediaRecord, author: str) -> NewCreative:
        """The creative it becomes."""
        seconds = max(self.seconds or media.seconds or DEFAULT_SECONDS[media.kind], 1.0)
        return NewCreative(self.name, media, seconds, STANDS[self.fits] if self.fits else media.portrait, author)


class CreativeBody(BaseModel):
    """One creative."""

    id: str
    name: str
    kind: MediaKind
    type: str = Field(description="media type of its file", examples=["video/mp4"])
    sha256: str = Field(description="its file is at /media/{sha256}")
    bytes: int
    width: int = Field(description="px; 0: a package that does not say")
    height: int
    seconds: float = Field(description="how long one play lasts")
    fits: Fits = Field(description="which screens it is made for")
    landing: str | None = Field(description="the page its QR code leads to")
    author: str
    created: datetime
    archived: datetime | None
    preview: bool = Field(description="whether there is a preview.jpg")


class CreativesBody(BaseModel):
    """The creatives of a site."""

    site: str
    creatives: list[CreativeBody] = Field(description="newest first")
    used_bytes: int = Field(description="of the media store, by all sites")
    most_bytes: int


class ChangeBody(BaseModel):
    """What to change; what is missing stays."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=120)] | None = None
    seconds: Seconds | None = None
    fits: Fits | None = None
    landing: Id | None = None
    archived: bool | None = Field(default=None, description="archived creatives are offered to no campaign any more")


@router.get("", summary="All creatives")
def all_creatives(site: Site, db: Db, service: Running, archived: bool = False) -> CreativesBody:
    """Newest first; `archived=true` for those too that are."""
    found = records.list_creatives(db, site.site, archived=archived)
    return CreativesBody(
        site=site.site,
        creatives=[_body(record, site) for record in found],
        used_bytes=records.media_bytes(db),
        most_bytes=round(service.settings.media.most_gb * 1e9),
    )


@router.post("", status_code=201, summary="Upload a creative", max_body_size=COUNTED_HERE)
async def upload(
    site: Watched, request: Request, service: Running, user: Planner, asked: Annotated[UploadQuery, Query()]
) -> CreativeBody:
    """The file as the request's body: JPEG, PNG, WebP, GIF, SVG (drawn to a PNG), MP4, WebM, or a ZIP with index.html.

    It is known by what it holds; a type or a name that says otherwise is refused, and so is what a browser could not
    show. 413: larger than `media.largest_mb`. 507: the store or the disk is full.
    """
    try:
        media = await _receive(service, request, asked.filename)
        record = await run_in_threadpool(_add, service, site.site, asked.as_new(media, user.name))
    except TooLargeError as error:
        raise Problem(413, "File too large", str(error)) from None
    except NoRoomError as error:
        raise Problem(507, "No room", str(error)) from None
    except MediaError as error:
        raise Problem(422, "File refused", str(error)) from None
    except ClientDisconnect:
        raise Problem(400, "Broken off", "The upload was broken off; send it again.") from None
    return _body(record, site)


@router.get("/{creative}", summary="One creative")
def one_creative(site: Site, creative: CreativeId, db: Db) -> CreativeBody:
    """Archived or not."""
    return _body(_found(db, site, creative), site)


@router.patch("/{creative}", dependencies=NUDGED, summary="Rename, archive or set a creative's page")
def change(
    site: Site, creative: CreativeId, body: Annotated[ChangeBody, Body()], service: Running, _: Planner
) -> CreativeBody:
    """What is missing stays. The file itself never changes: upload another creative for that."""
    given = body.model_dump(exclude_unset=True)
    with service.engine.begin() as conn:
        record = _found(conn, site, creative)
        values = {key: given[key] for key in ("name", "seconds") if given.get(key) is not None}
        if given.get("fits"):
            values["portrait"] = STANDS[given["fits"]]
        if "landing" in given:
            values["landing"] = _known_landing(conn, site, given["landing"])
        if given.get("archived") is not None:
            values["archived_ms"] = round(service.clock() * 1000) if given["archived"] else None
        if values:
            records.change_creative(conn, site.site, creative, **values)
            record = _found(conn, site, creative)
    return _body(record, site)


@router.delete("/{creative}", dependencies=NUDGED, status_code=204, summary="Delete a creative that was never used")
def delete(site: Site, creative: CreativeId, service: Running, _: Planner) -> None:
    """With its file, where no other creative shows it. What was shown or planned is part of the proof: 409."""
    with service.engine.begin() as conn:
        record = _found(conn, site, creative)
        if records.was_used(conn, site.site, creative):
            raise Problem(409, "In use", f"Campaigns or plays name {record.name!r}; archive it instead.")
        records.delete_creative(conn, site.site, creative)
        unused = records.forget_unused_media(conn, record.sha256)
    if unused:
        MediaStore(service.settings.media).delete(record.sha256)


@router.get(
    "/{creative}/preview.jpg",
    summary="A small picture of a creative",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}},
)
def preview(site: Site, creative: CreativeId, db: Db) -> Response:
    """JPEG, at most 640 px; packages have none."""
    jpeg = records.get_preview(db, site.site, creative)
    if jpeg is None:
        raise Problem(404, "Not found", f"There is no picture of {creative!r}.")
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})


async def _receive(service: Service, request: Request, filename: str) -> MediaRecord:
    store, length = MediaStore(service.settings.media), request.headers.get("content-length", "")
    declared = int(length) if length.isdecimal() else None
    used = await run_in_threadpool(_used, service)
    incoming = await store.receive(request.stream(), declared=declared, used=used)
    said = request.headers.get("content-type", "")
    return await run_in_threadpool(store.take, incoming, declared_type=said, filename=filename, now=service.clock())


def _used(service: Service) -> int:
    with service.engine.connect() as conn:
        return records.media_bytes(conn)


def _add(service: Service, site: str, new: NewCreative) -> CreativeRecord:
    with service.engine.begin() as conn:
        records.add_media(conn, new.media)
        creative = id_for(new.name, records.taken_ids(conn, site), otherwise="creative")
        records.add_creative(conn, site, creative, new)
        record = records.get_creative(conn, site, creative)
    if record is None:
        raise Problem(409, "Gone", "The creative was deleted while it was added; upload it again.")
    return record


def _known_landing(conn: Connection, site: SiteRecord, landing: str | None) -> str | None:
    if landing is not None and get_landing(conn, site.site, landing) is None:
        raise Problem(422, "Wrong parameter", f"body.landing: there is no page {landing!r}.")
    return landing


def _found(conn: Connection, site: SiteRecord, creative: str) -> CreativeRecord:
    record = records.get_creative(conn, site.site, creative)
    if record is None:
        raise Problem(404, "Not found", f"There is no creative {creative!r} at {site.site!r}.")
    return record


def _body(record: CreativeRecord, site: SiteRecord) -> CreativeBody:
    return CreativeBody(
        id=record.id,
        name=record.name,
        kind=record.kind,
        type=record.type,
        sha256=record.sha256,
        bytes=record.size_bytes,
        width=record.width,
        height=record.height,
        seconds=record.seconds,
        fits=next(fits for fits, stands in STANDS.items() if stands == record.portrait),
        landing=record.landing,
        author=record.author,
        created=local(record.created, site),
        archived=None if record.archived is None else local(record.archived, site),
        preview=record.has_preview,
    )
