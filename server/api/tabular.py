"""Answers as tables, for who asks with `?format=csv` or `?format=xlsx`, or by `Accept`."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import xlsxwriter
from fastapi import Depends, Query, Request
from pydantic import BaseModel
from starlette.responses import Response
from xlsxwriter.worksheet import Worksheet

from server.api.problems import Problem

TableKind = Literal["csv", "xlsx"]
MEDIA_TYPES: dict[TableKind, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
SHEET_ROWS = 1_048_576
"""Rows of a sheet, with the header; what is more would be left out in silence."""


def wanted_table(
    request: Request,
    format: Annotated[  # noqa: A002 - the parameter's public name
        Literal["json", "csv", "xlsx"] | None,
        Query(description="`csv` or `xlsx` for a table; or send `Accept: text/csv`"),
    ] = None,
) -> TableKind | None:
    """The kind of table the answer is to be; None for JSON."""
    if format is not None:
        return None if format == "json" else format
    return accepted_table(request)


def accepted_table(request: Request) -> TableKind | None:
    """The kind of table that the `Accept` header prefers; None for JSON."""
    accepted = request.headers.get("accept", "")
    return next((kind for kind, media in MEDIA_TYPES.items() if accepted.startswith(media.partition(";")[0])), None)


AsTable = Annotated[TableKind | None, Depends(wanted_table)]


def table_response(rows: Sequence[BaseModel], columns: Sequence[str], *, name: str, kind: TableKind) -> Response:
    """`rows` with a header line; the columns' names carry their units.

    Raises:
        Problem: 422, more rows than a sheet holds.
    """
    content = _csv(rows, columns) if kind == "csv" else _xlsx(rows, columns, name)
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return Response(content, media_type=MEDIA_TYPES[kind], headers=headers)


def _csv(rows: Sequence[BaseModel], columns: Sequence[str]) -> str:
    """RFC 4180."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(getattr(row, column)) for column in columns])
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    # A spreadsheet runs what begins so; a name may, a number of ours does not.
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@")) else value


def _xlsx(rows: Sequence[BaseModel], columns: Sequence[str], name: str) -> bytes:
    """Numbers as numbers, instants as the store's wall time; row by row, so that memory stays small."""
    if len(rows) >= SHEET_ROWS:
        raise Problem(422, "Wrong parameter", f"query.format: {len(rows)} rows, a sheet holds {SHEET_ROWS}; take csv")
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True, "remove_timezone": True}) as book:
        bold, clock = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet = book.add_worksheet(name[:31])
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, max(12, len(column) + 2))
            sheet.write_string(0, place, column, bold)
        for line, row in enumerate(rows, start=1):
            for place, column in enumerate(columns):
                value = getattr(row, column)
                if isinstance(value, datetime):
                    sheet.write_datetime(line, place, value, clock)
                else:
                    _write(sheet, line, place, value)
    return out.getvalue()


def _write(sheet: Worksheet, line: int, place: int, value: object) -> None:
    """By its type, never by its looks: a name that begins with `=` stays a name."""
    match value:
        case None:
            pass
        case bool():
            sheet.write_boolean(line, place, value)
        case int() | float():
            sheet.write_number(line, place, value)
        case _:
            sheet.write_string(line, place, str(value))
