"""What each offer brought and cost, as the newest round of advice worked it out."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, func, insert, select

from server.db.advice_tables import offer_results as table
from server.db.spans import to_ms
from server.domain.offer_results import OfferResult


@dataclass(frozen=True, slots=True)
class OfferResults:
    """The newest, the best first; `t` in seconds UTC."""

    t: float
    results: Sequence[OfferResult]


_DOCUMENT = TypeAdapter(OfferResult)


def offer_results(conn: Connection, site: str) -> OfferResults | None:
    """None before any was worked out."""
    mine = table.c.site == site
    t_ms = conn.execute(select(func.max(table.c.t_ms)).where(mine)).scalar()
    if t_ms is None:
        return None
    documents = conn.execute(select(table.c.document).where(mine).order_by(table.c.rank)).scalars()
    return OfferResults(t_ms / 1000, [_DOCUMENT.validate_python(each) for each in documents])


def put_offer_results(conn: Connection, site: str, found: Sequence[OfferResult], *, now: float) -> None:
    """In the place of those before; in their order."""
    conn.execute(delete(table).where(table.c.site == site))
    rows = [
        {"site": site, "offer": each.offer, "rank": rank, "t_ms": to_ms(now)}
        | {"document": _DOCUMENT.dump_python(each, mode="json")}
        for rank, each in enumerate(found)
    ]
    if rows:
        conn.execute(insert(table), rows)
