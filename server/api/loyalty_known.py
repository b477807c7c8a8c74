"""What is known of what till and loyalty programme told: no receipt, and nobody."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.responses import Response

from contract.loyalty import Subject, Told
from server.api.asked_days import AskedDays, days_body
from server.api.loyalty_in import AskedSubject
from server.api.period import PeriodBody, Site
from server.api.problems import Problem
from server.api.tabular import AsTable, TableKind, table_response
from server.db import affinities, catalogue, days_known, offers, planogram, programme, sales, surveys
from server.db.money import currency
from server.db.sales import DaySales
from server.db.sites import SiteRecord
from server.imports.entries import PARTS
from server.session import Db, require_link

router = APIRouter(prefix="/sites/{site}/loyalty/in", tags=["loyalty"], dependencies=[Depends(require_link("viewer"))])

_SOLD: frozenset[Subject] = frozenset({"receipts", "sales"})
_KNOWN: Mapping[str, Callable[[Connection, str], Sequence[Told]]] = {
    "categories": catalogue.categories,
    "articles": catalogue.articles,
    "placings": planogram.placings,
    "places": planogram.places,
    "offers": offers.list_offers,
    "affinities": affinities.list_affinities,
    "periods": programme.periods,
    "cohorts": programme.cohorts,
    "counts": surveys.counts,
    "weather": days_known.weather,
    "special": days_known.special,
}


class SoldBody(BaseModel):
    """What was sold on one day, of a category or by the whole store."""

    day: date
    category: str = Field(description="empty: the whole store")
    receipts: int
    card_receipts: int
    returns: int = Field(description="receipts by which something was brought back")
    quantity: float
    gross: float = Field(description="less what was brought back")
    margin: float = Field(description="of the lines that said their margin")
    margin_gross: float = Field(description="gross of the lines that said their margin")
    discount: float


class KnownBody(BaseModel):
    """What is known of a subject; of receipts and sales, sums by day."""

    site: str
    subject: Subject
    currency: str | None = Field(description="of the site; null while none was named")
    period: PeriodBody | None = Field(description="of receipts and sales; everything else is told whole")
    days: list[SoldBody] = Field(description="of receipts and sales")
    document: dict[str, Any] = Field(description="of everything else: its lists, in the shape in which they are sent")


class _Line(BaseModel):
    """An entry as a table takes it."""

    model_config = ConfigDict(extra="allow")


@router.get("/{subject}", summary="What is known of what was told", response_model=KnownBody)
def what_is_known(
    *,
    site: Site,
    subject: AskedSubject,
    db: Db,
    days: AskedDays,
    as_table: AsTable,
    part: Annotated[str | None, Query(description="which list a table is of; by default the first")] = None,
) -> KnownBody | Response:
    """Receipts and sales as sums by day of the period, by default of today; everything else whole."""
    if subject in _SOLD:
        sold = [_sold(each) for each in sales.by_day(db, site.site, days.first, days.last)]
        if as_table:
            return table_response(sold, tuple(SoldBody.model_fields), name=f"sold-{site.site}", kind=as_table)
        return _body(db, site, subject, period=days_body(days, site), days=sold)
    if as_table:
        return _table(db, site, _part(subject, part), as_table)
    lists = {each: [told.model_dump(mode="json") for told in _KNOWN[each](db, site.site)] for each in PARTS[subject]}
    return _body(db, site, subject, document=lists)


def _body(
    db: Connection, site: SiteRecord, subject: Subject, *, period: PeriodBody | None = None,
    days: list[SoldBody] | None = None, document: dict[str, Any] | None = None,
) -> KnownBody:  # fmt: skip
    return KnownBody(
        site=site.site,
        subject=subject,
        currency=currency(db, site.site),
        period=period,
        days=days or [],
        document=document or {},
    )


def _part(subject: Subject, asked: str | None) -> str:
    parts = PARTS[subject]
    if asked is not None and asked not in parts:
        raise Problem(422, "Wrong parameter", f"query.part: {subject} has {', '.join(parts)}")
    return asked or next(iter(parts))


def _table(db: Connection, site: SiteRecord, part: str, kind: TableKind) -> Response:
    told = _KNOWN[part](db, site.site)
    rows = [_Line(**{key: _cell(value) for key, value in each.model_dump().items()}) for each in told]
    columns = next(parts[part] for parts in PARTS.values() if part in parts).model_fields
    return table_response(rows, tuple(columns), name=f"{part}-{site.site}", kind=kind)


def _cell(value: object) -> object:
    match value:
        case Decimal():
            return float(value)
        case date():
            return value.isoformat()
        case list() | dict():
            return json.dumps(value, default=float, ensure_ascii=False)
    return value


def _sold(day: DaySales) -> SoldBody:
    sums = day.sums
    return SoldBody(
        day=day.day,
        category=day.category,
        receipts=sums.receipts,
        card_receipts=sums.card_receipts,
        returns=sums.returns,
        quantity=sums.quantity,
        gross=sums.gross_c / 100,
        margin=sums.margin_c / 100,
        margin_gross=sums.margin_gross_c / 100,
        discount=sums.discount_c / 100,
    )
