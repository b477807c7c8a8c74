"""Rows that take the place of others, or are added to them, whether the database is SQLite or PostgreSQL."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Values = Mapping[str, Any]


def put_rows(conn: Connection, table: Table, rows: Iterable[Values]) -> None:
    """Insert `rows`; one whose primary key is there takes its place. Of two with one key the last holds."""
    key = [column.name for column in table.primary_key.columns]
    last = {tuple(row[name] for name in key): dict(row) for row in rows}
    if last:
        new = _insert(conn, table)
        others = {column.name: new.excluded[column.name] for column in table.columns if column.name not in key}
        conn.execute(new.on_conflict_do_update(index_elements=key, set_=others), list(last.values()))


def add_rows(conn: Connection, table: Table, rows: Sequence[Values], sums: Sequence[str]) -> None:
    """Insert `rows`, no two with one key; where the primary key is there, the columns `sums` are added to it."""
    if rows:
        new, key = _insert(conn, table), [column.name for column in table.primary_key.columns]
        added = {name: table.c[name] + new.excluded[name] for name in sums}
        conn.execute(new.on_conflict_do_update(index_elements=key, set_=added), rows)


def _insert(conn: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(table) if conn.dialect.name == "postgresql" else sqlite.insert(table)
