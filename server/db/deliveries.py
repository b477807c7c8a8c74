"""What webhooks still wait for."""

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, case, delete, func, insert, select, update

from server.db.alarm_tables import deliveries as table
from server.db.spans import to_ms

MOST = 10_000
"""Deliveries of one target that may wait at once; beyond them its oldest goes."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One body for one address; `tries` attempts failed so far. Times are seconds UTC."""

    id: int
    url: str
    body: bytes
    tries: int
    created: float = 0.0
    due: float = 0.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """What one target has not taken. Times are seconds UTC."""

    n: int
    oldest: float | None
    """Since when the oldest waits; None when nothing does."""
    tries: int
    """Of the oldest."""
    next_try: float | None
    trouble: str | None
    """Of the last attempt, of what waits or was given up."""
    given_up: int
    """Bodies that it refused for a day."""


def post(conn: Connection, *, url: str, body: bytes, at: float) -> None:
    """Leave `body` to be brought to `url`, from now on."""
    mine = table.c.url == url
    waiting = conn.execute(select(func.count()).where(mine)).scalar_one()
    if waiting >= MOST:
        oldest = select(table.c.id).where(mine).order_by(table.c.id).limit(waiting - MOST + 1)
        conn.execute(delete(table).where(table.c.id.in_(oldest)))
    conn.execute(insert(table).values(url=url, body=body, created_ms=to_ms(at), due_ms=to_ms(at), tries=0))


def oldest(engine: Engine, url: str) -> Delivery | None:
    """What was left for `url` first and has not been taken."""
    c = table.c
    columns = (c.id, c.url, c.body, c.tries, c.created_ms, c.due_ms)
    query = select(*columns).where(c.url == url, c.due_ms.is_not(None)).order_by(c.id).limit(1)
    with engine.connect() as conn:
        row = conn.execute(query).first()
    return None if row is None else Delivery(*row[:4], created=row.created_ms / 1000, due=row.due_ms / 1000)


def waiting(conn: Connection, url: str) -> Waiting:
    """How things stand with one target."""
    c = table.c
    held = func.sum(case((c.due_ms.is_(None), 1), else_=0))
    n, given_up = conn.execute(select(func.count(), held).where(c.url == url)).one()
    query = select(c.created_ms, c.tries, c.due_ms, c.trouble).where(c.url == url)
    first = conn.execute(query.where(c.due_ms.is_not(None)).order_by(c.id).limit(1)).first()
    last = conn.execute(query.order_by(c.due_ms.is_(None), c.id).limit(1)).first()
    return Waiting(
        n=n - int(given_up or 0),
        oldest=first.created_ms / 1000 if first else None,
        tries=first.tries if first else 0,
        next_try=first.due_ms / 1000 if first else None,
        trouble=last.trouble if last else None,
        given_up=int(given_up or 0),
    )


def done(engine: Engine, id_: int) -> None:
    """It was taken."""
    with engine.begin() as conn:
        conn.execute(delete(table).where(table.c.id == id_))


def failed(engine: Engine, id_: int, *, again: float | None, trouble: str) -> None:
    """It was not taken; to be tried `again` at so many seconds UTC, or given up with None."""
    values = {"tries": table.c.tries + 1, "due_ms": None if again is None else to_ms(again), "trouble": trouble[:500]}
    with engine.begin() as conn:
        conn.execute(update(table).where(table.c.id == id_).values(values))
