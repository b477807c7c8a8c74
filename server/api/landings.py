"""Landing pages behind QR codes, and what their visitors did, as counts."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi import Path as PathParameter
from pydantic import BaseModel, Field
from starlette.responses import Response

from contract.ids import Id
from server.api.period import Asked, PeriodBody, Site, local, period_body
from server.api.problems import Problem
from server.api.tabular import AsTable, table_response
from server.auth import User
from server.db import landings as records
from server.db.landings import LandingRecord
from server.db.scans import deeds
from server.db.sites import SiteRecord
from server.landing_document import LandingDocument
from server.landing_links import qr_address, qr_png, qr_svg
from server.session import Db, Running, require

router = APIRouter(prefix="/sites/{site}/landings", tags=["landing pages"])

Planner = Annotated[User, Depends(require("merchandiser"))]
LandingId = Annotated[Id, PathParameter(description="the page's id")]


class LandingBody(BaseModel):
    """One page."""

    landing: str
    document: LandingDocument
    author: str
    changed: datetime


class DeedBody(BaseModel):
    """How often visitors of one code did something."""

    campaign: str = Field(description="empty without one")
    creative: str
    screen: str
    what: Literal["scan", "redeem", "join", "answer"]
    answer: str = Field(description="the answer's key; empty but for `answer`")
    n: int


class DeedsBody(BaseModel):
    """What visitors did in a period."""

    site: str
    period: PeriodBody
    simulated: bool
    deeds: list[DeedBody]


@router.get("", summary="Landing pages")
def landings(site: Site, db: Db) -> list[LandingBody]:
    """All pages of the store."""
    return [_body(record, site) for record in records.list_landings(db, site.site)]


@router.get("/deeds", summary="Scans, redemptions, answers and joins", response_model=DeedsBody)
def all_deeds(
    site: Site, period: Asked, db: Db, as_table: AsTable, landing: Annotated[Id | None, Query()] = None
) -> DeedsBody | Response:
    """Counts by code in the ten-minute slots that begin within the period; nothing about anybody."""
    found = deeds(db, site=site.site, start=period.start, end=period.end, landing=landing)
    bodies = [DeedBody.model_validate(deed, from_attributes=True) for deed in found]
    if as_table:
        return table_response(bodies, list(DeedBody.model_fields), name=f"deeds-{site.site}", kind=as_table)
    return DeedsBody(site=site.site, period=period_body(period, site), simulated=site.simulated, deeds=bodies)


@router.get("/{landing}", summary="One landing page")
def landing(site: Site, landing: LandingId, db: Db) -> LandingBody:
    """The page."""
    return _body(_found(records.get_landing(db, site.site, landing), landing), site)


@router.put("/{landing}", summary="Add or change a landing page (merchandiser)")
def put_landing(
    *, site: Site, landing: LandingId, document: LandingDocument, service: Running, user: Planner, response: Response
) -> LandingBody:
    """What codes that hang already lead to changes at once."""
    with service.engine.begin() as conn:
        new = records.put_landing(conn, site.site, landing, document, author=user.name, now=service.clock())
        record = records.get_landing(conn, site.site, landing)
    response.status_code = 201 if new else 200
    return _body(_found(record, landing), site)


@router.delete("/{landing}", status_code=204, summary="Delete a landing page (merchandiser)")
def delete_landing(site: Site, landing: LandingId, service: Running, _: Planner) -> None:
    """Refused while a creative's code leads there."""
    with service.engine.begin() as conn:
        if used := records.used_by(conn, site.site, landing):
            told = f"The codes of {', '.join(used[:3])} lead to {landing!r}; give these creatives another page first."
            raise Problem(409, "In use", told)
        if not records.delete_landing(conn, site.site, landing):
            raise _missing(landing)


@router.get(
    "/{landing}/code.{form}",
    summary="A QR code for print",
    response_class=Response,
    responses={200: {"content": {"image/svg+xml": {}, "image/png": {}}}},
)
def code(
    *,
    site: Site,
    landing: LandingId,
    form: Literal["svg", "png"],
    creative: Annotated[Id, Query(description="whose code leads there")],
    screen: Annotated[Id, Query(description="where it hangs")],
    db: Db,
    service: Running,
    campaign: Annotated[Id | None, Query()] = None,
) -> Response:
    """As a screen shows it today: campaign, creative, screen and day, and no visitor."""
    record = records.landing_of(db, site.site, creative)
    if record is None or record.landing != landing:
        raise Problem(404, "Not found", f"The code of creative {creative!r} does not lead to {landing!r}.")
    address = qr_address(
        service.settings, site.document, campaign=campaign, creative=creative, screen=screen, t=service.clock()
    )
    if form == "svg":
        return Response(qr_svg(address), media_type="image/svg+xml")
    return Response(qr_png(address), media_type="image/png")


def _body(record: LandingRecord, site: SiteRecord) -> LandingBody:
    changed = local(record.changed, site)
    return LandingBody(landing=record.landing, document=record.document, author=record.author, changed=changed)


def _found(record: LandingRecord | None, landing: str) -> LandingRecord:
    if record is None:
        raise _missing(landing)
    return record


def _missing(landing: str) -> Problem:
    return Problem(404, "Not found", f"There is no landing page {landing!r}; GET .../landings lists them.")
