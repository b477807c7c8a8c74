"""Forgetting: what is past its retention goes, in small transactions, so that the ingest never waits long."""

from sqlalchemy import Column, Engine, Table, delete, select, tuple_

from server.db.spans import HOUR_MS, to_ms
from server.db.tables import events, hours, login_links, messages_seen, sessions, windows
from server.settings import Retention

ROWS = 2000
"""Rows per transaction."""
DAY_S = 86_400.0


def prune(engine: Engine, retention: Retention, *, now: float) -> int:
    """Delete what is older than `retention` at `now` seconds UTC; returns the number of rows."""
    kept_windows = _whole_hour(now - retention.windows_days * DAY_S)
    limits: list[tuple[Table, Column[int], int]] = [
        (windows, windows.c.t_start_ms, kept_windows),
        # A repeated window that is older is refused for its age, so its id need not be remembered longer.
        (messages_seen, messages_seen.c.received_ms, kept_windows),
        (hours, hours.c.hour_ms, _whole_hour(now - retention.hours_days * DAY_S)),
        (events, events.c.t_ms, to_ms(now - retention.events_days * DAY_S)),
        (sessions, sessions.c.expires_ms, to_ms(now)),
        (login_links, login_links.c.expires_ms, to_ms(now)),
    ]
    return sum(_delete_before(engine, table, column, limit_ms) for table, column, limit_ms in limits)


def _whole_hour(t: float) -> int:
    return to_ms(t) // HOUR_MS * HOUR_MS


def _delete_before(engine: Engine, table: Table, column: Column[int], limit_ms: int) -> int:
    key = list(table.primary_key.columns)
    oldest = select(*key).where(column < limit_ms).limit(ROWS)
    total = 0
    while True:
        with engine.begin() as conn:
            gone = conn.execute(delete(table).where(tuple_(*key).in_(oldest))).rowcount
        total += gone
        if gone < ROWS:
            return total
