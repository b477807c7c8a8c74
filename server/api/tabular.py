"""Answers as CSV, for who asks with `?format=csv` or `Accept: text/csv`."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Query, Request
from pydantic import BaseModel
from starlette.responses import Response


def wants_csv(
    request: Request,
    format: Annotated[  # noqa: A002 - the parameter's public name
        Literal["json", "csv"] | None, Query(description="`csv` for a table; or send `Accept: text/csv`")
    ] = None,
) -> bool:
    """Whether the answer is to be CSV."""
    return format == "csv" or (format is None and request.headers.get("accept", "").startswith("text/csv"))


AsCsv = Annotated[bool, Depends(wants_csv)]


def csv_response(rows: Sequence[BaseModel], columns: Sequence[str], *, name: str) -> Response:
    """`rows` as RFC 4180 with a header line; the columns' names carry their units."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(getattr(row, column)) for column in columns])
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    # A spreadsheet runs what begins so; a name may, a number of ours does not.
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@")) else value
