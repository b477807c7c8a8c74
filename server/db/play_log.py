"""Proof of play: what players say they showed, one row per play, and what that adds up to."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from server.db.local_time import QUARTER_MS, day_of
from server.db.screen_tables import plays
from server.db.spans import timezone_of, to_ms


@dataclass(frozen=True, slots=True)
class PlayFilter:
    """Which plays: begun within [start, end) seconds UTC; None takes all."""

    site: str
    start: float
    end: float
    campaign: str | None = None
    screen: str | None = None
    creative: str | None = None


@dataclass(frozen=True, slots=True)
class PlayRecord:
    """One play as its player told it."""

    play: str
    screen: str
    player: str
    decision: str | None
    campaign: str | None
    campaign_name: str
    """As it was called then."""
    creative: str | None
    creative_name: str
    started: float
    """Seconds UTC."""
    seconds: float
    outcome: str
    """whole, cut or failed."""
    cached: bool
    """The server was out of reach."""
    trouble: str | None
    received: float
    """Seconds UTC."""


@dataclass(frozen=True, slots=True)
class PlayTotals:
    """Plays added up. `whole`, `cut` and `failed` are together `told`."""

    whole: int = 0
    cut: int = 0
    failed: int = 0
    cached: int = 0
    seconds: float = 0.0

    @property
    def told(self) -> int:
        """All that players told of."""
        return self.whole + self.cut + self.failed

    @property
    def shown(self) -> int:
        """Plays that were painted."""
        return self.whole + self.cut

    def __add__(self, other: "PlayTotals") -> "PlayTotals":
        """Both together."""
        return PlayTotals(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


def play_log(conn: Connection, of: PlayFilter, *, limit: int) -> list[PlayRecord]:
    """The newest `limit` plays, newest first."""
    query = select(plays).where(_within(of)).order_by(plays.c.started_ms.desc(), plays.c.play).limit(limit)
    return [
        PlayRecord(
            play=row.play,
            screen=row.screen,
            player=row.player,
            decision=row.decision,
            campaign=row.campaign,
            campaign_name=row.campaign_name,
            creative=row.creative,
            creative_name=row.creative_name,
            started=row.started_ms / 1000,
            seconds=row.seconds,
            outcome=row.outcome,
            cached=row.cached,
            trouble=row.trouble,
            received=row.received_ms / 1000,
        )
        for row in conn.execute(query)
    ]


def play_totals(conn: Connection, of: PlayFilter) -> PlayTotals:
    """All of them together."""
    return _totals(conn.execute(select(*_sums()).where(_within(of))).one())


def totals_by(conn: Connection, of: PlayFilter, *columns: str) -> dict[tuple[Any, ...], PlayTotals]:
    """By `columns` of the table, such as campaign and screen; what a default played has no campaign."""
    keys = [plays.c[name] for name in columns]
    rows = conn.execute(select(*keys, *_sums()).where(_within(of)).group_by(*keys).order_by(*keys))
    return {tuple(row[: len(keys)]): _totals(row[len(keys) :]) for row in rows}


def totals_by_day(conn: Connection, of: PlayFilter) -> dict[date, PlayTotals]:
    """By the site's days, on which the plays began; days without plays are left out."""
    quarter = (plays.c.started_ms // QUARTER_MS).label("quarter")
    rows = conn.execute(select(quarter, *_sums()).where(_within(of)).group_by(quarter).order_by(quarter))
    timezone, days = timezone_of(conn, of.site), defaultdict[date, PlayTotals](PlayTotals)
    for row in rows:
        days[day_of(row[0] * QUARTER_MS, timezone)] += _totals(row[1:])
    return dict(days)


def names_told(conn: Connection, of: PlayFilter) -> Mapping[str, str]:
    """What each campaign that played was called last."""
    c = plays.c
    query = select(c.campaign, c.campaign_name).where(_within(of), c.campaign.is_not(None))
    rows = conn.execute(query.group_by(c.campaign, c.campaign_name).order_by(func.max(c.started_ms)))
    return {campaign: name or campaign for campaign, name in rows}


def _sums() -> list[ColumnElement[Any]]:
    outcomes = (func.sum(case((plays.c.outcome == outcome, 1), else_=0)) for outcome in ("whole", "cut", "failed"))
    return [*outcomes, func.sum(case((plays.c.cached, 1), else_=0)), func.sum(plays.c.seconds)]


def _totals(row: Any) -> PlayTotals:  # noqa: ANN401 - a row's sums, which are None of nothing
    whole, cut, failed, cached = (int(n or 0) for n in row[:4])  # PostgreSQL adds up integers to Decimal
    return PlayTotals(whole, cut, failed, cached, float(row[4] or 0.0))


def _within(of: PlayFilter) -> ColumnElement[bool]:
    c = plays.c
    named = {c.campaign: of.campaign, c.screen: of.screen, c.creative: of.creative}
    chosen = [column == value for column, value in named.items() if value is not None]
    return and_(c.site == of.site, c.started_ms >= to_ms(of.start), c.started_ms < to_ms(of.end), *chosen)
