"""Decisions: what was decided for each screen, why, and from what."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select
from sqlalchemy.dialects import postgresql, sqlite

from server.db.screen_tables import decisions as table
from server.db.spans import to_ms


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """One decision for one screen."""

    decision: str
    screen: str
    t: float
    """Seconds UTC at which it was to be on."""
    campaign: str | None
    """Whose turn it was, also where its arm put the default in its place."""
    creative: str | None
    """None: the default."""
    arm: str | None
    propensity: float
    reason: dict[str, Any]
    context: dict[str, Any]

    @property
    def seconds(self) -> float:
        """How long its turn was to last."""
        return float(self.context.get("seconds", 0.0))


def add_decisions(conn: Connection, site: str, made: Sequence[DecisionRecord]) -> None:
    """Log them; one that is logged already stays as it is."""
    names = ("decision", "screen", "campaign", "creative", "arm", "propensity", "reason", "context")
    rows = [{name: getattr(each, name) for name in names} | {"site": site, "t_ms": to_ms(each.t)} for each in made]
    if rows:
        insert = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
        conn.execute(insert(table).on_conflict_do_nothing(index_elements=["decision"]), rows)


def last_decisions(conn: Connection, site: str, *, since: float) -> dict[str, DecisionRecord]:
    """The newest decision for each screen that has one since then, seconds UTC."""
    c = table.c
    newest = (
        select(c.screen, func.max(c.t_ms).label("t_ms"))
        .where(c.site == site, c.t_ms >= to_ms(since))
        .group_by(c.screen)
        .subquery()
    )
    query = select(table).join(newest, (c.screen == newest.c.screen) & (c.t_ms == newest.c.t_ms)).where(c.site == site)
    return {record.screen: record for record in map(_record, conn.execute(query))}


def turns(conn: Connection, site: str, *, since: float) -> list[tuple[str, str, float]]:
    """Screen, campaign and instant of every campaign's turn since then, seconds UTC, in order of time."""
    c = table.c
    mine = (c.site == site, c.t_ms >= to_ms(since), c.campaign.is_not(None))
    rows = conn.execute(select(c.screen, c.campaign, c.t_ms).where(*mine).order_by(c.t_ms))
    return [(screen, campaign, t_ms / 1000) for screen, campaign, t_ms in rows]


def held_turns(conn: Connection, site: str, among: Collection[str]) -> dict[str, int]:
    """How often the arm of each of these campaigns put the default in its place, as far as the log goes back."""
    c = table.c
    mine = (c.site == site, c.campaign.in_(among), c.creative.is_(None))
    rows = conn.execute(select(c.campaign, func.count()).where(*mine).group_by(c.campaign))
    return {campaign: int(n) for campaign, n in rows}


def get_decision(conn: Connection, site: str, decision: str) -> DecisionRecord | None:
    """One decision; None where it is not, or not any more, in the log."""
    row = conn.execute(select(table).where(table.c.site == site, table.c.decision == decision)).first()
    return _record(row) if row else None


def list_decisions(
    conn: Connection, site: str, *, start: float, end: float, screen: str | None = None, limit: int = 1000
) -> list[DecisionRecord]:
    """Those of [start, end) seconds UTC, newest first."""
    c = table.c
    mine = [c.site == site, c.t_ms >= to_ms(start), c.t_ms < to_ms(end)]
    if screen is not None:
        mine.append(c.screen == screen)
    return [_record(row) for row in conn.execute(select(table).where(*mine).order_by(c.t_ms.desc()).limit(limit))]


def _record(row: Row[*tuple[Any, ...]]) -> DecisionRecord:
    known: dict[str, Any] = dict(row._mapping)
    del known["site"]
    return DecisionRecord(t=known.pop("t_ms") / 1000, **known)
