"""What was told to the loyalty programme: each window once, and for ever as it was told first."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from contract.disclosed import ROWS, Disclosed, Grain, OutSubject
from server.db.advice_tables import published as table
from server.db.rollup_tables import hours
from server.db.spans import to_ms

DAY_MS = 86_400_000


def told(
    conn: Connection, *, site: str, subject: OutSubject, grain: Grain, first_ms: int, last_ms: int
) -> list[Disclosed]:
    """What was told of the windows that begin in [first, last) milliseconds, in order."""
    c = table.c
    within = (c.start_ms >= first_ms, c.start_ms < last_ms)
    query = select(c.document).where(c.site == site, c.subject == subject, c.grain == grain, *within)
    return [_read(document) for document in conn.execute(query.order_by(c.start_ms)).scalars()]


def tell_together(conn: Connection, site: str, documents: Sequence[Disclosed]) -> None:
    """Keep what is told of one window, all of it or, where another server was first, none of it."""
    insert = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    first, *others = (_values(site, document) for document in documents)
    if conn.execute(insert(table).values(first).on_conflict_do_nothing()).rowcount and others:
        conn.execute(insert(table), others)


def _read(document: dict[str, Any]) -> Disclosed:
    """Rows are kept without their empty fields, so that only the subject says of which kind they are."""
    kind = ROWS[document["subject"], document["grain"]]
    return Disclosed.model_validate(document | {"rows": [kind.model_validate(row) for row in document["rows"]]})


def _values(site: str, document: Disclosed) -> dict[str, Any]:
    return {
        "site": site,
        "subject": document.subject,
        "grain": document.grain,
        "start_ms": to_ms(document.start.timestamp()),
        "end_ms": to_ms(document.end.timestamp()),
        "t_ms": to_ms(document.told_at.timestamp()),
        "document": document.model_dump(mode="json", exclude_defaults=True),
    }


def clashes(conn: Connection, site: str, *, start_ms: int, end_ms: int) -> bool:
    """Whether something was told of a window as long that overlaps [start, end) milliseconds, and is another one.

    When a store's time zone is corrected, its days begin elsewhere: what was told under the old clock must not be told
    again in other pieces, or their difference would tell of the hours between.
    """
    c = table.c
    as_long = c.grain == "week" if end_ms - start_ms > 2 * DAY_MS else c.grain != "week"
    overlapping = (c.start_ms < end_ms, c.end_ms > start_ms, c.start_ms != start_ms)
    query = select(c.start_ms).where(c.site == site, as_long, *overlapping).limit(1)
    return conn.execute(query).first() is not None


def sent(conn: Connection, *, site: str, since_ms: int) -> set[tuple[str, str, int]]:
    """Subject, grain and start of the windows that were sent, of those that begin since then."""
    c = table.c
    query = select(c.subject, c.grain, c.start_ms).where(c.site == site, c.start_ms >= since_ms, c.sent_ms.is_not(None))
    return {(subject, grain, start_ms) for subject, grain, start_ms in conn.execute(query)}


def send_once(conn: Connection, site: str, document: Disclosed, *, now: float) -> bool:
    """Note that it is sent at `now` seconds UTC; False when another server was first."""
    c = table.c
    key = (c.site == site, c.subject == document.subject, c.grain == document.grain)
    mine = and_(*key, c.start_ms == to_ms(document.start.timestamp()), c.sent_ms.is_(None))
    return conn.execute(update(table).where(mine).values(sent_ms=to_ms(now))).rowcount == 1


def first_counted(conn: Connection, site: str) -> int | None:
    """The first hour of which anything was counted, milliseconds; None before there is any."""
    first: int | None = conn.execute(select(func.min(hours.c.hour_ms)).where(hours.c.site == site)).scalar()
    return first
