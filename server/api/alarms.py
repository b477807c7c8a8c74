"""What needs a person now, and what did."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field
from starlette.responses import Response

from server.api.period import Asked, PeriodBody, Site, local, period_body
from server.api.problems import Problem
from server.api.tabular import AsTable, table_response
from server.auth import User
from server.db import alarms as records
from server.db.alarms import AlarmRecord
from server.db.sites import SiteRecord
from server.session import Db, Running, require
from server.watchman import told

router = APIRouter(prefix="/sites/{site}/alarms", tags=["alarms"])


class AlarmBody(BaseModel):
    """One alarm."""

    id: int
    kind: str
    subject: str | None = Field(description="zone or camera; null: the store")
    raised: datetime
    cleared: datetime | None = Field(description="null while it is open")
    value: float | None = Field(description="the worst seen: people, seconds of wait, or people who came in")
    limit: float | None = Field(description="what it is beyond, in the same unit")
    text: str = Field(description="the same in a sentence")
    seen_by: str | None
    seen: datetime | None


class AlarmsBody(BaseModel):
    """The alarms of a period."""

    site: str
    period: PeriodBody
    simulated: bool
    alarms: list[AlarmBody] = Field(description="open at some time within the period, newest first")


COLUMNS = ("id", "kind", "subject", "raised", "cleared", "value", "limit", "text", "seen_by", "seen")


@router.get("", summary="Alarms, newest first", response_model=AlarmsBody)
def alarms(site: Site, period: Asked, db: Db, as_table: AsTable) -> AlarmsBody | Response:
    """Alarms that were open at some time within the period."""
    found = records.alarms(db, site=site.site, start=period.start, end=period.end)
    bodies = [_body(record, site) for record in found]
    if as_table:
        return table_response(bodies, COLUMNS, name=f"alarms-{site.site}", kind=as_table)
    return AlarmsBody(site=site.site, period=period_body(period, site), simulated=site.simulated, alarms=bodies)


@router.post("/{alarm}/seen", status_code=204, summary="Say that somebody looks after it")
def seen(
    site: Site,
    alarm: Annotated[int, Path(ge=1)],
    service: Running,
    user: Annotated[User, Depends(require("merchandiser"))],
) -> None:
    """Note who has seen the alarm; it is cleared when what raised it is over."""
    with service.engine.begin() as conn:
        if not records.acknowledge(conn, site=site.site, id_=alarm, by=user.name, at=service.clock()):
            raise Problem(404, "Not found", f"There is no alarm {alarm} at {site.site!r}.")


def _body(record: AlarmRecord, site: SiteRecord) -> AlarmBody:
    alarm = record.alarm
    return AlarmBody(
        id=record.id,
        kind=alarm.key.kind,
        subject=alarm.key.subject or None,
        raised=local(alarm.raised, site),
        cleared=None if alarm.cleared is None else local(alarm.cleared, site),
        value=alarm.value,
        limit=alarm.limit,
        text=told(site.document, alarm.key, alarm.value, alarm.limit),
        seen_by=record.seen_by,
        seen=None if record.seen is None else local(record.seen, site),
    )
