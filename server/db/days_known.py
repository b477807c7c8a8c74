"""What is known of days from outside: their weather, and which are not like their weekday."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection, Table, delete, select

from contract.loyalty import SpecialDay, Weather
from server.db.trade_tables import special_days
from server.db.trade_tables import weather as weather_table
from server.db.upserts import put_rows


def weather(conn: Connection, site: str, first: date | None = None, last: date | None = None) -> list[Weather]:
    """Weather from `first` to `last`, both with, by day; measured, or foretold where `forecast` says so."""
    return [Weather.model_validate(row) for row in _days(conn, weather_table, site, first, last)]


def special(conn: Connection, site: str, first: date | None = None, last: date | None = None) -> list[SpecialDay]:
    """Special days from `first` to `last`, both with, by day."""
    return [SpecialDay.model_validate(row) for row in _days(conn, special_days, site, first, last)]


def put_weather(conn: Connection, site: str, told: Iterable[Weather]) -> None:
    """Add it; what is measured takes the place of what was foretold, never the other way round."""
    given = list(told)
    c = weather_table.c
    query = select(c.day).where(c.site == site, c.forecast.is_(False), c.day.in_([each.day for each in given]))
    measured = set(conn.execute(query).scalars()) | {each.day for each in given if not each.forecast}
    kept = [each for each in given if not (each.forecast and each.day in measured)]
    put_rows(conn, weather_table, [{"site": site} | each.model_dump() for each in kept])


def put_special(conn: Connection, site: str, told: Iterable[SpecialDay]) -> None:
    """Add them, or put them in the place of what was said of the same days."""
    put_rows(conn, special_days, [{"site": site} | each.model_dump() for each in told])


def drop_special(conn: Connection, site: str, day: date) -> None:
    """The day is like its weekday after all."""
    conn.execute(delete(special_days).where(special_days.c.site == site, special_days.c.day == day))


def _days(conn: Connection, table: Table, site: str, first: date | None, last: date | None) -> list[dict[str, object]]:
    columns = [column for column in table.c if column.name != "site"]
    query = select(*columns).where(table.c.site == site).order_by(table.c.day)
    if first is not None:
        query = query.where(table.c.day >= first)
    if last is not None:
        query = query.where(table.c.day <= last)
    return [dict(row) for row in conn.execute(query).mappings()]
