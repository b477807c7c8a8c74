"""Promotions, discounts, coupons and mailings."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection, select

from contract.loyalty import Offer
from server.db.trade_tables import offers as table
from server.db.upserts import put_rows


def list_offers(conn: Connection, site: str, first: date | None = None, last: date | None = None) -> list[Offer]:
    """All offers, or those that hold on some day from `first` to `last`, both with; the newest first."""
    c = table.c
    query = select(c.document).where(c.site == site).order_by(c.start.desc(), c.offer)
    if first is not None:
        query = query.where(c.end >= first)
    if last is not None:
        query = query.where(c.start <= last)
    return [Offer.model_validate(document) for document in conn.execute(query).scalars()]


def get_offer(conn: Connection, site: str, offer: str) -> Offer | None:
    """One offer; None when there is none of this id."""
    document = conn.execute(select(table.c.document).where(table.c.site == site, table.c.offer == offer)).scalar()
    return None if document is None else Offer.model_validate(document)


def put_offers(conn: Connection, site: str, told: Iterable[Offer]) -> None:
    """Add them, or put them in the place of those with the same id."""
    rows = [
        {"site": site, "offer": each.offer, "start": each.start, "end": each.end}
        | {"document": each.model_dump(mode="json")}
        for each in told
    ]
    put_rows(conn, table, rows)
