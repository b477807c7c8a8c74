"""Rows that take the place of others, or are added to them, whether the database is SQLite or PostgreSQL."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Insert, Table
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


def add_columns(conn: Connection, table: Table, columns: Sequence[Sequence[Any]], sums: Sequence[str]) -> None:
    """Insert rows, given as the table's columns in their order, no two rows with one key.

    Where the primary key is there, the columns `sums` are added to it.
    """
    new, key = _insert(conn, table), [column.name for column in table.primary_key.columns]
    added = {name: table.c[name] + new.excluded[name] for name in sums}
    _by_driver(conn, table, new.on_conflict_do_update(index_elements=key, set_=added), columns)


def insert_columns(conn: Connection, table: Table, columns: Sequence[Sequence[Any]]) -> None:
    """Insert rows, given as the table's columns in their order, of which none is there."""
    _by_driver(conn, table, _insert(conn, table), columns)


def _by_driver(conn: Connection, table: Table, new: Insert, columns: Sequence[Sequence[Any]]) -> None:
    """The driver takes a million rows in the time in which SQLAlchemy looks at them one by one."""
    names = [column.name for column in table.columns]
    compiled = new.compile(dialect=conn.dialect, column_keys=names)
    bound = [_bound(conn, column, values) for column, values in zip(table.columns, columns, strict=True)]
    rows: list[Any] = list(zip(*bound, strict=True))
    if not compiled.positional:
        rows = [dict(zip(names, row, strict=True)) for row in rows]
    if rows:
        conn.exec_driver_sql(str(compiled), rows)


def _bound(conn: Connection, column: Column[Any], values: Sequence[Any]) -> Sequence[Any]:
    """The values of a column as the driver takes them."""
    process = column.type.dialect_impl(conn.dialect).bind_processor(conn.dialect)
    return values if process is None else [process(value) for value in values]


def _insert(conn: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(table) if conn.dialect.name == "postgresql" else sqlite.insert(table)
