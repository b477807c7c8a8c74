"""What a person should know of."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from server.api.period import Asked, PeriodBody, Site, local, period_body
from server.api.tabular import AsTable, table_response
from server.db import events as records
from server.session import Db

router = APIRouter(prefix="/sites/{site}/events", tags=["health"])


class EventBody(BaseModel):
    """One event."""

    t: datetime
    level: str = Field(description="info, warning or error")
    kind: str = Field(description="as the box named it, or `refused_…` for messages the server did not take")
    box: str | None
    camera: str | None
    text: str


class EventsBody(BaseModel):
    """Events of a period."""

    site: str
    period: PeriodBody
    n: int = Field(description="events given")
    events: list[EventBody]


@router.get("", summary="Events, newest first", response_model=EventsBody)
def events(
    site: Site,
    period: Asked,
    db: Db,
    as_table: AsTable,
    limit: Annotated[int, Query(ge=1, le=1000, description="at most so many")] = 200,
) -> EventsBody | Response:
    """What happened to boxes and cameras, and which messages were refused."""
    found = records.events(db, site=site.site, start=period.start, end=period.end, limit=limit)
    bodies = [
        EventBody(t=local(e.t, site), level=e.level, kind=e.kind, box=e.box, camera=e.camera, text=e.text)
        for e in found
    ]
    if as_table:
        return table_response(
            bodies, ["t", "level", "kind", "box", "camera", "text"], name=f"events-{site.site}", kind=as_table
        )
    return EventsBody(site=site.site, period=period_body(period, site), n=len(bodies), events=bodies)
