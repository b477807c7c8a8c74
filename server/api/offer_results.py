"""Which offers pay: each with what it brought and what it cost, as the newest round of advice worked it out."""

from datetime import date, datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from server.api.period import Site, local
from server.api.tabular import AsTable, table_response
from server.db.money import currency
from server.domain.advice import Evidence
from server.domain.intervals import Estimate
from server.domain.offer_results import Method, OfferResult
from server.offer_report import ReportedOffer, offer_report
from server.session import Db, Running

router = APIRouter(prefix="/sites/{site}/offers", tags=["loyalty"])


class OfferRow(BaseModel):
    """One offer; amounts a week while it held, in the store's currency, null where they are not known."""

    offer: str
    name: str
    kind: str
    categories: str = Field(description="ids with commas; empty: all")
    start: date
    end: date
    verdict: str = Field(
        description="pays; loses: drop it; others: give it to those only who do not buy at the full price; "
        "unclear: no difference from nothing; waits: too few days"
    )
    method: Method | None = Field(description="groups: an experiment; days: an interrupted time series")
    evidence: Evidence | None
    net_week: float | None = Field(description="incremental margin less cost")
    net_low: float | None
    net_high: float | None
    brought_week: float | None = Field(description="incremental margin before discounts and cost")
    brought_low: float | None
    brought_high: float | None
    discount_week: float | None = Field(description="taken off prices")
    cost_week: float | None = Field(description="besides the discount: print, points, fees")
    roi: float | None = Field(description="(brought_week - discount_week - cost_week) / (discount_week + cost_week)")
    roi_low: float | None
    roi_high: float | None
    sold_anyway: float | None = Field(description="share of its sales that would have been at the full price")
    saves_week: float | None = Field(description="what following the verdict brings")
    needs_days: int | None = Field(description="about so many more days until something can be said")
    failed: str = Field(description="checks of the model that did not hold, with commas")
    confounders: str = Field(description="what could fool it, with commas")
    advice: str | None = Field(description="key of the advice about it")
    test: int | None = Field(description="number of the newest test of that advice")


class OffersBody(BaseModel):
    """The newest round."""

    site: str
    simulated: bool
    currency: str | None
    worked_out: datetime | None = Field(description="null before the first round")
    offers: list[OfferRow] = Field(description="what brings most first; not judged yet last")


@router.get("/results", summary="Which offers pay", response_model=OffersBody)
def results(site: Site, db: Db, service: Running, as_table: AsTable) -> OffersBody | Response:
    """All offers of about the last year, ranked by their incremental margin less what they cost."""
    found = offer_report(db, site.site, today=local(service.clock(), site).date())
    rows = [_row(each) for each in found.offers]
    if as_table:
        return table_response(rows, list(OfferRow.model_fields), name=f"offers-{site.site}", kind=as_table)
    return OffersBody(
        site=site.site,
        simulated=site.simulated,
        currency=currency(db, site.site),
        worked_out=None if found.worked_out is None else local(found.worked_out, site),
        offers=rows,
    )


def _row(of: ReportedOffer) -> OfferRow:
    offer = of.offer
    result = of.result or OfferResult(offer.offer, "waits")
    return OfferRow(
        offer=offer.offer,
        name=offer.name,
        kind=offer.kind,
        categories=",".join(offer.categories),
        start=offer.start,
        end=offer.end,
        verdict=result.verdict,
        method=result.method,
        evidence=result.evidence,
        **_estimate("net", result.net, "net_week"),
        **_estimate("brought", result.brought, "brought_week"),
        discount_week=result.discount,
        cost_week=result.cost,
        **_estimate("roi", result.roi, "roi"),
        sold_anyway=result.sold_anyway.value if result.sold_anyway else None,
        saves_week=result.saves.value if result.saves else None,
        needs_days=result.needs_days,
        failed=",".join(name for name, held in result.checks.items() if not held),
        confounders=",".join(result.confounders),
        advice=of.advice.key if of.advice else None,
        test=of.advice.change.id if of.advice and of.advice.change else None,
    )


def _estimate(name: str, of: Estimate | None, middle: str) -> dict[str, float | None]:
    low, value, high = (of.low, of.value, of.high) if of else (None, None, None)
    return {middle: value, f"{name}_low": low, f"{name}_high": high}
