"""What a campaign delivered, and what it brought."""

from datetime import datetime
from math import isfinite
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field
from starlette.responses import Response

from contract.ids import Id
from server.api.period import Period, PeriodBody, Site, local, period_body
from server.api.problems import Problem
from server.api.tabular import AsTable, table_response
from server.campaign_report import CampaignReport, campaign_report
from server.db.campaigns import CampaignRecord, get_campaign
from server.db.sites import SiteRecord
from server.delivery import Delivered, Row
from server.domain.holdout import ARMS
from server.domain.intervals import Estimate
from server.domain.uplift import Effect, SampleRatio
from server.session import Db, Running
from server.uplift_report import OutcomeReport, UpliftReport

router = APIRouter(prefix="/sites/{site}/campaigns/{campaign}", tags=["campaigns"])


def found_campaign(
    site: Site, db: Db, campaign: Annotated[Id, Path(description="the campaign's id")]
) -> CampaignRecord:
    """The campaign of the path.

    Raises:
        Problem: 404.
    """
    record = get_campaign(db, site.site, campaign)
    if record is None:
        raise Problem(404, "Not found", f"There is no campaign {campaign!r}; GET …/campaigns lists them.")
    return record


Campaign = Annotated[CampaignRecord, Depends(found_campaign)]


class EstimateBody(BaseModel):
    """A number with its 95 % interval."""

    value: float
    low: float
    high: float


class DeliveredBody(BaseModel):
    """What was delivered. `ots`, `impressions` and `attention_s` are null where no camera tells."""

    plays: int = Field(description="painted, whole or cut short")
    failed: int
    cached: int = Field(description="played while the server was out of reach")
    seconds: float
    ots: int | None = Field(description="opportunities to see: people in the screen's zone while it was on")
    impressions: int | None = Field(description="of them, people who turned towards the screen for a second or more")
    attention_s: float | None = Field(description="person-seconds turned towards the screen")
    scans: int
    redeemed: int


class RowBody(DeliveredBody):
    """One creative on one screen."""

    creative: str
    creative_name: str
    screen: str


class CostBody(BaseModel):
    """What was spent."""

    spent: float
    budget: float
    per_play: float
    per_thousand_impressions: float | None
    currency: str


class CouponsBody(BaseModel):
    """Receipts that named a code of its pages, as tills told."""

    receipts: int
    gross: float = Field(description="takings of their lines with the code, in the store's currency")
    discount: float


class EffectBody(BaseModel):
    """One arm against another."""

    arms: tuple[str, str]
    slots: tuple[int, int] = Field(description="of each arm, of those that could be compared")
    rates: tuple[float | None, float | None] = Field(description="of each arm, as counted")
    once: EstimateBody | None = Field(description="the difference, to be read once, at an end set beforehand")
    always: EstimateBody | None = Field(description="the difference, valid however often one looks")
    relative: EstimateBody | None = Field(description="the difference over the second arm's rate")


class OutcomeBody(BaseModel):
    """One outcome."""

    outcome: str = Field(description="attention, viewers, visits, stops, scans or redeemed")
    per: str = Field(description="of what rates and differences are: `100 passed`, `person passed` or `slot`")
    effects: list[EffectBody]
    same: bool | None = Field(description="last week's slots under this week's arms do not differ; null: cannot tell")


class RatioBody(BaseModel):
    """Whether slots came in the intended shares."""

    counts: dict[str, int] = Field(description="slots by arm")
    p: float = Field(description="chance of ever being so far off")
    broken: bool


class EffectsBody(BaseModel):
    """What it brought."""

    primary: str = Field(description="the outcome that the goal is judged by")
    verdict: str = Field(
        description="keep_running, stop_works, stop_no_effect, stop_harm or sample_ratio_broken; of the primary outcome"
    )
    worth: float | None = Field(description="the least difference worth having: a tenth of the rate without it")
    slots_measured: int
    slots_planned: int
    slots_more: int | None = Field(description="until an effect of `worth` would show 8 times in 10; null: not known")
    shown_at: datetime | None = Field(description="when that would be; null: not within the flights")
    outcomes: list[OutcomeBody]
    sample_ratio: RatioBody
    sample_ratio_unseen: RatioBody = Field(description="of slots that were not watched, or in which nobody passed")


class ReportBody(BaseModel):
    """The whole."""

    site: str
    campaign: str
    name: str
    status: str
    simulated: bool
    period: PeriodBody = Field(description="from the first flight until now, or the last flight's end")
    totals: DeliveredBody
    rows: list[RowBody]
    cost: CostBody | None
    coupons: CouponsBody | None = Field(description="null where it has no coupon, or no till told of one")
    effect: EffectsBody


ROW_COLUMNS = ("creative", "creative_name", "screen", *DeliveredBody.model_fields)


@router.get("/report", summary="What a campaign delivered and brought", response_model=ReportBody)
def report(site: Site, record: Campaign, db: Db, service: Running, as_table: AsTable) -> ReportBody | Response:
    """Plays, audience and cost by creative and screen, and the effect against the holdout; tables hold the rows."""
    found = campaign_report(db, site.document, record, now=service.clock(), findings=service.findings)
    rows = [_row(row, found) for row in found.rows]
    if as_table:
        return table_response(rows, ROW_COLUMNS, name=f"report-{record.id}", kind=as_table)
    return ReportBody(
        site=site.site,
        campaign=record.id,
        name=record.document.name,
        status=record.status,
        simulated=site.simulated,
        period=period_body(Period(found.start, found.end), site),
        totals=DeliveredBody(**_delivered(found.whole)),
        rows=rows,
        cost=_cost(found),
        coupons=_coupons(found),
        effect=_effects(found.effect, site),
    )


def _delivered(of: Delivered) -> dict[str, Any]:
    return {name: getattr(of, name) for name in DeliveredBody.model_fields}


def _row(row: Row, found: CampaignReport) -> RowBody:
    name = found.creatives.get(row.creative, row.creative)
    return RowBody(creative=row.creative, creative_name=name, screen=row.screen, **_delivered(row.delivered))


def _cost(found: CampaignReport) -> CostBody | None:
    if found.cost is None:
        return None
    budget = found.cost.budget
    return CostBody(
        spent=found.cost.spent,
        budget=budget.amount,
        per_play=budget.per_play,
        per_thousand_impressions=found.cost.per_thousand,
        currency=budget.currency,
    )


def _coupons(found: CampaignReport) -> CouponsBody | None:
    if (told := found.coupons) is None:
        return None
    return CouponsBody(receipts=told.receipts, gross=told.gross_c / 100, discount=told.discount_c / 100)


def _effects(found: UpliftReport, site: SiteRecord) -> EffectsBody:
    progress, per = found.progress, found.per(found.primary)
    return EffectsBody(
        primary=found.primary,
        verdict=found.verdict,
        worth=None if found.worth is None else found.worth * per,
        slots_measured=progress.measured,
        slots_planned=progress.planned,
        slots_more=progress.more,
        shown_at=None if progress.shown_at is None else local(progress.shown_at, site),
        outcomes=[_outcome(each, found) for each in found.outcomes],
        sample_ratio=_ratio(found.ratio),
        sample_ratio_unseen=_ratio(found.unseen),
    )


def _outcome(outcome: OutcomeReport, found: UpliftReport) -> OutcomeBody:
    per = found.per(outcome.outcome)
    unit = "slot" if not found.passing else "person passed" if per == 1 else "100 passed"
    effects = [_effect(each, per) for each in outcome.effects]
    return OutcomeBody(outcome=outcome.outcome, per=unit, effects=effects, same=outcome.same)


def _effect(effect: Effect, per: float) -> EffectBody:
    first, second = (rate * per if isfinite(rate) else None for rate in effect.rates)
    return EffectBody(
        arms=effect.arms,
        slots=effect.slots,
        rates=(first, second),
        once=estimate_body(effect.once, per),
        always=estimate_body(effect.always, per),
        relative=estimate_body(effect.relative),
    )


def estimate_body(found: Estimate | None, per: float = 1.0) -> EstimateBody | None:
    """The estimate times `per`."""
    return EstimateBody(value=found.value * per, low=found.low * per, high=found.high * per) if found else None


def _ratio(found: SampleRatio) -> RatioBody:
    return RatioBody(counts=dict(zip(ARMS, found.counts, strict=True)), p=found.p, broken=found.broken)
