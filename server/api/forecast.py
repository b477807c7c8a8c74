"""What is expected: the next 14 days, how past forecasts did, and the staff it takes."""

from datetime import datetime
from math import isnan
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from server.api.period import Site, local
from server.api.problems import Problem
from server.api.tabular import TableKind, accepted_table, table_response
from server.db import forecasts
from server.db.forecast_errors import JUDGED_DAYS, past_misses
from server.db.forecasts import ENTRANTS, Made
from server.db.sites import SiteRecord
from server.domain.staffing import Norms
from server.session import Db, Running
from server.staff_plan import calendar, queueing_share, staff_plan

router = APIRouter(prefix="/sites/{site}/forecast", tags=["forecast"])

QUEUEING = 0.8
"""Share of those who come in who queue, where no queue is counted."""


Unit = Literal["people", "people inside on average", "receipts"]


class CellBody(BaseModel):
    """One hour or one day."""

    start: datetime = Field(description="first instant, in the site's time zone")
    expected: float | None = Field(description="null where nothing was ever measured", examples=[84.2])
    low_80: float | None = Field(description="8 of 10 lie between `low_80` and `high_80`", examples=[66.0])
    high_80: float | None = Field(examples=[105.3])
    low_95: float | None = Field(examples=[55.1])
    high_95: float | None = Field(examples=[121.0])


class SeriesBody(BaseModel):
    """A series that is forecast."""

    series: str = Field(examples=["sales:coffee"])
    made: datetime


class ForecastBody(BaseModel):
    """One series, 14 days."""

    site: str
    simulated: bool
    series: str
    made: datetime = Field(description="when it was worked out")
    unit: Unit
    hours: list[CellBody]
    days: list[CellBody] = Field(description="whole days; of occupancy: person-hours")
    others: list[SeriesBody] = Field(description="every series of the site")


class MissBody(BaseModel):
    """How forecasts did of hours so far ahead."""

    from_days: int = Field(description="0: the day on which it was made")
    to_days: int
    n: int = Field(description="hours judged")
    days: int
    mean: float = Field(description="what came in an hour on average")
    mae: float = Field(description="mean absolute error of an hour")
    bias: float = Field(description="share told too much; negative: too little")
    mase: float = Field(description="error over that of the average of the last four same weekdays; below 1: better")
    covered_80: float = Field(description="share of hours within their 80 % interval")
    covered_95: float


class ErrorsBody(BaseModel):
    """Past forecasts against what came."""

    site: str
    simulated: bool
    series: str
    judged_days: int
    horizons: list[MissBody] = Field(description="empty until a day that was forecast has passed")


class StaffBody(BaseModel):
    """One hour."""

    start: datetime
    entrants: float
    entrants_high: float = Field(description="upper end of the 80 % interval")
    floor: int = Field(description="ceil(entrants / per_entrants)")
    tills: int = Field(description="ceil(entrants x queueing / per_queue)")
    floor_high: int = Field(description="the same of `entrants_high`")
    tills_high: int


class PlanBody(BaseModel):
    """Staff for 14 days."""

    site: str
    simulated: bool
    per_entrants: float
    per_queue: float
    queueing: float = Field(description="share of those who come in who queue at a till")
    queueing_measured: bool = Field(description="counted over the last 28 days; else 0.8 is assumed")
    formula: str
    hours: list[StaffBody]


FORMULA = "floor = ceil(entrants / per_entrants); tills = ceil(entrants * queueing / per_queue)"

Series = Annotated[
    str,
    Query(
        max_length=80,
        pattern=r"^(entrants|occupancy|sales:.+)$",
        description="`entrants`, `occupancy`, or `sales:` and a category: receipts with it",
    ),
]
Format = Annotated[
    Literal["json", "csv", "xlsx"] | None, Query(description="`csv` or `xlsx` for a table; or send `Accept: text/csv`")
]


def _kind(request: Request, asked: str | None) -> TableKind | None:
    if asked is None:
        return accepted_table(request)
    return "csv" if asked == "csv" else "xlsx" if asked == "xlsx" else None


@router.get("", summary="The next 14 days by hour and day", response_model=ForecastBody)
def forecast(
    *,
    request: Request,
    site: Site,
    db: Db,
    series: Series = ENTRANTS,
    step: Annotated[Literal["hour", "day"], Query(description="of the table")] = "hour",
    format: Format = None,  # noqa: A002 - the parameter's public name
) -> ForecastBody | Response:
    """The newest forecast of a series. It is made anew each night, and after figures were imported."""
    made = _made(db, site, series)
    hours, days = _cells(made.hour_ms, made.hours.tolist(), site), _cells(made.day_ms, made.days.tolist(), site)
    if kind := _kind(request, format):
        rows = hours if step == "hour" else days
        return table_response(rows, list(CellBody.model_fields), name=f"forecast-{site.site}", kind=kind)
    return ForecastBody(
        site=site.site,
        simulated=site.simulated,
        series=series,
        made=local(made.made, site),
        unit="people"
        if series == ENTRANTS
        else "receipts"
        if series.startswith("sales:")
        else "people inside on average",
        hours=hours,
        days=days,
        others=[SeriesBody(series=s, made=local(t, site)) for s, t in forecasts.series_of(db, site.site).items()],
    )


@router.get("/errors", summary="How past forecasts did", response_model=ErrorsBody)
def errors(
    *,
    request: Request,
    site: Site,
    db: Db,
    service: Running,
    series: Series = ENTRANTS,
    days: Annotated[int, Query(ge=1, le=366, description="judge the forecasts of so many days")] = JUDGED_DAYS,
    format: Format = None,  # noqa: A002 - the parameter's public name
) -> ErrorsBody | Response:
    """Forecasts of days that have passed against what came, by how far ahead they were made."""
    today = local(service.clock(), site).date()
    found = past_misses(db, site.document, series, today=today, days=days)
    rows = [
        MissBody(
            from_days=miss.first,
            to_days=miss.last,
            n=miss.n,
            days=miss.days,
            mean=miss.mean,
            mae=miss.mae,
            bias=miss.bias,
            mase=miss.mase,
            covered_80=miss.covered_80,
            covered_95=miss.covered_95,
        )
        for miss in found
    ]
    if kind := _kind(request, format):
        return table_response(rows, list(MissBody.model_fields), name=f"forecast-errors-{site.site}", kind=kind)
    return ErrorsBody(site=site.site, simulated=site.simulated, series=series, judged_days=days, horizons=rows)


@router.get("/staff", summary="The staff it takes", response_model=PlanBody)
def staff(
    *,
    request: Request,
    site: Site,
    db: Db,
    service: Running,
    per_entrants: Annotated[
        float, Query(gt=0, le=10_000, description="people coming in within an hour, for each person on the floor")
    ] = 60.0,
    per_queue: Annotated[float, Query(gt=0, le=10_000, description="people an hour that one till serves")] = 40.0,
    format: Annotated[  # noqa: A002 - the parameter's public name
        Literal["json", "csv", "xlsx", "ics"] | None, Query(description="a table, or `ics` for a calendar")
    ] = None,
) -> PlanBody | Response:
    """Hours of the newest forecast in which somebody is expected, and who it takes, rounded up."""
    made = _made(db, site, ENTRANTS)
    measured = queueing_share(db, site.document, now=service.clock())
    norms = Norms(per_entrants, per_queue, QUEUEING if measured is None else measured)
    plan = staff_plan(db, site.document, norms, timezone=ZoneInfo(site.timezone))
    if format == "ics":
        text = calendar(plan, site=site.site, name=site.name, made=local(made.made, site))
        headers = {"Content-Disposition": f'attachment; filename="staff-{site.site}.ics"'}
        return Response(text, media_type="text/calendar; charset=utf-8", headers=headers)
    rows = [
        StaffBody(
            start=hour.start,
            entrants=hour.expected,
            entrants_high=hour.high,
            floor=hour.usual.floor,
            tills=hour.usual.tills,
            floor_high=hour.busy.floor,
            tills_high=hour.busy.tills,
        )
        for hour in plan
    ]
    if kind := _kind(request, format):
        return table_response(rows, list(StaffBody.model_fields), name=f"staff-{site.site}", kind=kind)
    return PlanBody(
        site=site.site,
        simulated=site.simulated,
        per_entrants=per_entrants,
        per_queue=per_queue,
        queueing=norms.queueing,
        queueing_measured=measured is not None,
        formula=FORMULA,
        hours=rows,
    )


def _made(db: Db, site: SiteRecord, series: str) -> Made:
    made = forecasts.newest(db, site.site, series)
    if made is None:
        known = ", ".join(forecasts.series_of(db, site.site)) or "none yet"
        raise Problem(
            404,
            "Not found",
            f"There is no forecast of {series!r}; there is {known}. It takes 14 days of figures and a night.",
        )
    return made


def _cells(starts: tuple[int, ...], cells: list[list[float]], site: SiteRecord) -> list[CellBody]:
    names = list(CellBody.model_fields)[1:]
    return [
        CellBody(
            start=local(t_ms / 1000, site),
            **{name: None if isnan(value) else value for name, value in zip(names, row, strict=True)},
        )
        for t_ms, row in zip(starts, cells, strict=True)
    ]
