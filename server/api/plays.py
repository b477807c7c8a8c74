"""Proof of play."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from contract.ids import Id
from server.api.period import Asked, PeriodBody, Site, local, period_body
from server.api.problems import Problem
from server.api.tabular import AsTable, table_response
from server.db import play_log
from server.db.play_log import PlayFilter, PlayRecord, PlayTotals
from server.db.sites import SiteRecord
from server.session import Db

router = APIRouter(prefix="/sites/{site}/plays", tags=["screens"])

MOST_ROWS = 200_000
"""Of a table."""


class PlayBody(BaseModel):
    """One play, as its player told it."""

    play: str = Field(description="drawn by the player, unique for ever")
    started_at: datetime = Field(description="local time, by the player's clock corrected by the server's")
    seconds: float = Field(description="how long it was on")
    screen: str
    player: str
    campaign: str | None = Field(description="null: the default")
    campaign_name: str = Field(description="as it was called then")
    creative: str | None
    creative_name: str
    outcome: str = Field(description="whole; cut: another took its place; failed: not painted")
    cached: bool = Field(description="played while the server was out of reach")
    decision: str | None = Field(description="null: in turn from the player's own store")
    trouble: str | None
    received_at: datetime = Field(description="when the server had it, local time")


class PlayTotalsBody(BaseModel):
    """Plays added up: `told` is whole, cut and failed together."""

    told: int
    whole: int
    cut: int
    failed: int
    cached: int = Field(description="of those told, played while the server was out of reach")
    seconds: float


class PlayDayBody(PlayTotalsBody):
    """One of the site's days."""

    day: date


class PlaysBody(BaseModel):
    """Plays of a period."""

    site: str
    period: PeriodBody
    totals: PlayTotalsBody = Field(description="of the whole period, however many plays are listed")
    days: list[PlayDayBody]
    plays: list[PlayBody] = Field(description="newest first, at most `limit`")


COLUMNS = tuple(PlayBody.model_fields)


@router.get("", summary="Proof of play", response_model=PlaysBody)
def plays(
    *,
    site: Site,
    period: Asked,
    db: Db,
    as_table: AsTable,
    campaign: Annotated[Id | None, Query(description="only this campaign's")] = None,
    screen: Annotated[Id | None, Query(description="only on this screen")] = None,
    creative: Annotated[Id | None, Query(description="only of this creative")] = None,
    limit: Annotated[int, Query(ge=1, le=10_000, description="list at most so many; tables hold all")] = 1000,
) -> PlaysBody | Response:
    """What players showed, when and for how long; tables hold every play of the period."""
    of = PlayFilter(site.site, period.start, period.end, campaign, screen, creative)
    totals = play_log.play_totals(db, of)
    if as_table:
        if totals.told > MOST_ROWS:
            raise Problem(422, "Too much", f"{totals.told} plays, a table holds {MOST_ROWS}; take a shorter period")
        rows = [_play(record, site) for record in play_log.play_log(db, of, limit=MOST_ROWS)]
        return table_response(rows, COLUMNS, name=f"plays-{site.site}", kind=as_table)
    return PlaysBody(
        site=site.site,
        period=period_body(period, site),
        totals=PlayTotalsBody(**_sums(totals)),
        days=[PlayDayBody(day=day, **_sums(of_day)) for day, of_day in play_log.totals_by_day(db, of).items()],
        plays=[_play(record, site) for record in play_log.play_log(db, of, limit=limit)],
    )


def _play(record: PlayRecord, site: SiteRecord) -> PlayBody:
    return PlayBody(
        play=record.play,
        started_at=local(record.started, site),
        seconds=record.seconds,
        screen=record.screen,
        player=record.player,
        campaign=record.campaign,
        campaign_name=record.campaign_name,
        creative=record.creative,
        creative_name=record.creative_name,
        outcome=record.outcome,
        cached=record.cached,
        decision=record.decision,
        trouble=record.trouble,
        received_at=local(record.received, site),
    )


def _sums(totals: PlayTotals) -> dict[str, float]:
    names = ("told", "whole", "cut", "failed", "cached", "seconds")
    return {name: getattr(totals, name) for name in names}
