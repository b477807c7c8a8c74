"""What the loyalty programme brings: ratios by period and segment, cohorts, whom it reaches, answers, and news."""

from datetime import date

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from server import programme_report as reports
from server.api.period import Site, local
from server.api.tabular import AsTable, table_response
from server.db.money import currency
from server.db.news import bulletin
from server.domain.intervals import Estimate, Share
from server.domain.likes import Reached
from server.domain.programme import Cohort
from server.programme_report import Period
from server.session import Db, Running

router = APIRouter(prefix="/sites/{site}", tags=["loyalty"])


class FiguresRow(BaseModel):
    """A period of a segment; amounts in the store's currency, shares 0 to 1, null where it is not known."""

    start: date
    end: date
    segment: str
    members: int
    active: int
    active_share: float | None
    basket: float | None = Field(description="takings of a receipt with a card (AOV)")
    basket_without: float | None
    frequency: float | None = Field(description="receipts of an active member in 30 days")
    retention: float | None = Field(description="of those active in the period before")
    churn: float | None
    redemption: float | None = Field(description="points redeemed, of those issued")
    rewards: float | None
    penetration: float | None = Field(description="receipts with a card, of all")
    takings: float | None = Field(description="takings with a card, of all")
    value: float | None = Field(description="margin of an active member in years to come (CLV)")
    cost: float


class ProgrammeBody(BaseModel):
    """The newest periods, and the segments of the newest of all."""

    site: str
    simulated: bool
    currency: str | None
    periods: list[FiguresRow] = Field(description="of all members, the newest last")
    segments: list[FiguresRow] = Field(description="of the newest period, all members first")


class CohortRow(BaseModel):
    """Those who joined in one month, some months later."""

    joined: str
    month: int = Field(description="months since; 0 is the month of joining")
    members: int
    active: float | None = Field(description="share who bought")
    low: float | None
    high: float | None
    margin: float | None = Field(description="of a member, added up until then")


class ReachRow(BaseModel):
    """A liking above the usual, and the screen that most of those who have it pass."""

    segment: str
    category: str
    weekdays: str = Field(description="0 is Monday")
    from_hour: int
    to_hour: int
    share: float
    low: float
    high: float
    usual: float
    receipts: int
    screen: str | None
    people_a_week: float | None


class AnswerRow(BaseModel):
    """How often an answer was given in the last quarter."""

    survey: str
    question: str
    name: str
    answer: str
    n: int


class NewsRow(BaseModel):
    """A trend or a break that nobody asked about."""

    subject: str
    of: str = Field(description="zone or category; empty: the store")
    kind: str
    day: date
    change: float = Field(description="share more, or less")
    low: float
    high: float
    weeks: int
    happened: str = Field(description="what began about then")


@router.get("/programme", summary="What the programme brings", response_model=ProgrammeBody)
def programme(site: Site, db: Db, as_table: AsTable) -> ProgrammeBody | Response:
    """By period, and by segment for the newest; tables hold both."""
    found = reports.periods(db, site.site)
    segments = reports.segments(db, site.site, found[-1]) if found else []
    rows, by_segment = [_figures(each) for each in found], [_figures(each) for each in segments]
    if as_table:
        others = [row for row in by_segment if row.segment != reports.EVERYONE]
        return table_response(
            rows + others, list(FiguresRow.model_fields), name=f"programme-{site.site}", kind=as_table
        )
    return ProgrammeBody(
        site=site.site,
        simulated=site.simulated,
        currency=currency(db, site.site),
        periods=rows,
        segments=by_segment,
    )


@router.get("/programme/cohorts", summary="Who stays, by month of joining", response_model=list[CohortRow])
def cohorts(site: Site, db: Db, as_table: AsTable) -> list[CohortRow] | Response:
    """The newest cohort first."""
    rows = [row for cohort in reports.known_cohorts(db, site.site) for row in _cohort(cohort)]
    if as_table:
        return table_response(rows, list(CohortRow.model_fields), name=f"cohorts-{site.site}", kind=as_table)
    return rows


@router.get("/programme/reach", summary="Which hours and screens reach who likes what", response_model=list[ReachRow])
def reach(site: Site, db: Db, service: Running, as_table: AsTable) -> list[ReachRow] | Response:
    """Those most above the usual first."""
    today = local(service.clock(), site).date()
    rows = [_reach(each) for each in reports.whom_we_reach(db, site.document, today=today)]
    if as_table:
        return table_response(rows, list(ReachRow.model_fields), name=f"reach-{site.site}", kind=as_table)
    return rows


@router.get("/surveys", summary="Answers to surveys, last quarter", response_model=list[AnswerRow])
def surveys(site: Site, db: Db, service: Running, as_table: AsTable) -> list[AnswerRow] | Response:
    """Counts of answers."""
    today = local(service.clock(), site).date()
    rows = [
        AnswerRow(survey=each.survey, question=each.question, name=each.name, answer=answer, n=n)
        for each in reports.answers(db, site.site, today=today)
        for answer, n in each.answers.items()
    ]
    if as_table:
        return table_response(rows, list(AnswerRow.model_fields), name=f"surveys-{site.site}", kind=as_table)
    return rows


@router.get("/news", summary="Trends and breaks that nobody asked about", response_model=list[NewsRow])
def news(site: Site, db: Db, as_table: AsTable) -> list[NewsRow] | Response:
    """The clearest first; looked for each night."""
    found = bulletin(db, site.site)
    rows = [
        NewsRow(
            subject=each.subject,
            of=each.of,
            kind=each.kind,
            day=each.day,
            **_estimate("change", each.change),
            weeks=each.weeks,
            happened="; ".join(f"{cause.cause} {cause.what} {cause.day}" for cause in each.happened),
        )
        for each in (found.news if found else ())
    ]
    if as_table:
        return table_response(rows, list(NewsRow.model_fields), name=f"news-{site.site}", kind=as_table)
    return rows


def _estimate(name: str, of: Estimate) -> dict[str, float]:
    return {name: of.value, "low": of.low, "high": of.high}


def _figures(of: Period) -> FiguresRow:
    known, sums = of.figures, of.sums
    plain = {name: getattr(known, name) for name in ("basket", "basket_without", "frequency", "redemption", "takings")}
    shares = {name: _value(getattr(known, name)) for name in ("retention", "churn", "rewards", "penetration")}
    return FiguresRow(
        start=of.start,
        end=of.end,
        segment=of.segment,
        members=sums.members,
        active=sums.active,
        active_share=_value(known.active),
        value=known.value,
        cost=sums.cost,
        **plain,
        **shares,
    )


def _value(share: Share | None) -> float | None:
    return share.value if share else None


def _cohort(of: Cohort) -> list[CohortRow]:
    return [
        CohortRow(
            joined=of.joined,
            month=month,
            members=of.members,
            active=kept.value if kept else None,
            low=kept.low if kept else None,
            high=kept.high if kept else None,
            margin=margin,
        )
        for month, (kept, margin) in enumerate(zip(of.kept, of.margin, strict=True))
    ]


def _reach(of: Reached) -> ReachRow:
    liking = of.liking
    return ReachRow(
        segment=liking.segment,
        category=liking.category,
        weekdays="".join(map(str, liking.weekdays)),
        from_hour=liking.hours[0],
        to_hour=liking.hours[1],
        share=of.share.value,
        low=of.share.low,
        high=of.share.high,
        usual=of.usual,
        receipts=liking.receipts,
        screen=of.screen,
        people_a_week=of.people,
    )
