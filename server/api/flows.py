"""From which zone to which people went."""

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from server.api.period import Asked, AskedHours, PeriodBody, Site, period_body
from server.api.tabular import AsTable, table_response
from server.db.flows import flows as flows_between
from server.session import Db

router = APIRouter(prefix="/sites/{site}/flows", tags=["flows"])


class FlowBody(BaseModel):
    """One way on."""

    source: str = Field(description="zone id; `ENTRY`: came in; `LOST`: a broken track went on here")
    target: str = Field(description="zone id; `EXIT`: went out; `LOST`: the track broke")
    n: int = Field(description="how often people went so, with no other zone between")


class FlowsBody(BaseModel):
    """Flows over a period."""

    site: str
    period: PeriodBody
    simulated: bool
    n: int = Field(description="ways counted, in all")
    flows: list[FlowBody]


@router.get("", summary="Ways from zone to zone", response_model=FlowsBody)
def flows(site: Site, period: Asked, hours: AskedHours, db: Db, as_table: AsTable) -> FlowsBody | Response:
    """How often people went from one zone straight to another, came in to it, went out from it, or were lost."""
    found = flows_between(db, site=site.site, start=period.start, end=period.end, hours=hours)
    bodies = [FlowBody(source=source, target=target, n=n) for (source, target), n in found.items()]
    if as_table:
        return table_response(bodies, ["source", "target", "n"], name=f"flows-{site.site}", kind=as_table)
    return FlowsBody(
        site=site.site,
        period=period_body(period, site, hours),
        simulated=site.simulated,
        n=sum(found.values()),
        flows=bodies,
    )
