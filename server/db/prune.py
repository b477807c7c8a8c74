"""Forgetting: what is past its retention goes, in small transactions, so that the ingest never waits long."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Engine, Table, delete, select, tuple_

from server.db.advice_tables import forecasts
from server.db.alarm_tables import alarms, deliveries
from server.db.local_time import HOUR_MS
from server.db.rollup_tables import days, hours
from server.db.screen_tables import audience, decisions, plays, triggers
from server.db.setup_tables import still_requests
from server.db.spans import to_ms
from server.db.stills import delete_stills_before
from server.db.tables import events, login_links, messages_seen, sessions, windows
from server.db.trade_tables import baskets, coupons, imports, receipts_seen, sales, sales_days, sales_rows
from server.settings import Retention

Limit = tuple[Table, Column[Any], int | date]
"""A table, when its rows are of, and before when they go."""

ROWS = 2000
"""Rows per transaction."""
DAY_S = 86_400.0
WEEK_S = 7 * DAY_S
DELIVERY_DAYS = 7
"""A webhook that took nothing for so long is told no more of what was then."""
STILL_DAYS = 30
"""A still is for setting a camera up, and that is done by then."""


def oldest_taken(retention: Retention, *, now: float) -> float:
    """Windows that begin before this, in seconds UTC, are refused as past their retention."""
    return (now - retention.windows_days * DAY_S) // 3600 * 3600


def prune(engine: Engine, retention: Retention, *, now: float) -> int:
    """Delete what is older than `retention` at `now` seconds UTC; returns the number of rows."""
    # An hour more than `oldest_taken`: a late window must find the others of its hour, wherever hours are cut.
    kept_windows = to_ms(oldest_taken(retention, now=now)) - HOUR_MS
    limits: list[Limit] = [
        (windows, windows.c.t_start_ms, kept_windows),
        # A repeated window that is older is refused for its age, so its id need not be remembered longer.
        (messages_seen, messages_seen.c.received_ms, kept_windows),
        (hours, hours.c.hour_ms, to_ms(now - retention.hours_days * DAY_S)),
        (days, days.c.day_ms, to_ms(now - retention.days_days * DAY_S)),
        (audience, audience.c.t_end_ms, kept_windows),
        (decisions, decisions.c.t_ms, to_ms(now - retention.decisions_days * DAY_S)),
        (plays, plays.c.started_ms, to_ms(now - retention.plays_days * DAY_S)),
        (triggers, triggers.c.until_ms, to_ms(now)),
        (forecasts, forecasts.c.made_ms, to_ms(now - retention.advice_days * DAY_S)),
        (events, events.c.t_ms, to_ms(now - retention.events_days * DAY_S)),
        (alarms, alarms.c.raised_ms, to_ms(now - retention.events_days * DAY_S)),
        (deliveries, deliveries.c.created_ms, to_ms(now - DELIVERY_DAYS * DAY_S)),
        (sessions, sessions.c.expires_ms, to_ms(now)),
        (login_links, login_links.c.expires_ms, to_ms(now)),
        (still_requests, still_requests.c.expires_ms, to_ms(now)),
        (imports, imports.c.received_ms, to_ms(now - retention.events_days * DAY_S)),
        *_of_sales(retention, now),
    ]
    stills = delete_stills_before(engine, now - STILL_DAYS * DAY_S)
    return stills + sum(_delete_before(engine, table, column, limit) for table, column, limit in limits)


def _of_sales(retention: Retention, now: float) -> list[Limit]:
    """A week more than what is refused as too old, so that a day, or a week, that is told to still is whole."""
    kept = now - retention.sales_days * DAY_S - WEEK_S
    day = datetime.fromtimestamp(kept, UTC).date() - timedelta(days=1)
    last_day = datetime.fromtimestamp(now - retention.days_days * DAY_S, UTC).date()
    return [
        (sales, sales.c.bin_ms, to_ms(kept)),
        (sales_rows, sales_rows.c.start_ms, to_ms(kept)),
        (baskets, baskets.c.week, day),
        (coupons, coupons.c.day, day),
        (receipts_seen, receipts_seen.c.day, day),
        (sales_days, sales_days.c.day, min(day, last_day)),
    ]


def _delete_before(engine: Engine, table: Table, column: Column[Any], limit: int | date) -> int:
    key = list(table.primary_key.columns)
    oldest = select(*key).where(column < limit).limit(ROWS)
    total = 0
    while True:
        with engine.begin() as conn:
            gone = conn.execute(delete(table).where(tuple_(*key).in_(oldest))).rowcount
        total += gone
        if gone < ROWS:
            return total
