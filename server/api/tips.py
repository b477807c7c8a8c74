"""What the tills may offer this hour, what they tapped, and tips sent by hand to any stores of the chain."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field, PositiveInt
from starlette.responses import Response

from contract.ids import Id
from contract.tips import Tip
from server.api.period import Asked, Site, local
from server.api.problems import Problem
from server.api.tabular import AsTable, table_response
from server.auth import User
from server.db import tips as records
from server.db.sites import SiteRecord
from server.db.tips import TipRecord
from server.session import Db, Running, require
from server.tips import EVERY_TILL, NoSiteError, send_by_hand

router = APIRouter(tags=["tips"])

Planner = Annotated[User, Depends(require("merchandiser"))]
Cashier = Annotated[User, Depends(require("viewer"))]
What = Literal["offered", "taken", "not_offered", "not_taken"]
TAPS: dict[What, tuple[int, int]] = {
    "offered": (1, 0),
    "taken": (1, 1),
    "not_offered": (-1, 0),
    "not_taken": (-1, -1),
}
"""What each tap adds to the offers and to those taken; the last two take one back."""


class TipBody(BaseModel):
    """One tip and what was tapped."""

    id: int
    bank: str = Field(description="a queue zone; `all` for every till")
    start: datetime
    until: datetime
    tip: Tip
    offered: int
    taken: int


class SendBody(BaseModel):
    """A tip by hand."""

    model_config = ConfigDict(extra="forbid")

    then: Id = Field(description="category to offer", examples=["rolls"])
    given: Id | None = Field(default=None, description="with which category; null: with anything", examples=["coffee"])
    text: Annotated[str, Field(max_length=200)] = ""
    hours: PositiveInt = Field(default=4, le=72, description="how long it holds, from now")
    sites: Annotated[list[Id], Field(min_length=1)] | None = Field(default=None, description="null: all stores")

    def by_hand(self, author: str) -> Tip:
        """The tip without the names, which each store knows."""
        return Tip(given=self.given, then=self.then, then_name=self.then, text=self.text, by=author)


class ResultRow(BaseModel):
    """What came of the tips of a bank in an hour."""

    start: datetime
    bank: str
    given: str | None
    then: str
    by: str
    offered: int
    taken: int


@router.get("/sites/{site}/tips", summary="What may be offered now")
def tips_now(site: Site, db: Db, service: Running, bank: Annotated[Id | None, Query()] = None) -> list[TipBody]:
    """Tips that hold now; with `bank` only its own and those for every till."""
    now = service.clock()
    found = records.tips_between(db, site=site.site, start=now, end=now + 1)
    return [_body(each, site) for each in found if bank is None or each.bank in {bank, EVERY_TILL}]


@router.post("/sites/{site}/tips/{tip}/{what}", status_code=204, summary="Tap: it was offered, or taken")
def tap(site: Site, tip: Annotated[int, Path(ge=1)], what: What, service: Running, _: Cashier) -> None:
    """`taken` counts as offered too; `not_offered` and `not_taken` take one back.

    Counted for the till bank and the hour; of who tapped nothing is kept.
    """
    offered, accepted = TAPS[what]
    with service.engine.begin() as conn:
        counted = records.tap(conn, site=site.site, id_=tip, now=service.clock(), offered=offered, accepted=accepted)
    if not counted:
        raise Problem(409, "Not counted", f"Tip {tip} of {site.site!r} does not hold now, or has nothing to take back.")


@router.get("/sites/{site}/tips/results", summary="What came of the tips", response_model=list[ResultRow])
def results(site: Site, period: Asked, db: Db, as_table: AsTable) -> list[ResultRow] | Response:
    """By bank and hour."""
    found = records.tips_between(db, site=site.site, start=period.start, end=period.end)
    rows = [
        ResultRow(
            start=local(each.start, site),
            bank=each.bank,
            given=each.tip.given,
            then=each.tip.then,
            by=each.tip.by,
            offered=each.taps.offered,
            taken=each.taps.accepted,
        )
        for each in found
    ]
    if as_table:
        return table_response(rows, list(ResultRow.model_fields), name=f"tips-{site.site}", kind=as_table)
    return rows


@router.post("/tips", status_code=201, summary="Send a tip to some or all stores")
async def send(body: Annotated[SendBody, Body()], service: Running, user: Planner) -> list[str]:
    """It stands before those that are worked out, until its hours are over; returns the stores it went to."""
    try:
        return await send_by_hand(service, body.by_hand(user.name), sites=body.sites, hours=body.hours)
    except NoSiteError as error:
        raise Problem(422, "Wrong body", f"body.sites: {error}") from None


def _body(record: TipRecord, site: SiteRecord) -> TipBody:
    return TipBody(
        id=record.id,
        bank=record.bank,
        start=local(record.start, site),
        until=local(record.until, site),
        tip=record.tip,
        offered=record.taps.offered,
        taken=record.taps.accepted,
    )
