"""The first lines of a file as they would be taken, so that a wrong guess is seen before it counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from server.imports.ground import Ground
from server.imports.items import ItemReader, read_items
from server.imports.mapping import Mapping, is_refused
from server.imports.personal import may_say_whether_card
from server.imports.receipt_lines import ReceiptReader, read_receipts
from server.imports.receipts import Fault, Item, Line
from server.imports.settling import Settled, settle
from server.imports.tables import open_table

LINES = 20


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file; `field` is what of ours it is."""

    name: str
    could_name_person: bool
    """It is not read at all."""
    field: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as it would be taken: `told` by field, or what is wrong, by column."""

    line: int
    told: dict[str, Any]
    faults: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Preview:
    """How a file would be read."""

    settled: Settled
    columns: list[Column]
    missing: list[str]
    lines: list[Shown]
    """Empty while something is missing."""


def columns_of(header: list[str], mapping: Mapping) -> list[Column]:
    """The columns of a file, with what the mapping makes of them."""
    fields = {column: name for name, column in mapping.columns.items()}
    return [Column(name, _refused(mapping, name), fields.get(name)) for name in header if name]


def preview(path: Path, mapping: Mapping, ground: Ground) -> Preview:
    """The first lines of a file, by a mapping.

    Raises:
        FileError: the file or the mapping cannot be used; says why.
        OSError: the file cannot be read.
    """
    settled, missing = settle(path, mapping), mapping.missing()
    lines = [] if missing else _lines(path, settled, ground)
    return Preview(settled, columns_of(settled.header, mapping), missing, lines)


def _refused(mapping: Mapping, column: str) -> bool:
    """A column for the card may be read as yes and no."""
    return not may_say_whether_card(column) and is_refused(mapping.subject, "", column)


def _lines(path: Path, settled: Settled, ground: Ground) -> list[Shown]:
    with open_table(path, settled.form) as table:
        first = islice(table.lines, LINES)
        if settled.mapping.subject == "receipts":
            entries: Iterable[Line | Item | Fault] = read_receipts(first, ReceiptReader(settled, ground))
        else:
            entries = read_items(first, ItemReader(settled, ground))
        return _by_line(list(entries))


def _by_line(entries: list[Line | Item | Fault]) -> list[Shown]:
    shown: dict[int, Shown] = {}
    for entry in sorted(entries, key=lambda entry: entry.place):
        at = shown.setdefault(entry.place, Shown(entry.place, {}, []))
        match entry:
            case Fault():
                at.faults.append((entry.column, entry.fault))
            case Line():
                at.told.update(_told(entry))
            case Item():
                at.told.update(entry.told)
    return list(shown.values())


def _told(line: Line) -> dict[str, Any]:
    """As the contract writes it; whatever the receipt is called stays out."""
    money = {"gross": line.gross_c, "margin": line.margin_c, "discount": line.discount_c}
    plain = {
        "t": line.t,
        "has_card": line.has_card,
        "kind": "return" if line.returned else "sale",
        "category": line.category,
        "sku": line.sku,
        "quantity": line.quantity,
        "offer": line.offer,
        "coupon": line.coupon,
    }
    amounts = {name: cents / 100 for name, cents in money.items() if cents is not None}
    return {name: value for name, value in plain.items() if value != ""} | amounts
