"""Trends and breaks that nobody asked about, as they were last looked for."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, insert, select

from server.db.advice_tables import news as table
from server.db.spans import to_ms
from server.domain.intervals import Estimate

Subject = Literal["entrants", "receipts", "basket", "zone_visits", "zone_engaged", "category_receipts", "card_share"]
Cause = Literal["offer", "placing", "special_day", "change"]


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that began about then, and may be why."""

    cause: Cause
    what: str
    """Offer, zone, name of the day or of the change."""
    day: date


@dataclass(frozen=True, slots=True)
class News:
    """One series that is not what it was."""

    subject: Subject
    of: str
    """Zone or category; empty for the store."""
    kind: Literal["break", "trend"]
    day: date
    """From when the level holds; of a trend, the Monday of the last week."""
    change: Estimate
    """Share more, or less."""
    weeks: int
    happened: tuple[Happened, ...]


@dataclass(frozen=True, slots=True)
class Bulletin:
    """What was found at `t`, seconds UTC, the clearest first, among so many series."""

    t: float
    looked_at: int
    news: tuple[News, ...]


_DOCUMENT = TypeAdapter(Bulletin)


def bulletin(conn: Connection, site: str) -> Bulletin | None:
    """The newest; None before the first."""
    document = conn.execute(select(table.c.document).where(table.c.site == site)).scalar()
    return None if document is None else _DOCUMENT.validate_python(document)


def put_bulletin(conn: Connection, site: str, found: Bulletin) -> None:
    """In the place of the one before."""
    conn.execute(delete(table).where(table.c.site == site))
    document = _DOCUMENT.dump_python(found, mode="json")
    conn.execute(insert(table).values(site=site, t_ms=to_ms(found.t), document=document))
