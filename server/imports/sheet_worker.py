"""Runs alone, as a script: a workbook from its first argument, one sheet of it to stdout, row by row.

A workbook may be made to do harm, or name a cell in its last corner, so that it needs a terabyte as a rectangle: so it
is read by a process that may use only so much memory and time, and can write nothing.

Arguments: the path, and the sheet's name or nothing for the first. Out: a line of JSON {"sheets": [...]}, then an array
for each row: texts, numbers, true and false, and {"at": ISO 8601} for a date.
"""

import datetime
import json
import resource
import sys

from python_calamine import CalamineError, CalamineWorkbook

MEMORY_BYTES = 1_500_000_000
CPU_S = 120


def main() -> int:
    """Write the sheet."""
    for limit, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
    ):
        resource.setrlimit(limit, (most, most))
    path, name = sys.argv[1:]
    try:
        with CalamineWorkbook.from_path(path) as book:
            chosen = name or book.sheet_names[0]
            rows = book.get_sheet_by_name(chosen).iter_rows() if chosen in book.sheet_names else iter(())
            tell({"sheets": book.sheet_names})
            for row in rows:
                tell([cell(value) for value in row])
    except (CalamineError, OSError, IndexError):
        return 1
    except MemoryError:
        return 2
    return 0


def tell(what: object) -> None:
    """One line of JSON."""
    sys.stdout.write(json.dumps(what) + "\n")


def cell(value: object) -> object:
    """A cell as JSON has it."""
    match value:
        case datetime.datetime() | datetime.date():
            return {"at": value.isoformat()}
        case datetime.time():
            return value.isoformat()
        case datetime.timedelta():
            return str(value)
        case _:
            return value


if __name__ == "__main__":
    sys.exit(main())
