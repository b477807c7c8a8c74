"""Which weekly reports went out, to whom only as a keyed hash."""

import hashlib
import hmac
from datetime import date

from sqlalchemy import ColumnElement, Connection, insert, select, update

from server.db.advice_tables import reports_sent as table
from server.db.installation import seed
from server.db.spans import to_ms


def sent(conn: Connection, site: str, week: date, address: str) -> tuple[bool, int]:
    """Whether it went out, and how often it was tried."""
    row = conn.execute(select(table.c.sent_ms, table.c.tries).where(*_mine(conn, site, week, address))).first()
    return (row.sent_ms is not None, row.tries) if row else (False, 0)


def note(conn: Connection, site: str, week: date, address: str, *, at: float | None, trouble: str | None) -> None:
    """One more attempt: sent `at` so many seconds UTC, or not, and why."""
    values = {"sent_ms": None if at is None else to_ms(at), "trouble": trouble and trouble[:500]}
    mine = _mine(conn, site, week, address)
    if conn.execute(update(table).where(*mine).values(tries=table.c.tries + 1, **values)).rowcount:
        return
    row = {"site": site, "week": week, "recipient": _hashed(conn, address), "tries": 1}
    conn.execute(insert(table).values(row | values))


def _mine(conn: Connection, site: str, week: date, address: str) -> tuple[ColumnElement[bool], ...]:
    c = table.c
    return c.site == site, c.week == week, c.recipient == _hashed(conn, address)


def _hashed(conn: Connection, address: str) -> str:
    return hmac.new(seed(conn).encode(), address.encode(), hashlib.sha256).hexdigest()
