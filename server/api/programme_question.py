"""Was it the programme, an offer, or something else? What changed from a day on, here and in the other stores."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from server import programme_question
from server.api.period import Site, local
from server.api.problems import Problem
from server.api.tabular import AsTable, table_response
from server.db.offers import get_offer
from server.domain.advice import Evidence
from server.domain.elsewhere import Elsewhere
from server.domain.programme_effect import ProgrammeEffect
from server.programme_question import Asked, Chain, Figure
from server.session import Db, Running

router = APIRouter(prefix="/sites/{site}/programme", tags=["loyalty"])

Since = Annotated[date | None, Query(description="a day of the last 26 weeks, by default four weeks ago")]
OfOffer = Annotated[
    str | None, Query(description="an offer: its goods from its first day on; takes the place of since")
]


class ChangeRow(BaseModel):
    """A figure since a day; changes as shares, 0.05 is 5 % more."""

    beside: Literal["no_card", "stores"] = Field(description="what it is held against")
    figure: str = Field(description="card_receipts, receipts, gross or margin, a day")
    here: float
    elsewhere: float = Field(description="without a card; or what the other stores' change would have made of it")
    beyond: float = Field(description="what is left")
    low: float
    high: float
    evidence: Evidence
    failed: str = Field(description="checks that did not hold, with commas")


class QuestionBody(BaseModel):
    """From `since` to `last`, both with."""

    site: str
    simulated: bool
    since: date
    last: date
    offer: str | None
    stores: list[str] = Field(description="that were compared with; empty where no other told its sales")
    changes: list[ChangeRow]


@router.get("/effect", summary="Was it the programme or something else", response_model=QuestionBody)
def effect(
    site: Site, db: Db, service: Running, as_table: AsTable, *, since: Since = None, offer: OfOffer = None
) -> QuestionBody | Response:
    """Receipts with a card beside those without; this store beside others, by a synthetic control."""
    today = local(service.clock(), site).date()
    of = programme_question.asked(db, site.site, since=since, offer=offer, today=today)
    _answerable(of, since=since, offer=offer, known=offer is None or get_offer(db, site.site, offer) is not None)
    cards = None if of.offer else programme_question.cards_beside(db, site.site, of)
    chain = programme_question.stores_beside(db, site, of)
    rows = [*_of_cards(cards), *_of_chain(chain)]
    if as_table:
        return table_response(rows, list(ChangeRow.model_fields), name=f"effect-{site.site}", kind=as_table)
    return QuestionBody(
        site=site.site,
        simulated=site.simulated,
        since=of.since,
        last=of.last,
        offer=of.offer.offer if of.offer else None,
        stores=list(chain.stores) if chain else [],
        changes=rows,
    )


def _answerable(of: Asked, *, since: date | None, offer: str | None, known: bool) -> None:
    """Refuses what was answered otherwise than it was asked."""
    if not known:
        raise Problem(404, "Not found", f"query.offer: there is no offer {offer!r}")
    if offer is not None and of.offer is None:
        raise Problem(422, "Wrong parameter", "query.offer: it began less than a week or more than 26 weeks ago")
    if offer is None and since is not None and of.since != since:
        raise Problem(422, "Wrong parameter", "query.since: take a day from 26 weeks to a week ago")


def _of_cards(of: ProgrammeEffect | None) -> list[ChangeRow]:
    if of is None:
        return []
    row = ChangeRow(
        beside="no_card",
        figure="card_receipts",
        here=of.with_card.value,
        elsewhere=of.without.value,
        beyond=of.difference.value,
        low=of.difference.low,
        high=of.difference.high,
        evidence="associated",
        failed="",
    )
    return [row]


def _of_chain(chain: Chain | None) -> list[ChangeRow]:
    return [_row(figure, each) for figure, each in chain.rows.items()] if chain else []


def _row(figure: Figure, of: Elsewhere) -> ChangeRow:
    return ChangeRow(
        beside="stores",
        figure=figure,
        here=of.here,
        elsewhere=of.elsewhere,
        beyond=of.beyond.value,
        low=of.beyond.low,
        high=of.beyond.high,
        evidence=of.evidence,
        failed=",".join(name for name, held in of.checks.items() if not held),
    )
