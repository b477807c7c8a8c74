"""Changes of the store: planned, running, over, and what came of them."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, insert, select, update

from server.change_document import ChangeDocument, ChangeResult, Promise
from server.db.advice_tables import changes as table
from server.db.spans import to_ms

Status = Literal["planned", "running", "done", "cancelled"]


@dataclass(frozen=True, slots=True)
class NewChange:
    """A change to be kept. `promised` is what the advice it came from expected of it."""

    name: str
    document: ChangeDocument
    advice: str | None = None
    promised: Promise | None = None


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """One change as it stands; times in seconds UTC."""

    id: int
    site: str
    advice: str | None
    name: str
    document: ChangeDocument
    status: Status
    day: date
    promised: Promise | None
    result: ChangeResult | None
    author: str
    created: float
    changed: float


def list_changes(conn: Connection, site: str, *statuses: Status) -> list[ChangeRecord]:
    """The newest first; only those of `statuses`, where given."""
    query = _query(site)
    if statuses:
        query = query.where(table.c.status.in_(statuses))
    return [_record(row) for row in conn.execute(query)]


def get_change(conn: Connection, site: str, id_: int) -> ChangeRecord | None:
    """One change."""
    row = conn.execute(_query(site).where(table.c.id == id_)).first()
    return _record(row) if row else None


def add_change(conn: Connection, site: str, new: NewChange, *, author: str, today: date, now: float) -> int:
    """Keep it; its number. One whose day has come is running."""
    row = {
        "site": site,
        "advice": new.advice,
        "name": new.name,
        "document": new.document.model_dump(mode="json"),
        "status": "running" if new.document.day <= today else "planned",
        "day": new.document.day,
        "promised": new.promised.model_dump(mode="json") if new.promised else None,
        "author": author,
        "created_ms": to_ms(now),
        "changed_ms": to_ms(now),
    }
    return int(conn.execute(insert(table).values(row).returning(table.c.id)).scalar_one())


def start_due(conn: Connection, site: str, *, today: date, now: float) -> int:
    """Let planned changes whose day has come run; how many."""
    due = (table.c.site == site) & (table.c.status == "planned") & (table.c.day <= today)
    return conn.execute(update(table).where(due).values(status="running", changed_ms=to_ms(now))).rowcount


def cancel(conn: Connection, site: str, id_: int, *, now: float) -> bool:
    """It does not happen, or is not to be judged; False where there is no such change, or it is over."""
    open_ = (table.c.site == site) & (table.c.id == id_) & table.c.status.in_(("planned", "running"))
    return conn.execute(update(table).where(open_).values(status="cancelled", changed_ms=to_ms(now))).rowcount > 0


def conclude(conn: Connection, site: str, id_: int, result: ChangeResult, *, now: float) -> None:
    """It is over, and this came of it; a later judgement, when figures came late, takes its place."""
    mine = (table.c.site == site) & (table.c.id == id_) & (table.c.status != "cancelled")
    told = result.model_dump(mode="json")
    conn.execute(update(table).where(mine).values(status="done", result=told, changed_ms=to_ms(now)))


def _query(site: str) -> Select[*tuple[Any, ...]]:
    return select(table).where(table.c.site == site).order_by(table.c.day.desc(), table.c.id.desc())


def _record(row: Row[*tuple[Any, ...]]) -> ChangeRecord:
    return ChangeRecord(
        id=row.id,
        site=row.site,
        advice=row.advice,
        name=row.name,
        document=ChangeDocument.model_validate(row.document),
        status=row.status,
        day=row.day,
        promised=Promise.model_validate(row.promised) if row.promised else None,
        result=ChangeResult.model_validate(row.result) if row.result else None,
        author=row.author,
        created=row.created_ms / 1000,
        changed=row.changed_ms / 1000,
    )
