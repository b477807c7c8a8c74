"""Why each screen showed what it did: the log of decisions, to be read and to be decided again."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from contract.ids import Id
from contract.screens import Arm, Token
from server.api.period import Asked, PeriodBody, Site, local, period_body
from server.api.problems import Problem
from server.api.tabular import AsTable, table_response
from server.db import decisions as records
from server.db.decisions import DecisionRecord
from server.db.sites import SiteRecord
from server.domain.reasons import sentence
from server.replay import read_reason
from server.session import Db

router = APIRouter(prefix="/sites/{site}/decisions", tags=["screens"])

MOST_ROWS = 100_000


class DecisionBody(BaseModel):
    """One decision for one screen."""

    decision: str
    t: datetime = Field(description="when it was to be on")
    screen: str
    campaign: str | None = Field(description="whose turn it was, also where the default was put in its place")
    creative: str | None = Field(description="null: the default")
    arm: Arm | None = Field(description="of the campaign's test in that slot")
    propensity: float = Field(description="chance of this creative in this context")
    reason: str = Field(description="in a sentence")


class DecisionsBody(BaseModel):
    """Decisions of a period."""

    site: str
    period: PeriodBody
    decisions: list[DecisionBody] = Field(description="newest first, at most `limit`")


class CaseBody(DecisionBody):
    """One decision with all that it was made from."""

    context: dict[str, Any] = Field(description="who was there, in bands, what was due and what was learned, as logged")


COLUMNS = tuple(DecisionBody.model_fields)


@router.get("", summary="Decisions, newest first", response_model=DecisionsBody)
def decisions(
    *,
    site: Site,
    period: Asked,
    db: Db,
    as_table: AsTable,
    screen: Annotated[Id | None, Query(description="only for this screen")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="at most so many")] = 1000,
) -> DecisionsBody | Response:
    """What was decided, with its propensity and its reason; kept for `retention.decisions_days`."""
    found = records.list_decisions(db, site.site, start=period.start, end=period.end, screen=screen, limit=limit)
    bodies = [DecisionBody(**_told(record, site)) for record in found]
    if as_table:
        return table_response(bodies, COLUMNS, name=f"decisions-{site.site}", kind=as_table)
    return DecisionsBody(site=site.site, period=period_body(period, site), decisions=bodies)


@router.get("/{decision}", summary="One decision, with what it was made from")
def one_decision(site: Site, decision: Annotated[Token, Path(description="as plays name it")], db: Db) -> CaseBody:
    """Enough to decide again and to come to the same."""
    record = records.get_decision(db, site.site, decision)
    if record is None:
        raise Problem(404, "Not found", f"There is no decision {decision!r} in the log; it may be past its retention.")
    return CaseBody(**_told(record, site), context=record.context)


def _told(record: DecisionRecord, site: SiteRecord) -> dict[str, Any]:
    return {
        "decision": record.decision,
        "t": local(record.t, site),
        "screen": record.screen,
        "campaign": record.campaign,
        "creative": record.creative,
        "arm": record.arm,
        "propensity": record.propensity,
        "reason": sentence(read_reason(record.reason)),
    }
