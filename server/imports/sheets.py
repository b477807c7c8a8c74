"""Sheets of an XLSX workbook as rows of cells, read by a process of its own (`sheet_worker`)."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any, TypeAlias

from server.imports.file_errors import FileError

UNPACKED_MOST_BYTES = 600_000_000
"""Of all that a workbook's archive says it holds: about a million lines of fifteen columns."""
_WORKER = Path(__file__).with_name("sheet_worker.py")

BROKEN = "The workbook is broken; open it, save it as XLSX or CSV, and send that."
TOO_MUCH = "The workbook needs too much memory or time; save the sheet as CSV and send that."

Cell: TypeAlias = str | float | datetime
"""A text, a number or a wall time without a zone."""


def check_workbook(path: Path) -> None:
    """Refuse an archive that is no workbook, or holds too much.

    Raises:
        FileError: says which.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise FileError(BROKEN) from None
    if not any(entry.filename == "xl/workbook.xml" for entry in entries):
        raise FileError("The file is an archive and no XLSX workbook; unpack it, and send the table in it.")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > UNPACKED_MOST_BYTES:
        details = {"has": f"{unpacked / 1e6:,.0f}", "most": f"{UNPACKED_MOST_BYTES / 1e6:,.0f}"}
        raise FileError(
            "The workbook unpacks to %(has)s MB; at most %(most)s are taken. Save the sheet as CSV.", **details
        )


class Sheet:
    """One sheet of a workbook: `names` of all, and the rows of the one asked for."""

    def __init__(self, names: list[str], lines: IO[bytes]) -> None:
        self.names, self._lines = names, lines

    def rows(self) -> Iterator[list[Cell]]:
        """Row by row."""
        for line in self._lines:
            yield [_cell(value) for value in json.loads(line)]


@contextmanager
def open_sheet(path: Path, name: str | None) -> Iterator[Sheet]:
    """The sheet `name` of a workbook, or its first.

    Raises:
        FileError: it is broken, too large, or has no such sheet; also after the rows, when it breaks within them.
    """
    check_workbook(path)
    command = [sys.executable, "-I", str(_WORKER), str(path), name or ""]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}) as worker:  # noqa: S603 - our own script
        if worker.stdout is None:
            raise FileError(BROKEN)
        try:
            head = worker.stdout.readline()
            _check_end(worker, over=not head)
            names = json.loads(head)["sheets"]
            if name and name not in names:
                raise FileError("The workbook has no sheet %(sheet)s; choose another.", sheet=repr(name))
            yield Sheet(names, worker.stdout)
            _check_end(worker, over=not worker.stdout.read(1))  # else nobody wanted the rest
        finally:
            worker.kill()


def _check_end(worker: "subprocess.Popen[bytes]", *, over: bool) -> None:
    if over and worker.wait():
        raise FileError(BROKEN if worker.returncode == 1 else TOO_MUCH)


def _cell(value: Any) -> Cell:  # noqa: ANN401 - whatever JSON holds
    match value:
        case dict():
            return datetime.fromisoformat(value["at"])
        case bool():
            return "1" if value else "0"
        case int() | float():
            return float(value)
        case _:
            return str(value)
