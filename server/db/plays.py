"""Plays as they come in: each is stored once, under the names that its campaign and creative have then."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from contract.screens import Played
from server.db.screen_tables import campaigns, creatives, decisions, plays
from server.db.spans import to_ms


@dataclass(frozen=True, slots=True)
class Told:
    """A play as it is believed."""

    played: Played
    started: float
    """Seconds UTC by the server's clock."""
    trouble: str | None


def add_plays(conn: Connection, site: str, player: str, told: Sequence[Told], *, now: float) -> int:
    """Store them; returns how many were new."""
    names = _names(conn, site, told)
    rows = [_row(each, names) | {"site": site, "player": player, "received_ms": to_ms(now)} for each in told]
    if not rows:
        return 0
    insert = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    before = _stored(conn, [row["play"] for row in rows])
    conn.execute(insert(plays).on_conflict_do_nothing(index_elements=["play"]), rows)
    return len({row["play"] for row in rows}) - before


def decided(conn: Connection, site: str, ids: Collection[str]) -> dict[str, tuple[float, float]]:
    """When each of these decisions was to be on, and for how long: seconds UTC, and seconds."""
    c = decisions.c
    found = conn.execute(select(c.decision, c.t_ms, c.context).where(c.site == site, c.decision.in_(ids)))
    return {id_: (t_ms / 1000, float(context.get("seconds", 0.0))) for id_, t_ms, context in found}


def count_plays(conn: Connection, site: str, among: Collection[str]) -> dict[str, int]:
    """Plays of these campaigns, those that were not painted left out."""
    c = plays.c
    mine = (c.site == site, c.campaign.in_(among), c.outcome != "failed")
    rows = conn.execute(select(c.campaign, func.count()).where(*mine).group_by(c.campaign))
    return {campaign: int(n) for campaign, n in rows}


def outstanding(conn: Connection, site: str, *, since: float) -> dict[str, int]:
    """By campaign, decisions to show it since then, seconds UTC, of which no play has been heard yet."""
    d, p = decisions.c, plays.c
    heard = select(p.decision).where(p.site == site, p.started_ms >= to_ms(since - 60), p.decision.is_not(None))
    mine = (d.site == site, d.t_ms >= to_ms(since), d.campaign.is_not(None), d.creative.is_not(None))
    query = select(d.campaign, func.count()).where(*mine, d.decision.not_in(heard)).group_by(d.campaign)
    return {campaign: int(n) for campaign, n in conn.execute(query)}


def _stored(conn: Connection, ids: Sequence[str]) -> int:
    return int(conn.execute(select(func.count()).where(plays.c.play.in_(ids))).scalar_one())


def _names(conn: Connection, site: str, told: Sequence[Told]) -> dict[tuple[str, str], str]:
    of_campaigns = {each.played.campaign for each in told if each.played.campaign}
    of_creatives = {each.played.creative for each in told if each.played.creative}
    c, k = campaigns.c, creatives.c
    documents = conn.execute(select(c.campaign, c.document).where(c.site == site, c.campaign.in_(of_campaigns)))
    named = conn.execute(select(k.creative, k.name).where(k.site == site, k.creative.in_(of_creatives)))
    names = {("campaign", campaign): str(document.get("name", campaign)) for campaign, document in documents}
    return names | {("creative", creative): name for creative, name in named}


def _row(told: Told, names: dict[tuple[str, str], str]) -> dict[str, Any]:
    played = told.played
    return {
        "play": played.play,
        "screen": played.screen,
        "decision": played.decision,
        "campaign": played.campaign,
        "campaign_name": names.get(("campaign", played.campaign or ""), played.campaign or "")[:120],
        "creative": played.creative,
        "creative_name": names.get(("creative", played.creative or ""), played.creative or "")[:120],
        "started_ms": to_ms(told.started),
        "seconds": played.seconds,
        "outcome": played.outcome,
        "cached": played.cached,
        "trouble": told.trouble,
    }
