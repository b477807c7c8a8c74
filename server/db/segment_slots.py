"""How many of a segment passed in each ten-minute slot: cells were waited for, so each is spread over its span."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Connection, select

from server.db.screen_tables import audience
from server.db.spans import to_ms
from server.domain.holdout import SLOT_S


@dataclass(slots=True)
class Passed:
    """Expected visits to a zone in one slot: of the segment, and of all."""

    n: float = 0.0
    of: float = 0.0


def segment_slots(
    conn: Connection, *, site: str, zone: str, digest: str, start: float, end: float
) -> dict[int, Passed]:
    """By slot (`holdout.slot_of`), of cells that touch [start, end) seconds UTC; slots without a cell are left out."""
    c, slot_ms = audience.c, round(SLOT_S * 1000)
    mine = (c.site == site, c.zone == zone, c.digest == digest)
    within = (c.t_end_ms > to_ms(start), c.t_start_ms < to_ms(end))
    found: defaultdict[int, Passed] = defaultdict(Passed)
    for first, last, n, of in conn.execute(select(c.t_start_ms, c.t_end_ms, c.n, c.of).where(*mine, *within)):
        for slot in range(first // slot_ms, -(-last // slot_ms)):
            share = (min(last, (slot + 1) * slot_ms) - max(first, slot * slot_ms)) / max(last - first, 1)
            found[slot].n += n * share
            found[slot].of += of * share
    return dict(found)
