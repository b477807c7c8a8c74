"""Landing pages, and which creative leads to which."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from server.db.screen_tables import creatives, landings
from server.db.spans import to_ms
from server.landing_document import LandingDocument


@dataclass(frozen=True, slots=True)
class LandingRecord:
    """One page."""

    landing: str
    document: LandingDocument
    author: str
    changed: float
    """Seconds UTC."""


def list_landings(conn: Connection, site: str) -> list[LandingRecord]:
    """All pages of a site, by id."""
    return [_record(row) for row in conn.execute(_query(site).order_by(landings.c.landing))]


def get_landing(conn: Connection, site: str, landing: str) -> LandingRecord | None:
    """One page; None when there is none of this id."""
    row = conn.execute(_query(site).where(landings.c.landing == landing)).first()
    return _record(row) if row else None


def put_landing(
    conn: Connection, site: str, landing: str, document: LandingDocument, *, author: str, now: float
) -> bool:
    """Add a page or change it; whether it is new."""
    values = {"document": document.model_dump(mode="json"), "author": author, "changed_ms": to_ms(now)}
    mine = (landings.c.site == site) & (landings.c.landing == landing)
    if conn.execute(update(landings).where(mine).values(values)).rowcount:
        return False
    conn.execute(insert(landings).values(site=site, landing=landing, **values))
    return True


def delete_landing(conn: Connection, site: str, landing: str) -> bool:
    """Whether there was one to delete."""
    gone = conn.execute(delete(landings).where((landings.c.site == site) & (landings.c.landing == landing)))
    return gone.rowcount > 0


def used_by(conn: Connection, site: str, landing: str) -> list[str]:
    """Names of the creatives whose codes lead there."""
    c = creatives.c
    query = select(c.name).where((c.site == site) & (c.landing == landing) & c.archived_ms.is_(None)).order_by(c.name)
    return list(conn.execute(query).scalars())


def landing_of(conn: Connection, site: str, creative: str) -> LandingRecord | None:
    """Where the code of a creative leads."""
    c = creatives.c
    landing = conn.execute(select(c.landing).where((c.site == site) & (c.creative == creative))).scalar()
    return get_landing(conn, site, landing) if landing else None


def _query(site: str) -> Select[*tuple[Any, ...]]:
    c = landings.c
    return select(c.landing, c.document, c.author, c.changed_ms).where(c.site == site)


def _record(row: Row[*tuple[Any, ...]]) -> LandingRecord:
    landing, document, author, changed_ms = row
    return LandingRecord(landing, LandingDocument.model_validate(document), author, changed_ms / 1000)
