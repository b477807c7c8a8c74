"""What was done on the landing pages behind creatives, for the choice among them to learn from."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from server.db.screen_tables import scans
from server.db.spans import to_ms


@dataclass(frozen=True, slots=True)
class Deeds:
    """Of one kind, in one ten-minute slot, by one screen's code."""

    campaign: str
    creative: str
    screen: str
    t: float
    """Seconds UTC, start of the slot."""
    what: str
    """scan, redeem, join or answer."""
    n: int


def deeds(conn: Connection, *, site: str, start: float) -> Iterator[Deeds]:
    """Since `start`, seconds UTC; what was a default's is left out."""
    c = scans.c
    query = select(c.campaign, c.creative, c.screen, c.slot_ms, c.what, c.n)
    for row in conn.execute(query.where(c.site == site, c.slot_ms >= to_ms(start), c.campaign != "")):
        yield Deeds(row.campaign, row.creative, row.screen, row.slot_ms / 1000, row.what, row.n)
