"""What a mapping leaves open, found out from the first lines of a file: decimal sign and format of dates.

Formats are tried on what stands there; the one that fits most is taken. Where day and month could change places in
every line, nothing is guessed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path
from typing import Any

from server.imports.cells import CellError, Decimal, wall_time
from server.imports.fields import Kind, field
from server.imports.file_errors import FileError
from server.imports.mapping import MOMENTS, Mapping
from server.imports.personal import holds_yes_and_no
from server.imports.sheets import Cell
from server.imports.tables import Form, Line, open_table

SAMPLE = 1000
"""Lines."""
_DAYS = ("dd.mm.yyyy", "dd/mm/yyyy", "mm/dd/yyyy", "dd-mm-yyyy", "yyyy/mm/dd", "yyyy.mm.dd", "dd.mm.yy", "yyyymmdd")
_TIMES = ("", " HH:MM:SS", " HH:MM", "THH:MM:SS", ", HH:MM", " HH:MM:SS AM", " HH:MM AM")
_SHAPES = ("iso", *(day + time for day, time in product(_DAYS, _TIMES)))
_WITH_DECIMALS: frozenset[Kind] = frozenset({"amount", "rounded", "number", "share"})
_OF_DATES: frozenset[Kind] = frozenset({"date", "moment", "month"})


@dataclass(frozen=True, slots=True)
class Settled:
    """A mapping with nothing left open for this file."""

    mapping: Mapping
    header: list[str]
    form: Form
    sheets: list[str]
    decimal: Decimal | None
    """None: no number of the sample has a decimal sign."""
    formats: tuple[str, ...]

    def index(self, name: str) -> int | None:
        """Where the field's column stands; None where it has none."""
        column = self.mapping.columns.get(name)
        return self.header.index(column) if column else None


def settle(path: Path, mapping: Mapping) -> Settled:
    """Look at the first lines of a file.

    Raises:
        FileError: the file cannot be read; a column of the mapping is not there, or holds what it must not; a date
            could be read in two ways.
        OSError: it cannot be read.
    """
    with open_table(path, mapping.form) as table:
        header, form, sheets = table.header, table.form, table.sheets
        sample = list(islice(table.lines, SAMPLE))
    for column in mapping.columns.values():
        if column not in header:
            raise FileError("The file has no column %(column)s; choose another.", column=repr(column))
    found = Settled(mapping, header, form, sheets, None, ())
    _check_card(found, sample)
    decimal = _decimal(_cells(found, sample, _WITH_DECIMALS)) if mapping.decimal == "auto" else mapping.decimal
    formats = tuple(mapping.dates) or _formats(list(_cells(found, sample, _OF_DATES)))
    _check_time(mapping, formats, sample, found)
    return Settled(mapping, header, form, sheets, decimal, formats)


def _cells(found: Settled, sample: Sequence[Line], kinds: frozenset[Kind]) -> Iterable[Cell]:
    places = [found.index(name) for name in found.mapping.columns if field(found.mapping.subject, name).kind in kinds]
    return (cell for line in sample if line.cells for place in places if (cell := line.cells[place or 0]) != "")


def _check_card(found: Settled, sample: Sequence[Line]) -> None:
    place = found.index("has_card")
    if place is None or "has_card" in found.mapping.values:
        return
    if not holds_yes_and_no(line.cells[place] for line in sample if line.cells):
        raise FileError(
            "Column %(column)s holds more than yes and no, so that it could name a person; it is not read. "
            "Send a column that says only whether a card was shown.",
            column=repr(found.mapping.columns["has_card"]),
        )


def _decimal(cells: Iterable[Cell]) -> Decimal | None:
    """By the last sign before one or two digits at the end; three digits could be thousands."""
    seen = {"comma": 0, "point": 0}
    for cell in cells:
        digits = cell.rstrip(" %₽€$£₸") if isinstance(cell, str) else ""
        for name, sign, other in (("comma", ",", "."), ("point", ".", ",")):
            whole, mark, rest = digits.rpartition(sign)
            if mark and rest.isdigit() and (len(rest) != 3 or other in whole or whole in {"0", "-0"}):
                seen[name] += 1
    if not any(seen.values()):
        return None
    return "comma" if seen["comma"] >= seen["point"] else "point"


def _formats(cells: Sequence[Cell]) -> tuple[str, ...]:
    texts = {str(cell).strip() for cell in cells if isinstance(cell, str)}
    if not texts:
        return ("iso",)
    fits = {shape: sum(_is_date(text, shape) for text in texts) for shape in _SHAPES}
    best = max(fits.values())
    if best * 2 < len(texts):
        raise FileError("The dates of the file are in no form that is known; say which in the mapping.")
    chosen = [shape for shape in _SHAPES if fits[shape] == best]
    if chosen[0].startswith("dd/") and any(shape.startswith("mm/") for shape in chosen):
        raise FileError("The dates of the file could begin with the day or with the month; say which in the mapping.")
    return (chosen[0], *(shape for shape in _SHAPES if fits[shape] and _like(shape, chosen[0])))


def _like(shape: str, chosen: str) -> bool:
    """The same date with another time, such as with seconds in some lines."""
    return shape != chosen and shape[:5] == chosen[:5] and chosen != "iso"


def _is_date(text: str, shape: str) -> bool:
    try:
        wall_time(text, (shape,))
    except CellError:
        return False
    return True


def _check_time(mapping: Mapping, formats: Sequence[str], sample: Sequence[Line], found: Settled) -> None:
    if mapping.subject != "receipts" or mapping.columns.get("time") or "time" in mapping.constants:
        return
    place = found.index(MOMENTS["receipts"]) if "t" in mapping.columns else found.index("date")
    if place is None:
        return
    texts: list[Any] = [line.cells[place] for line in sample if line.cells]
    timeless = [cell for cell in texts if isinstance(cell, str) and ":" not in cell]
    if texts and len(timeless) == len(texts):
        raise FileError(
            "Column %(column)s has no time of day, which receipts need; sums of a day come as sales.",
            column=repr(found.header[place]),
        )
