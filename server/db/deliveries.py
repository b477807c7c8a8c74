"""What webhooks still wait for."""

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from server.db.alarm_tables import deliveries as table
from server.db.spans import to_ms

MOST = 10_000
"""Deliveries that may wait at once; beyond them the oldest goes."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One body for one address; `tries` attempts failed so far."""

    id: int
    url: str
    body: bytes
    tries: int


def post(conn: Connection, *, url: str, body: bytes, at: float) -> None:
    """Leave `body` to be brought to `url`, from now on."""
    waiting = conn.execute(select(func.count()).select_from(table)).scalar_one()
    if waiting >= MOST:
        oldest = select(table.c.id).order_by(table.c.id).limit(waiting - MOST + 1)
        conn.execute(delete(table).where(table.c.id.in_(oldest)))
    conn.execute(insert(table).values(url=url, body=body, created_ms=to_ms(at), due_ms=to_ms(at), tries=0))


def due(engine: Engine, *, now: float, limit: int) -> list[Delivery]:
    """What is due at `now` seconds UTC, the longest waiting first."""
    c = table.c
    query = select(c.id, c.url, c.body, c.tries).where(c.due_ms <= to_ms(now)).order_by(c.due_ms).limit(limit)
    with engine.connect() as conn:
        return [Delivery(*row) for row in conn.execute(query)]


def done(engine: Engine, id_: int) -> None:
    """It was taken."""
    with engine.begin() as conn:
        conn.execute(delete(table).where(table.c.id == id_))


def failed(engine: Engine, id_: int, *, again: float | None, trouble: str) -> None:
    """It was not taken; to be tried `again` at so many seconds UTC, or given up with None."""
    values = {"tries": table.c.tries + 1, "due_ms": None if again is None else to_ms(again), "trouble": trouble[:500]}
    with engine.begin() as conn:
        conn.execute(update(table).where(table.c.id == id_).values(values))
