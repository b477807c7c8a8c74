"""Which category stands where since when, and what the places can hold."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection, select

from contract.loyalty import Place, Placing
from server.db.trade_tables import places as place_table
from server.db.trade_tables import placings as placing_table
from server.db.upserts import put_rows


def placings(conn: Connection, site: str) -> list[Placing]:
    """Every placing there ever was, by category and day; one holds until the next of its category."""
    c = placing_table.c
    query = select(c.category, c.zone, c.since, c.shelf_m).where(c.site == site).order_by(c.category, c.since)
    return [Placing.model_validate(dict(row)) for row in conn.execute(query).mappings()]


def placed(conn: Connection, site: str, day: date) -> dict[str, Placing]:
    """The placing that holds on `day`, by category; without those that stand nowhere."""
    held = {each.category: each for each in placings(conn, site) if each.since <= day}
    return {category: each for category, each in held.items() if each.zone is not None}


def categories_placed(conn: Connection, site: str) -> set[str]:
    """Categories that the planogram knows, wherever they stand or stood."""
    c = placing_table.c
    return set(conn.execute(select(c.category).where(c.site == site).distinct()).scalars())


def places(conn: Connection, site: str) -> list[Place]:
    """What the zones can hold, by zone."""
    c = place_table.c
    query = select(c.zone, c.shelf_m, c.has, c.feature).where(c.site == site).order_by(c.zone)
    return [Place.model_validate(dict(row)) for row in conn.execute(query).mappings()]


def put_placings(conn: Connection, site: str, told: Iterable[Placing]) -> None:
    """Add them, or put them in the place of those of the same category and day."""
    put_rows(conn, placing_table, [{"site": site} | each.model_dump() for each in told])


def put_places(conn: Connection, site: str, told: Iterable[Place]) -> None:
    """Add them, or put them in the place of those of the same zone."""
    put_rows(conn, place_table, [{"site": site} | each.model_dump() for each in told])
