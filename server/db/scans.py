"""What visitors of landing pages did: counts by code and ten-minute slot, and nothing about anybody."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, func, insert, select, update

from server.db.screen_tables import scans
from server.db.spans import to_ms
from server.domain.holdout import SLOT_S
from server.landing_links import LandingLink

Deed = Literal["scan", "redeem", "join", "answer"]
MOST_PER_SLOT = 2000
"""Of one code in one slot: beyond it somebody plays with the address, and the count would tell nothing."""


@dataclass(frozen=True, slots=True)
class Deeds:
    """How often something was done."""

    campaign: str
    creative: str
    screen: str
    what: Deed
    answer: str
    n: int


def count(conn: Connection, link: LandingLink, landing: str, what: Deed, *, answer: str = "", now: float) -> None:
    """One more."""
    key = {
        "site": link.site,
        "landing": landing,
        "campaign": link.campaign,
        "creative": link.creative,
        "screen": link.screen,
        "slot_ms": to_ms(now // SLOT_S * SLOT_S),
        "what": what,
        "answer": answer,
    }
    mine = [scans.c[name] == value for name, value in key.items()]
    more = update(scans).where(*mine, scans.c.n < MOST_PER_SLOT).values(n=scans.c.n + 1)
    if conn.execute(more).rowcount:
        return
    if conn.execute(select(scans.c.id).where(*mine)).first() is None:
        conn.execute(insert(scans).values(**key, n=1))


def deeds(conn: Connection, *, site: str, start: float, end: float, landing: str | None = None) -> list[Deeds]:
    """What was done in the slots that begin in [start, end) seconds UTC, by code and deed."""
    c = scans.c
    within = [c.site == site, c.slot_ms >= to_ms(start), c.slot_ms < to_ms(end)]
    if landing is not None:
        within.append(c.landing == landing)
    keys = (c.campaign, c.creative, c.screen, c.what, c.answer)
    query = select(*keys, func.sum(c.n)).where(*within).group_by(*keys).order_by(*keys)
    return [Deeds(*row[:5], int(row[5])) for row in conn.execute(query)]
