"""Which creatives were chosen, and with what chance: the log that other choices are judged from."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from server.db.screen_tables import decisions
from server.db.spans import to_ms


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision that put a creative on."""

    screen: str
    t: float
    """Seconds UTC."""
    creative: str
    propensity: float
    """Chance of this creative of this campaign in that context."""
    alone: bool
    """No other campaign could have had the turn: then it is the chance among the campaign's creatives."""


def choices(conn: Connection, *, site: str, campaign: str, start: float, end: float, limit: int) -> list[Choice]:
    """The newest `limit` decisions for a campaign within [start, end) seconds UTC that were not held back."""
    c = decisions.c
    mine = (c.site == site, c.campaign == campaign, c.t_ms >= to_ms(start), c.t_ms < to_ms(end))
    query = select(c.screen, c.t_ms, c.creative, c.propensity, c.reason).where(*mine, c.creative.is_not(None))
    rows = conn.execute(query.order_by(c.t_ms.desc()).limit(limit))
    return [
        Choice(row.screen, row.t_ms / 1000, row.creative, row.propensity, row.reason.get("of") == 1) for row in rows
    ]
