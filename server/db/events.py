"""What a person should know of: from the boxes and from the server's own checks."""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from server.db.spans import to_ms
from server.db.tables import events as table


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One event."""

    t: float
    """Seconds UTC."""
    box: str | None
    camera: str | None
    kind: str
    level: str
    """`info`, `warning` or `error`."""
    text: str


def events(conn: Connection, *, site: str, start: float, end: float, limit: int = 200) -> list[EventRecord]:
    """The newest `limit` events of [start, end) seconds, newest first."""
    c = table.c
    query = (
        select(c.t_ms, c.box, c.camera, c.kind, c.level, c.text)
        .where(c.site == site, c.t_ms >= to_ms(start), c.t_ms < to_ms(end))
        .order_by(c.t_ms.desc(), c.id.desc())
        .limit(limit)
    )
    return [EventRecord(t_ms / 1000, *rest) for t_ms, *rest in conn.execute(query)]


def add_event(conn: Connection, site: str, event: EventRecord) -> None:
    """Record `event`."""
    conn.execute(
        insert(table).values(
            site=site,
            box=event.box,
            camera=event.camera,
            t_ms=to_ms(event.t),
            kind=event.kind,
            level=event.level,
            text=event.text,
        )
    )
