"""From the street to the till: the steps, by hour and by category."""

from math import isfinite, nan
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from server.api.asked_days import AskedDays, days_body
from server.api.period import PeriodBody, Site
from server.api.tabular import AsTable, table_response
from server.db.catalogue import names
from server.db.local_time import WEEKDAYS
from server.db.sites import SiteRecord
from server.domain.day_rates import Rate
from server.domain.funnel import CategoryFunnel, StoreFunnel
from server.domain.suppression import SMALLEST
from server.funnel_report import SegmentPlace, SegmentStep, funnel_report, hour_rates, segment_steps
from server.session import Db

router = APIRouter(prefix="/sites/{site}/funnel", tags=["funnel"])

Step = Literal["passed", "came_in", "bought"]


class RateBody(BaseModel):
    """One sum over another; an interval takes three days."""

    value: float | None = Field(description="null where nothing is known", examples=[0.708])
    low: float | None = Field(description="lower end of the 95 % interval over days")
    high: float | None
    days: int = Field(description="open days on which both are known")


class StepBody(BaseModel):
    """One step of the funnel; all steps are of the same days."""

    step: Step
    n: float
    share: float | None = Field(description="of the step before; over 1 where one of the two is counted wrongly")
    share_low: float | None = Field(description="lower end of its 95 % interval over days")
    share_high: float | None
    days: int


class LossBody(BaseModel):
    """Where most is lost."""

    category: str
    bought: RateBody = Field(description="receipts with the category over engaged visits")
    usual: float = Field(description="median over the categories")
    receipts: float = Field(description="so many more there would have been at the usual share")


class WeekdayBody(BaseModel):
    """One weekday."""

    weekday: str = Field(examples=["sat"])
    conversion: RateBody


class FunnelBody(BaseModel):
    """The funnel of the whole store."""

    site: str
    period: PeriodBody
    simulated: bool
    currency: str | None = Field(description="ISO 4217; null before any amount was told", examples=["EUR"])
    days: int = Field(description="open days on which everything told was measured")
    left_out: int = Field(description="open days on which it was not: watched too little, or no receipts came")
    steps: list[StepBody] = Field(description="those that are counted: who passes by needs a zone of kind `street`")
    capture: RateBody = Field(description="entrants over entrants and passers-by")
    conversion: RateBody = Field(description="receipts over entrants")
    basket: RateBody = Field(description="takings over receipts")
    per_entrant: RateBody = Field(description="takings over entrants")
    per_m2_day: RateBody = Field(description="takings of an open day over the square metres within the outer walls")
    weekdays: list[WeekdayBody] = Field(description="conversion, from Monday")
    loss: LossBody | None = Field(description="the category surely under the usual that misses most receipts")


class HourBody(BaseModel):
    """One hour of the clock, over the open days."""

    hour: int
    entrants: float = Field(description="on the days on which receipts are known, too")
    receipts: float
    conversion: float | None = Field(description="receipts of the hour over those who came in within it")
    conversion_low: float | None
    conversion_high: float | None
    days: int


class HoursBody(BaseModel):
    """Conversion by hour."""

    site: str
    period: PeriodBody
    simulated: bool
    hours: list[HourBody]


class CategoryBody(BaseModel):
    """One category where it stood; all of its figures are of the same days."""

    category: str
    name: str
    zone: str | None = Field(description="where it stood last; null: it stands nowhere")
    days: int
    visits: float | None
    engaged: float | None = Field(description="visits of at least the zone's `engaged_s`")
    receipts: float | None = Field(description="with the category; null without a till")
    gross: float | None
    engagement: float | None = Field(description="engaged visits over visits")
    engagement_low: float | None
    engagement_high: float | None
    bought: float | None = Field(description="receipts with the category over engaged visits")
    bought_low: float | None
    bought_high: float | None
    bought_of_visits: float | None = Field(description="over 1: visits are missed, or it is sold elsewhere, too")
    bought_of_visits_low: float | None
    bought_of_visits_high: float | None
    per_visit: float | None = Field(description="takings over visits")
    per_visit_low: float | None
    per_visit_high: float | None
    per_m2_day: float | None = Field(description="takings of an open day over the zone's square metres")
    per_m2_day_low: float | None
    per_m2_day_high: float | None


class CategoriesBody(BaseModel):
    """The funnel of each category."""

    site: str
    period: PeriodBody
    simulated: bool
    currency: str | None
    categories: list[CategoryBody]


class SegmentBody(BaseModel):
    """A segment's part of the visits at one step."""

    segment: str
    name: str
    step: SegmentPlace = Field(description="kind of the zones: entrance, category (goods stand there), queue (tills)")
    held: bool = Field(description=f"fewer than {SMALLEST} visits are the segment's, or others': not told")
    share: float | None = Field(description="of the visits to these zones")
    share_low: float | None = Field(description="lower end of the 95 % interval over days; null with fewer than three")
    share_high: float | None


class SegmentsBody(BaseModel):
    """Segments from the door to the till."""

    site: str
    period: PeriodBody
    simulated: bool
    segments: list[SegmentBody]


@router.get("", summary="From passers-by to receipts", response_model=FunnelBody)
def funnel(site: Site, asked: AskedDays, db: Db, as_table: AsTable) -> FunnelBody | Response:
    """The steps over the period's whole days, with conversion by weekday and the category where most is lost."""
    found = funnel_report(db, site.document, first=asked.first, last=asked.last)
    steps = _steps(found.store)
    if as_table:
        columns = list(StepBody.model_fields)
        return table_response(steps, columns, name=f"funnel-{site.site}", kind=as_table)
    store, loss = found.store, found.loss
    return FunnelBody(
        **_head(site, asked),
        currency=found.currency or None,
        days=store.days,
        left_out=store.left_out,
        steps=steps,
        capture=_rate(store.capture),
        conversion=_rate(store.conversion),
        basket=_rate(store.basket),
        per_entrant=_rate(store.per_entrant),
        per_m2_day=_rate(store.per_m2),
        weekdays=[
            WeekdayBody(weekday=day, conversion=_rate(rate)) for day, rate in zip(WEEKDAYS, found.weekdays, strict=True)
        ],
        loss=LossBody(category=loss.category, bought=_rate(loss.bought), usual=loss.usual, receipts=loss.receipts)
        if loss
        else None,
    )


@router.get("/hours", summary="Conversion by hour of the day", response_model=HoursBody)
def hours(site: Site, asked: AskedDays, db: Db, as_table: AsTable) -> HoursBody | Response:
    """Receipts of each hour over those who came in within it; who comes late in one hour buys in the next."""
    rates = hour_rates(db, site.document, funnel_report(db, site.document, first=asked.first, last=asked.last))
    rows = [
        HourBody(hour=hour, entrants=r.below, receipts=r.above, days=r.days, **_spread("conversion", r))
        for hour, r in enumerate(rates)
        if r.known
    ]
    if as_table:
        return table_response(rows, list(HourBody.model_fields), name=f"funnel-hours-{site.site}", kind=as_table)
    return HoursBody(**_head(site, asked), hours=rows)


@router.get("/categories", summary="Visits, engaged visits and receipts by category", response_model=CategoriesBody)
def categories(site: Site, asked: AskedDays, db: Db, as_table: AsTable) -> CategoriesBody | Response:
    """Each category held against the zone where it stood."""
    found, called = funnel_report(db, site.document, first=asked.first, last=asked.last), names(db, site.site)
    rows = [_category(category, called.get(category.category, category.category)) for category in found.categories]
    if as_table:
        columns = list(CategoryBody.model_fields)
        return table_response(rows, columns, name=f"funnel-categories-{site.site}", kind=as_table)
    return CategoriesBody(**_head(site, asked), currency=found.currency or None, categories=rows)


@router.get("/segments", summary="Segments from the door to the till", response_model=SegmentsBody)
def segments(site: Site, asked: AskedDays, db: Db, as_table: AsTable) -> SegmentsBody | Response:
    """Which part of the visits is a segment's at the entrance, where goods stand and at the tills."""
    found = segment_steps(db, site.document, first=asked.first, last=asked.last)
    rows = [_segment(step, site) for step in found]
    if as_table:
        return table_response(rows, list(SegmentBody.model_fields), name=f"funnel-segments-{site.site}", kind=as_table)
    return SegmentsBody(**_head(site, asked), segments=rows)


def _segment(found: SegmentStep, site: SiteRecord) -> SegmentBody:
    segment = site.document.segments[found.segment]
    share = found.share or Rate(nan, nan, nan, 0, 0, 0)
    return SegmentBody(
        segment=found.segment,
        name=segment.name or found.segment,
        step=found.step,
        held=found.share is None,
        **_spread("share", share),
    )


def _head(site: SiteRecord, asked: AskedDays) -> dict[str, Any]:
    return {"site": site.site, "period": days_body(asked, site), "simulated": site.simulated}


def _steps(store: StoreFunnel) -> list[StepBody]:
    of_all = Rate(nan, nan, nan, 0, 0, 0)
    steps: list[tuple[Step, float | None, Rate]] = [
        ("passed", store.passed, of_all),
        ("came_in", store.entrants, store.capture),
        ("bought", store.receipts, store.conversion),
    ]
    counted = [(step, n, rate) for step, n, rate in steps if n is not None]
    return [StepBody(step=step, n=n, days=store.days, **_spread("share", rate)) for step, n, rate in counted]


def _category(found: CategoryFunnel, name: str) -> CategoryBody:
    return CategoryBody(
        category=found.category,
        name=name,
        zone=found.zone,
        days=found.days,
        visits=found.visits,
        engaged=found.engaged,
        receipts=found.receipts,
        gross=found.gross,
        **_spread("engagement", found.engagement),
        **_spread("bought", found.bought),
        **_spread("bought_of_visits", found.bought_of_visits),
        **_spread("per_visit", found.per_visit),
        **_spread("per_m2_day", found.per_m2),
    )


def finite(value: float) -> float | None:
    """JSON has no nan: what is not known is null."""
    return value if isfinite(value) else None


def _spread(name: str, rate: Rate) -> dict[str, float | None]:
    return {name: finite(rate.value), f"{name}_low": finite(rate.low), f"{name}_high": finite(rate.high)}


def _rate(rate: Rate) -> RateBody:
    return RateBody(value=finite(rate.value), low=finite(rate.low), high=finite(rate.high), days=rate.days)
