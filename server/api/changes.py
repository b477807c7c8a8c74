"""Changes of the store and what came of them: tests of advice, and what people changed on their own."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from server.advice.doing import PlanError, note_change
from server.advice.plan import Clash, clashes
from server.api.period import Site, local
from server.api.problems import Problem
from server.api.tabular import AsTable, table_response
from server.auth import User
from server.change_document import ChangeDocument, Fact, Verdict
from server.db import changes as records
from server.db.changes import ChangeRecord, Status
from server.db.sites import SiteRecord
from server.domain.intervals import Estimate
from server.session import Db, Running, require

router = APIRouter(prefix="/sites/{site}/changes", tags=["advice"])

Planner = Annotated[User, Depends(require("merchandiser"))]
ChangeId = Annotated[int, Path(ge=1, le=2**53, description="the change's number")]


class EffectBody(BaseModel):
    """An amount with its 95 % interval."""

    value: float
    low: float
    high: float


class ResultBody(BaseModel):
    """What came of it."""

    verdict: Verdict = Field(description="unclear: a check failed, it was not made, or too few days were usable")
    effect: EffectBody | None = Field(description="margin a week against leaving things as they were")
    relative: EffectBody | None = Field(description="the same as a share")
    stops: EffectBody | None = Field(description="stops a day in the zones, after less before")
    days: int = Field(description="usable after the change")
    checks: dict[str, bool]
    facts: list[Fact] = Field(description="what the planogram says of it")


class ChangeBody(BaseModel):
    """One change."""

    id: int
    name: str
    advice: str | None = Field(description="the key of the advice it came from")
    status: Status
    day: date
    document: ChangeDocument
    promised: EffectBody | None = Field(description="margin a week, as it was advised")
    result: ResultBody | None
    author: str
    created: datetime


class ChangesBody(BaseModel):
    """The changes of a site."""

    site: str
    simulated: bool
    changes: list[ChangeBody] = Field(description="the newest first")


class ClashBody(BaseModel):
    """Something else that touches the same goods or places within the test."""

    what: Literal["change", "campaign", "offer"]
    name: str
    first: date
    last: date


class NoteBody(BaseModel):
    """A change to be kept and judged."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "Chocolate to till 1",
                    "document": {
                        "kind": "move",
                        "subject": "chocolate",
                        "origin": "aisle_5",
                        "target": "till_1",
                        "before": {"first": "2026-10-05", "last": "2026-11-01"},
                        "after": {"first": "2026-11-04", "last": "2026-12-01"},
                        "categories": ["chocolate"],
                        "zones": ["till_1"],
                    },
                }
            ]
        },
    )

    name: Annotated[str, Field(min_length=1, max_length=160)]
    document: ChangeDocument


class NotedBody(BaseModel):
    """What was kept, and what else goes on then."""

    change: ChangeBody
    clashes: list[ClashBody]


class RowBody(BaseModel):
    """One change as a line of a table."""

    id: int
    name: str
    advice: str | None
    status: str
    day: date
    before_first: date
    before_last: date
    after_first: date
    after_last: date
    design: str
    promised_week: float | None
    measured_week: float | None
    low_week: float | None
    high_week: float | None
    verdict: str | None


@router.get("", summary="Changes and their results, newest first", response_model=ChangesBody)
def all_changes(
    site: Site,
    db: Db,
    as_table: AsTable,
    status: Annotated[Status | None, Query(description="only those")] = None,
) -> ChangesBody | Response:
    """Planned, running, over and called off."""
    found = records.list_changes(db, site.site, *([status] if status else []))
    if as_table:
        rows = [_row(change) for change in found]
        return table_response(rows, list(RowBody.model_fields), name=f"changes-{site.site}", kind=as_table)
    bodies = [change_body(change, site) for change in found]
    return ChangesBody(site=site.site, simulated=site.simulated, changes=bodies)


@router.post("", status_code=201, summary="Tell of a change of your own")
def note(site: Site, body: Annotated[NoteBody, Body()], service: Running, user: Planner) -> NotedBody:
    """One that was made or will be; it is judged when its days are over, as tests of advice are."""
    with service.engine.begin() as conn:
        try:
            change = note_change(conn, site, body.name, body.document, by=user.name, now=service.clock())
        except PlanError as error:
            raise Problem(422, "Wrong parameter", f"body.document: {error}.") from None
        others = clashes(conn, site.site, change.document, but=change.id)
        return NotedBody(change=change_body(change, site), clashes=clash_bodies(others))


@router.get("/{change}", summary="One change with its result")
def one_change(site: Site, change: ChangeId, db: Db) -> ChangeBody:
    """As it stands."""
    record = records.get_change(db, site.site, change)
    if record is None:
        raise Problem(404, "Not found", f"There is no change {change} at {site.site!r}.")
    return change_body(record, site)


@router.post("/{change}/cancel", status_code=204, summary="Call it off")
def cancel(site: Site, change: ChangeId, service: Running, _: Planner) -> None:
    """It does not happen, or is not to be judged. What is over stays."""
    with service.engine.begin() as conn:
        if not records.cancel(conn, site.site, change, now=service.clock()):
            raise Problem(409, "Not now", f"There is no change {change} at {site.site!r} that is planned or running.")


def change_body(change: ChangeRecord, site: SiteRecord) -> ChangeBody:
    """A change as answers carry it."""
    result = change.result
    return ChangeBody(
        id=change.id,
        name=change.name,
        advice=change.advice,
        status=change.status,
        day=change.day,
        document=change.document,
        promised=effect_body(change.promised.effect if change.promised else None),
        result=ResultBody(
            verdict=result.verdict,
            effect=effect_body(result.effect),
            relative=effect_body(result.relative),
            stops=effect_body(result.stops),
            days=result.days,
            checks=result.checks,
            facts=result.facts,
        )
        if result
        else None,
        author=change.author,
        created=local(change.created, site),
    )


def effect_body(effect: Estimate | None) -> EffectBody | None:
    """An estimate as answers carry it."""
    return EffectBody(value=effect.value, low=effect.low, high=effect.high) if effect else None


def clash_bodies(found: Sequence[Clash]) -> list[ClashBody]:
    """Clashes as answers carry them."""
    return [ClashBody(what=clash.what, name=clash.name, first=clash.first, last=clash.last) for clash in found]


def _row(change: ChangeRecord) -> RowBody:
    document, result = change.document, change.result
    effect = result.effect if result else None
    return RowBody(
        id=change.id,
        name=change.name,
        advice=change.advice,
        status=change.status,
        day=change.day,
        before_first=document.before.first,
        before_last=document.before.last,
        after_first=document.after.first,
        after_last=document.after.last,
        design=document.design,
        promised_week=round(change.promised.effect.value, 2) if change.promised else None,
        measured_week=round(effect.value, 2) if effect else None,
        low_week=round(effect.low, 2) if effect else None,
        high_week=round(effect.high, 2) if effect else None,
        verdict=result.verdict if result else None,
    )
