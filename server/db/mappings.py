"""How a site's files are read, saved under names."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from server.db.spans import to_ms
from server.db.trade_tables import mappings


@dataclass(frozen=True, slots=True)
class MappingRecord:
    """One mapping; `document` is a `server.imports.mapping.Mapping` as JSON."""

    name: str
    subject: str
    document: dict[str, Any]
    author: str
    changed: float
    """Seconds UTC."""


def list_mappings(conn: Connection, site: str, *, subject: str | None = None) -> list[MappingRecord]:
    """All mappings of a site, or those of a subject, by name."""
    query = select(mappings).where(mappings.c.site == site).order_by(mappings.c.name)
    return [_record(row) for row in conn.execute(query) if subject in {None, row.subject}]


def get_mapping(conn: Connection, site: str, name: str) -> MappingRecord | None:
    """One mapping; None when there is none of this name."""
    row = conn.execute(select(mappings).where(mappings.c.site == site, mappings.c.name == name)).first()
    return _record(row) if row else None


def put_mapping(conn: Connection, site: str, record: MappingRecord) -> None:
    """Add a mapping, or put it in the place of the one with its name."""
    values: dict[str, Any] = {
        "subject": record.subject,
        "document": record.document,
        "author": record.author,
        "changed_ms": to_ms(record.changed),
    }
    mine = (mappings.c.site == site) & (mappings.c.name == record.name)
    if not conn.execute(update(mappings).where(mine).values(values)).rowcount:
        conn.execute(insert(mappings).values(site=site, name=record.name, **values))


def delete_mapping(conn: Connection, site: str, name: str) -> bool:
    """Whether there was one to delete."""
    gone = conn.execute(delete(mappings).where(mappings.c.site == site, mappings.c.name == name))
    return gone.rowcount > 0


def _record(row: Row[*tuple[Any, ...]]) -> MappingRecord:
    return MappingRecord(row.name, row.subject, row.document, row.author, row.changed_ms / 1000)
