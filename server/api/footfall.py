"""Footfall: who came in and who went out, by step and by line."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from contract.ids import Id
from server.api.period import Asked, AskedHours, PeriodBody, Site, local, period_body
from server.api.problems import Problem
from server.api.tabular import AsTable, table_response
from server.db.footfall import StepCount, entries_by_step, line_totals
from server.db.local_time import Step as LocalStep
from server.db.sites import SiteRecord, entrance_lines
from server.domain.intervals import count_interval
from server.session import Db

router = APIRouter(prefix="/sites/{site}/footfall", tags=["footfall"])


class HourBody(BaseModel):
    """One hour."""

    hour_start: datetime = Field(description="in the site's time zone")
    entered: int = Field(description="people who crossed in")
    left: int = Field(description="people who crossed out")
    observed_s: float = Field(description="seconds the lines were watched; below 3600 some were missed")


class StepBody(BaseModel):
    """One day, week or month."""

    start: datetime = Field(description="its first instant, in the site's time zone; may lie before the period")
    entered: int = Field(description="people who crossed in, within the period")
    left: int = Field(description="people who crossed out")
    observed_s: float = Field(description="seconds the lines were watched")


class LineBody(BaseModel):
    """One line."""

    line: str
    entered: int
    left: int
    observed_s: float = Field(description="seconds the line was watched")


class FootfallBody(BaseModel):
    """Footfall of a period."""

    site: str
    period: PeriodBody
    simulated: bool
    entered: int = Field(description="people who crossed in, all lines")
    left: int
    entered_interval: tuple[float, float] = Field(description="95 % interval of `entered` as a Poisson count")
    n: int = Field(description="crossings counted, both ways")
    observed_s: float = Field(description="seconds watched, added up over the hours")
    lines: list[LineBody]
    step: LocalStep
    hours: list[HourBody] = Field(description="with `step=hour`: hours with data; one that is missing was not watched")
    steps: list[StepBody] = Field(description="with `step=day`, `week` or `month`: those with data")


Lines = Annotated[
    list[Id] | None, Query(description="line ids; default: the lines marked as entrances, or all when none is marked")
]


Step = Annotated[LocalStep, Query(description="`hour`, or `day`, `week` (from Monday), `month`: the site's own")]


@router.get("", summary="Footfall by hour, day, week or month", response_model=FootfallBody)
def footfall(
    *,
    site: Site,
    period: Asked,
    hours: AskedHours,
    db: Db,
    as_table: AsTable,
    line: Lines = None,
    step: Step = "hour",
) -> FootfallBody | Response:
    """Crossings of the entrance lines over the period, in all, by line and by step."""
    start, end, lines = period.start, period.end, _known(line, site)
    counts = entries_by_step(db, site=site.site, lines=lines, start=start, end=end, step=step, hours=hours)
    bodies = [_body(count, step, site) for count in counts]
    if as_table:
        first = "hour_start" if step == "hour" else "start"
        columns = [first, "entered", "left", "observed_s"]
        return table_response(bodies, columns, name=f"footfall-{site.site}", kind=as_table)
    entered, left = sum(count.entered for count in counts), sum(count.left for count in counts)
    totals = line_totals(db, site=site.site, lines=lines, start=start, end=end, hours=hours)
    return FootfallBody(
        site=site.site,
        period=period_body(period, site, hours),
        simulated=site.simulated,
        entered=entered,
        left=left,
        entered_interval=count_interval(entered),
        n=entered + left,
        observed_s=sum(count.observed_s for count in counts),
        lines=[
            LineBody(line=key, entered=t.entered, left=t.left, observed_s=t.observed_s) for key, t in totals.items()
        ],
        step=step,
        hours=[body for body in bodies if isinstance(body, HourBody)],
        steps=[body for body in bodies if isinstance(body, StepBody)],
    )


def _body(count: StepCount, step: LocalStep, site: SiteRecord) -> HourBody | StepBody:
    start = local(count.start, site)
    if step == "hour":
        return HourBody(hour_start=start, entered=count.entered, left=count.left, observed_s=count.observed_s)
    return StepBody(start=start, entered=count.entered, left=count.left, observed_s=count.observed_s)


def _known(asked: list[str] | None, site: SiteRecord) -> list[str]:
    for line in asked or []:
        if line not in site.document.lines:
            known = ", ".join(site.document.lines) or "none"
            raise Problem(422, "Wrong parameter", f"query.line: {site.site} has no line {line!r}; it has {known}")
    return asked or entrance_lines(site.document)
