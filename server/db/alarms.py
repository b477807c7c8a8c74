"""Alarms: open ones, and those that were."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from server.db.alarm_tables import alarms as table
from server.db.spans import to_ms
from server.domain.alarms import Alarm, Key, Turn


@dataclass(frozen=True, slots=True)
class AlarmRecord:
    """One alarm with its number, and who said that they have seen it."""

    id: int
    alarm: Alarm
    seen_by: str | None
    seen: float | None
    """Seconds UTC."""


def open_alarms(conn: Connection, *, site: str) -> list[AlarmRecord]:
    """Not cleared yet, newest first."""
    return _read(conn, _query(site).where(table.c.cleared_ms.is_(None)))


def alarms(conn: Connection, *, site: str, start: float, end: float, limit: int = 200) -> list[AlarmRecord]:
    """Open at some time within [start, end] seconds, newest first."""
    c = table.c
    within = (c.raised_ms <= to_ms(end)) & (c.cleared_ms.is_(None) | (c.cleared_ms >= to_ms(start)))
    return _read(conn, _query(site).where(within).limit(limit))


def record(conn: Connection, *, site: str, turn: Turn) -> list[AlarmRecord]:
    """Store what changed; the alarms that were raised or cleared, with their numbers."""
    known = {found.alarm.key: found for found in open_alarms(conn, site=site)}
    told = [AlarmRecord(_insert(conn, site, alarm), alarm, None, None) for alarm in turn.raised]
    for alarm in [*turn.held, *turn.cleared]:
        conn.execute(update(table).where(table.c.id == known[alarm.key].id).values(_values(alarm)))
    return told + [AlarmRecord(known[a.key].id, a, known[a.key].seen_by, known[a.key].seen) for a in turn.cleared]


def acknowledge(conn: Connection, *, site: str, id_: int, by: str, at: float) -> bool:
    """Somebody has seen it; False where there is no such alarm."""
    mine = (table.c.site == site) & (table.c.id == id_)
    return conn.execute(update(table).where(mine).values(seen_by=by, seen_ms=to_ms(at))).rowcount > 0


def _insert(conn: Connection, site: str, alarm: Alarm) -> int:
    row = {"site": site, "kind": alarm.key.kind, "subject": alarm.key.subject, "raised_ms": to_ms(alarm.raised)}
    return int(conn.execute(insert(table).values(row | _values(alarm)).returning(table.c.id)).scalar_one())


def _values(alarm: Alarm) -> dict[str, Any]:
    return {
        "held_ms": to_ms(alarm.held),
        "cleared_ms": None if alarm.cleared is None else to_ms(alarm.cleared),
        "value": alarm.value,
        "limit": alarm.limit,
    }


def _query(site: str) -> Select[*tuple[Any, ...]]:
    return select(table).where(table.c.site == site).order_by(table.c.raised_ms.desc(), table.c.id.desc())


def _read(conn: Connection, query: Select[*tuple[Any, ...]]) -> list[AlarmRecord]:
    return [_record(row) for row in conn.execute(query)]


def _record(row: Row[*tuple[Any, ...]]) -> AlarmRecord:
    alarm = Alarm(
        key=Key(row.kind, row.subject),
        raised=row.raised_ms / 1000,
        held=row.held_ms / 1000,
        cleared=None if row.cleared_ms is None else row.cleared_ms / 1000,
        value=row.value,
        limit=row.limit,
    )
    return AlarmRecord(row.id, alarm, row.seen_by, None if row.seen_ms is None else row.seen_ms / 1000)
