"""Counts of answers to surveys."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection, select

from contract.loyalty import SurveyCount
from server.db.trade_tables import surveys as table
from server.db.upserts import put_rows


def counts(conn: Connection, site: str, first: date | None = None, last: date | None = None) -> list[SurveyCount]:
    """All counts, or those from `first` to `last`, both with; by survey, question, day and answer."""
    columns = [column for column in table.c if column.name != "site"]
    query = select(*columns).where(table.c.site == site).order_by(*table.primary_key.columns)
    if first is not None:
        query = query.where(table.c.day >= first)
    if last is not None:
        query = query.where(table.c.day <= last)
    return [SurveyCount.model_validate(dict(row)) for row in conn.execute(query).mappings()]


def put_counts(conn: Connection, site: str, told: Iterable[SurveyCount]) -> None:
    """Add them, or put them in the place of those of the same question, day and answer."""
    put_rows(conn, table, [{"site": site} | each.model_dump() for each in told])
