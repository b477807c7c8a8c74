"""A file on disk as a table: column names and lines of cells, read one at a time. CSV in any usual way, and XLSX.

What is wrong with the file as a whole raises `FileError`; what is wrong with a line is a `Line` that says so.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from server.imports.encodings import Delimiter, Encoding, find_delimiter, find_encoding
from server.imports.file_errors import FileError
from server.imports.records import LINE_MOST, Record, read_records
from server.imports.sheets import Cell, Sheet, open_sheet

COLUMNS_MOST = 500
HEADER_MOST = 120
"""Signs of a column's name."""
DIGITS_MOST = 6
"""Of a column's name; a telephone or a card has more."""
HEAD_LINES = 50
"""Lines that decide what parts the columns."""
CONTROLS_MOST = 0.02
"""Of the signs of a text; pictures and programs have more."""

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_OF_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0", "The file is an old Excel workbook (XLS); save it as XLSX or CSV."),
    (b"%PDF-", "The file is a PDF; a table comes as CSV or XLSX."),
    (b"\x1f\x8b", "The file is packed (gzip); unpack it first."),
    (b"Rar!", "The file is packed (RAR); unpack it first."),
    (b"7z\xbc\xaf", "The file is packed (7z); unpack it first."),
)
_BINARY = "The file is no text; a table comes as CSV or XLSX."
_EMPTY = "The file is empty."


class Line(NamedTuple):
    """One line of a table; `fault` says why it has no cells."""

    number: int
    """As an editor or a spreadsheet counts it, from 1."""
    cells: Sequence[Cell]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is read; what is None is found out."""

    encoding: Encoding | None = None
    delimiter: Delimiter | None = None
    sheet: str | None = None
    header_line: int = 1
    """Lines before it are passed over."""


@dataclass(frozen=True, slots=True)
class Table:
    """An open file: `form` as it was read, with nothing left to find out; `lines` can be gone through once."""

    header: list[str]
    form: Form
    sheets: list[str]
    """Of a workbook; empty for a text."""
    lines: Iterator[Line]


@contextmanager
def open_table(path: Path, form: Form) -> Iterator[Table]:
    """The table in a file.

    Raises:
        FileError: it is empty, no table, has no or doubtful column names, or no lines; while the lines are read, when
            a workbook breaks off.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(8)
    if not head:
        raise FileError(_EMPTY)
    for beginning, told in _OF_OTHERS:
        if head.startswith(beginning):
            raise FileError(told)
    if head.startswith(b"PK"):
        with open_sheet(path, form.sheet) as sheet:
            yield _of_sheet(sheet, form)
    else:
        with _open_text(path, form) as table:
            yield table


@contextmanager
def _open_text(path: Path, form: Form) -> Iterator[Table]:
    encoding = form.encoding or find_encoding(path)
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    try:
        with path.open(encoding=codec, errors="replace", newline="") as file:
            head = [line for _ in range(HEAD_LINES) if (line := file.readline(LINE_MOST))]
            _check_text(head)
            delimiter = form.delimiter or find_delimiter(head[form.header_line - 1 :])
            file.seek(0)
            for _ in range(form.header_line - 1):
                file.readline(LINE_MOST)
            records = read_records(file, delimiter)
            lines = (_line(record, form.header_line - 1) for record in records)
            header, rest = _header(lines)
            yield Table(header, Form(encoding, delimiter, None, form.header_line), [], rest)
    except UnicodeError:  # UTF-16 without its mark where one was said to be
        raise FileError("The file is not %(encoding)s; choose another encoding.", encoding=encoding) from None


def _of_sheet(sheet: Sheet, form: Form) -> Table:
    numbered = enumerate(islice(sheet.rows(), form.header_line - 1, None), start=form.header_line)
    lines = (Line(number, cells) for number, cells in numbered if any(cell != "" for cell in cells))
    header, rest = _header(lines)
    return Table(
        header, Form(None, None, form.sheet or next(iter(sheet.names), None), form.header_line), sheet.names, rest
    )


def _line(record: Record, before: int) -> Line:
    return Line(record.number + before, record.fields, record.fault)


def _check_text(head: list[str]) -> None:
    text = "".join(head)
    if not text.strip("\x00 \t\r\n\ufeff"):
        raise FileError(_EMPTY if not text.strip() else _BINARY)
    if len(_CONTROL.findall(text)) > CONTROLS_MOST * len(text):
        raise FileError(_BINARY)


def _header(lines: Iterator[Line]) -> tuple[list[str], Iterator[Line]]:
    first = next(lines, None)
    if first is None:
        raise FileError(_EMPTY)
    names = [name if isinstance(name, str) else "" for name in first.cells]
    names = [" ".join(name.split())[:HEADER_MOST] for name in names]
    _check_names(names, first)
    second = next(lines, None)
    if second is None:
        raise FileError("The file has column names and no lines below them.")
    return names, _chained(second, lines)


def _check_names(names: list[str], first: Line) -> None:
    if first.fault or len(names) > COLUMNS_MOST:
        told = "The file has %(has)s columns; at most %(most)s are taken." if not first.fault else "Line 1: %(fault)s."
        raise FileError(told, **({"fault": first.fault} if first.fault else _counts(names)))
    for place, name in enumerate(names, start=1):
        if _looks_like_a_value(first.cells[place - 1]):
            raise FileError(
                "Line %(line)s holds a value in column %(column)s; the file needs a line of column names.",
                line=str(first.number),
                column=str(place),
            )
        if name and name in names[: place - 1]:
            raise FileError("Two columns are called %(name)s; give each its own name.", name=repr(name))


def _counts(names: list[str]) -> dict[str, Any]:
    return {"has": f"{len(names):,}", "most": str(COLUMNS_MOST)}


def _looks_like_a_value(cell: Cell) -> bool:
    """A number, a date, an address: what could be somebody's, and is no name of a column."""
    if not isinstance(cell, str):
        return True
    digits = sum(sign.isdigit() for sign in cell)
    return "@" in cell or digits > DIGITS_MOST or (digits > 0 and not any(map(str.isalpha, cell)))


def _chained(first: Line, rest: Iterator[Line]) -> Iterator[Line]:
    yield first
    yield from rest
