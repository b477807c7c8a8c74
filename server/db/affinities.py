"""Which share of a segment's card receipts holds a category, by times of the week."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from contract.loyalty import Affinity
from server.db.trade_tables import affinities as table
from server.db.upserts import put_rows


def list_affinities(conn: Connection, site: str) -> list[Affinity]:
    """All of them, by segment, category and time."""
    columns = [column for column in table.c if column.name != "site"]
    query = select(*columns).where(table.c.site == site).order_by(*table.primary_key.columns)
    rows = conn.execute(query).mappings()
    return [Affinity.model_validate(dict(row) | {"weekdays": [*map(int, row["weekdays"])]}) for row in rows]


def put_affinities(conn: Connection, site: str, told: Iterable[Affinity]) -> None:
    """Add them, or put them in the place of those of the same segment, category, time of the week and first day."""
    rows = [
        {"site": site} | each.model_dump() | {"weekdays": "".join(map(str, sorted(set(each.weekdays))))}
        for each in told
    ]
    put_rows(conn, table, rows)
