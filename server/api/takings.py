"""What moved the takings."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from server.api.asked_days import AskedDays, Days, days_body
from server.api.period import LONGEST, PeriodBody, Site
from server.api.problems import Problem
from server.api.tabular import AsTable, table_response
from server.db.money import currency
from server.db.store_days import store_days
from server.domain.takings import Factor, Part
from server.funnel_report import like_days_before, takings_report
from server.session import Db

router = APIRouter(prefix="/sites/{site}/takings", tags=["funnel"])


class PartBody(BaseModel):
    """One factor of the takings."""

    factor: Factor
    before: float = Field(description="its value in the earlier period, over the matched days")
    now: float
    effect: float = Field(description="what it contributed to the change, in the currency's unit")
    effect_low: float | None = Field(description="lower end of the 95 % interval over days; null with few days")
    effect_high: float | None


class TakingsBody(BaseModel):
    """What moved the takings: the parts' effects add up to the change's."""

    site: str
    period: PeriodBody
    against: PeriodBody
    simulated: bool
    currency: str | None
    pairs: int = Field(description="days held against a day of the same weekday")
    left_out: int = Field(description="open days without such a day, or not measured whole")
    change: PartBody | None = Field(description="null where there is no pair of days")
    parts: list[PartBody]
    main: Factor | None = Field(description="the part that clearly moved the takings most")


AgainstDay = Annotated[
    date | None, Query(description="of the store's calendar; default: the same weekdays, whole weeks before")
]


def asked_against(asked: AskedDays, against_first: AgainstDay = None, against_last: AgainstDay = None) -> Days:
    """What the days are held against.

    Raises:
        Problem: 422, one end is missing, or they are none or too many.
    """
    if against_first is None and against_last is None:
        return Days(*like_days_before(asked.first, asked.last))
    if against_first is None or against_last is None:
        raise Problem(422, "Wrong parameter", "query.against_first, query.against_last: give both days or neither")
    if not 0 <= (against_last - against_first).days < LONGEST.days:
        wanted = f"expected at most {LONGEST.days} days, got {against_first} to {against_last}"
        raise Problem(422, "Wrong parameter", f"query.against_last: {wanted}")
    return Days(against_first, against_last)


@router.get("", summary="What moved the takings", response_model=TakingsBody)
def takings(
    *, site: Site, asked: AskedDays, against: Annotated[Days, Depends(asked_against)], db: Db, as_table: AsTable
) -> TakingsBody | Response:
    """The change of the takings as the sum of what entrants, conversion, units and price contributed."""
    now = store_days(db, site.document, first=asked.first, last=asked.last)
    found = takings_report(db, site.document, now, first=against.first, last=against.last)
    change = [_part(found.change)] if found else []
    parts = [_part(part) for part in found.parts] if found else []
    if as_table:
        return table_response(change + parts, list(PartBody.model_fields), name=f"takings-{site.site}", kind=as_table)
    return TakingsBody(
        site=site.site,
        period=days_body(asked, site),
        against=days_body(against, site),
        simulated=site.simulated,
        currency=currency(db, site.site),
        pairs=found.pairs if found else 0,
        left_out=found.left_out if found else 0,
        change=change[0] if change else None,
        parts=parts,
        main=found.main.factor if found and found.main else None,
    )


def _part(part: Part) -> PartBody:
    interval = part.interval
    return PartBody(
        factor=part.factor,
        before=part.before,
        now=part.now,
        effect=part.effect,
        effect_low=interval.low if interval else None,
        effect_high=interval.high if interval else None,
    )
