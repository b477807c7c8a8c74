"""Tips for the tills, and what was tapped."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from contract.tips import Tip
from server.db.advice_tables import tips as table
from server.db.spans import to_ms
from server.domain.tips import Taps

LEARNED_FROM_S = 90 * 86_400.0


@dataclass(frozen=True, slots=True)
class TipRecord:
    """One tip as it was given."""

    id: int
    bank: str
    start: float
    """Seconds UTC."""
    until: float
    tip: Tip
    taps: Taps


def add_tip(conn: Connection, tip: Tip, *, site: str, bank: str, start: float, until: float) -> int:
    """Give a tip to a bank over [start, until) seconds; its id."""
    row = {
        "site": site,
        "bank": bank,
        "from_ms": to_ms(start),
        "until_ms": to_ms(until),
        "given": tip.given,
        "then": tip.then,
        "document": tip.model_dump(mode="json"),
        "offered": 0,
        "accepted": 0,
    }
    return int(conn.execute(insert(table).values(row).returning(table.c.id)).scalar_one())


def tips_between(conn: Connection, *, site: str, start: float, end: float) -> list[TipRecord]:
    """Tips that held at some time of [start, end) seconds, in the order they were given."""
    c = table.c
    rows = conn.execute(
        select(table)
        .where(c.site == site, c.from_ms < to_ms(end), c.until_ms > to_ms(start))
        .order_by(c.from_ms, c.bank, c.id)
    )
    return [
        TipRecord(
            row.id,
            row.bank,
            row.from_ms / 1000,
            row.until_ms / 1000,
            Tip.model_validate(row.document),
            Taps(row.offered, row.accepted),
        )
        for row in rows
    ]


def tap(conn: Connection, *, site: str, id_: int, now: float, offered: int, accepted: int) -> bool:
    """Add to the taps of a tip that holds at `now`, or did within the hour before; whether there is one.

    Never below nothing, and never more taken than offered.
    """
    c = table.c
    more = {"offered": c.offered + offered, "accepted": c.accepted + accepted}
    holds = (c.site == site, c.id == id_, c.from_ms <= to_ms(now), c.until_ms > to_ms(now - 3600))
    sound = (more["offered"] >= more["accepted"], more["accepted"] >= 0)
    changed = conn.execute(update(table).where(*holds, *sound).values(more))
    return changed.rowcount > 0


def taps_by_rule(conn: Connection, *, now: float) -> dict[tuple[str, str], Taps]:
    """What all stores tapped of each two categories lately: the chain learns together."""
    c = table.c
    sums = (func.sum(c.offered), func.sum(c.accepted))
    query = select(c.given, c.then, *sums).where(c.from_ms >= to_ms(now - LEARNED_FROM_S), c.given.is_not(None))
    return {(given, then): Taps(int(o), int(a)) for given, then, o, a in conn.execute(query.group_by(c.given, c.then))}
