"""How many are inside."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel, Field
from starlette.responses import Response

from server.api.period import Asked, AskedHours, PeriodBody, Site, local, period_body
from server.api.tabular import AsTable, table_response
from server.db.occupancy import Occupancy, occupancy
from server.db.occupancy import now as occupancy_now
from server.db.sites import SiteRecord
from server.session import Db, Running

router = APIRouter(prefix="/sites/{site}/occupancy", tags=["occupancy"])


STEPS_S = (60, 300, 900, 3600, 86_400)


def _known_step(step_s: int) -> int:
    if step_s not in STEPS_S:
        raise ValueError(f"expected one of {', '.join(map(str, STEPS_S))} seconds")
    return step_s


Step = Annotated[int, AfterValidator(_known_step)]


class NowBody(BaseModel):
    """Occupancy now."""

    site: str
    simulated: bool
    total: int | None = Field(description="people in view; null when no camera ever reported")
    zones: dict[str, int] = Field(description="people inside, by zone id")
    t: datetime | None = Field(description="when it was so, in the site's time zone")
    stale: bool = Field(description="no camera is up to date: these are the last figures known")


class StepBody(BaseModel):
    """Occupancy over one step."""

    t: datetime = Field(description="start of the step, in the site's time zone")
    mean: float | None = Field(description="mean number of people in view")
    highest: int = Field(description="at most so many were in view at once: the cameras' maxima added up")
    observed_s: float = Field(description="seconds of the step that were watched")


class SeriesBody(BaseModel):
    """Occupancy over a period."""

    site: str
    period: PeriodBody
    simulated: bool
    step_s: int = Field(description="length of a step in seconds")
    n: int = Field(description="steps with data")
    observed_s: float = Field(description="seconds watched in all")
    steps: list[StepBody]


def now_body(found: Occupancy, site: SiteRecord) -> NowBody:
    """What is inside now, as the API says it."""
    return NowBody(
        site=site.site,
        simulated=site.simulated,
        total=found.total,
        zones=found.zones,
        t=None if found.t is None else local(found.t, site),
        stale=found.stale,
    )


@router.get("/now", summary="People inside now")
def now(site: Site, db: Db, service: Running) -> NowBody:
    """The newest count of every camera that is up to date, added up."""
    return now_body(occupancy_now(db, site=site.site, at=service.clock()), site)


@router.get("", summary="People inside over time", response_model=SeriesBody)
def series(
    *,
    site: Site,
    period: Asked,
    hours: AskedHours,
    db: Db,
    as_table: AsTable,
    step_s: Annotated[
        Step | None,
        Query(description="60, 300, 900, 3600 or 86400 seconds; default: a minute up to a day, an hour beyond"),
    ] = None,
) -> SeriesBody | Response:
    """Mean and highest occupancy by step."""
    step = step_s or (60 if period.end - period.start <= 86_400 else 3600)
    steps = occupancy(db, site=site.site, start=period.start, end=period.end, step_s=step, hours=hours)
    bodies = [StepBody(t=local(s.t, site), mean=s.mean, highest=s.highest, observed_s=s.observed_s) for s in steps]
    if as_table:
        return table_response(
            bodies, ["t", "mean", "highest", "observed_s"], name=f"occupancy-{site.site}", kind=as_table
        )
    return SeriesBody(
        site=site.site,
        period=period_body(period, site, hours),
        simulated=site.simulated,
        step_s=step,
        n=len(bodies),
        observed_s=sum(s.observed_s for s in steps),
        steps=bodies,
    )
