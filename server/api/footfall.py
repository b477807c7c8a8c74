"""Footfall: who came in and who went out, by hour and by line."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from contract.ids import Id
from server.api.period import Asked, PeriodBody, Site, local, period_body
from server.api.problems import Problem
from server.api.tabular import AsCsv, csv_response
from server.db.footfall import entries_by_hour, line_totals
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
    hours: list[HourBody] = Field(description="hours with data; an hour that is missing was not watched")


Lines = Annotated[
    list[Id] | None, Query(description="line ids; default: the lines marked as entrances, or all when none is marked")
]


@router.get("", summary="Footfall by hour", response_model=FootfallBody)
def footfall(site: Site, period: Asked, db: Db, as_csv: AsCsv, line: Lines = None) -> FootfallBody | Response:
    """Crossings of the entrance lines over the period, in all, by line and by hour."""
    lines = _known(line, site)
    hours = entries_by_hour(db, site=site.site, lines=lines, start=period.start, end=period.end)
    bodies = [
        HourBody(hour_start=local(h.hour_start, site), entered=h.entered, left=h.left, observed_s=h.observed_s)
        for h in hours
    ]
    if as_csv:
        return csv_response(bodies, ["hour_start", "entered", "left", "observed_s"], name=f"footfall-{site.site}")
    totals = line_totals(db, site=site.site, lines=lines, start=period.start, end=period.end)
    entered, left = sum(h.entered for h in hours), sum(h.left for h in hours)
    return FootfallBody(
        site=site.site,
        period=period_body(period, site),
        simulated=site.simulated,
        entered=entered,
        left=left,
        entered_interval=count_interval(entered),
        n=entered + left,
        observed_s=sum(h.observed_s for h in hours),
        lines=[
            LineBody(line=key, entered=t.entered, left=t.left, observed_s=t.observed_s) for key, t in totals.items()
        ],
        hours=bodies,
    )


def _known(asked: list[str] | None, site: SiteRecord) -> list[str]:
    for line in asked or []:
        if line not in site.document.lines:
            known = ", ".join(site.document.lines) or "none"
            raise Problem(422, "Wrong parameter", f"query.line: {site.site} has no line {line!r}; it has {known}")
    return asked or entrance_lines(site.document)
