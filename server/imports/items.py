"""Lines of a file as entries of the documents that are not of receipts; their shapes are checked on the way in."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from contract.loyalty import Subject
from server.imports import cells as meaning
from server.imports import tables
from server.imports.cells import NO_WORD, CellError, text
from server.imports.columns import ColumnError, Getter, given, moments, optional
from server.imports.fields import FIELDS, Field
from server.imports.ground import Ground, id_of, sku_of
from server.imports.mapping import MOMENTS
from server.imports.receipts import Fault, Item
from server.imports.settling import Settled
from server.imports.sheets import Cell

_DAYS = {
    **{str(day): day for day in range(7)},
    **{name: day for day, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))},
    **{name: day for day, name in enumerate(("пн", "вт", "ср", "чт", "пт", "сб", "вс"))},
}
_NOT_IN_DOCUMENT: dict[Subject, frozenset[str]] = {"sales": frozenset({"date", "time", "start", "cost"})}
_KEYS = {"cohort": "joined"}
"""Fields whose key in the document is another."""


def read_items(lines: Iterable[tables.Line], reader: "ItemReader") -> Iterator[Item | Fault]:
    """What to take of each line, or why not. The categories that a table of articles names come before them."""
    for line in lines:
        if line.fault:
            yield Fault(line.number, "", line.fault)
            continue
        try:
            yield from reader.items(line.number, line.cells)
        except ColumnError as error:
            yield Fault(line.number, error.column, str(error))


class ItemReader:
    """Reads a line's cells, by a settled mapping."""

    def __init__(self, settled: Settled, ground: Ground) -> None:
        """Prepare its columns.

        Raises:
            FileError: a value that stands for all lines is wrong.
        """
        subject, self._part = settled.mapping.subject, settled.mapping.part.name
        self._known, self._told = frozenset(ground.categories.values()), set[str]()
        apart = _NOT_IN_DOCUMENT.get(subject, frozenset())
        kinds = _readers(settled, ground)
        self._getters: dict[str, Getter[Any]] = {
            _KEYS.get(field.name, field.name): optional(settled, field.name, _reader(field, kinds), None)
            for field in FIELDS[subject]
            if field.name not in apart and given(settled, field.name)
        }
        self._start = moments(settled, ground) if subject in MOMENTS else None
        self._cost = optional(settled, "cost", kinds["rounded"], None) if "cost" in apart else None
        self._category_name = optional(settled, "category", text, "") if subject == "catalogue" else None

    def items(self, place: int, cells: Sequence[Cell]) -> Iterator[Item]:
        """The entry of a line; before it, its category where that is new.

        Raises:
            ColumnError: a cell does not say what it should.
        """
        told = {name: value for name, get in self._getters.items() if (value := get(cells)) is not None}
        if self._start is not None:
            told["start"] = datetime.fromtimestamp(self._start(cells), UTC).isoformat()
        if self._cost is not None and "margin" not in told and (cost := self._cost(cells)) is not None:
            told["margin"] = round(told.get("gross", 0) - cost, 2)
        if self._part == "placings":
            told.setdefault("zone", None)
        if self._category_name is not None:
            yield from self._category(place, told, self._category_name(cells))
        yield Item(place, self._part, told)

    def _category(self, place: int, told: dict[str, Any], name: str) -> Iterator[Item]:
        if self._part == "categories":
            told.setdefault("name", name)
        elif (category := told.get("category")) and category not in self._known | self._told:
            self._told.add(category)
            yield Item(place, "categories", {"category": category, "name": name})


def _reader(field: Field, kinds: dict[str, Callable[[Cell], Any]]) -> Callable[[Cell], Any]:
    return kinds.get(field.name) or kinds[field.kind]


def _readers(settled: Settled, ground: Ground) -> dict[str, Callable[[Cell], Any]]:
    """How cells are read, by kind of field, and by its name where that needs more."""
    decimal = settled.decimal
    return {
        "text": text,
        "word": lambda cell: text(cell).casefold(),
        "id": partial(id_of, known={}),
        "zone": partial(id_of, known=ground.zones),
        "code": sku_of,
        "category": partial(id_of, known=ground.categories),
        "categories": lambda cell: [id_of(part, ground.categories) for part in _parts(cell)],
        "amount": lambda cell: meaning.hundredths(cell, decimal) / 100,
        "rounded": lambda cell: meaning.hundredths(cell, decimal, rounded=True) / 100,
        "number": partial(meaning.number, decimal=decimal),
        "whole": partial(meaning.whole, decimal=decimal),
        "share": partial(meaning.share, decimal=decimal),
        "date": lambda cell: meaning.wall_time(cell, settled.formats).date().isoformat(),
        "cohort": partial(meaning.month, formats=settled.formats),
        "yes": meaning.yes,
        "weekdays": _weekdays,
        "words": lambda cell: [part.casefold() for part in _parts(cell)],
    }


def _parts(cell: Cell) -> list[str]:
    return [part.strip() for part in re.split(r"[|,;]", text(cell)) if part.strip()]


def _weekdays(cell: Cell) -> list[int]:
    """`mon-fri`, `сб, вс`, `0,1`: 0 is Monday."""
    found: list[int] = []
    for part in _parts(cell):
        first, _, last = part.casefold().partition("-")
        ends = [_DAYS.get(end.strip()[:3], _DAYS.get(end.strip()[:2])) for end in (first, last or first)]
        if ends[0] is None or ends[1] is None or ends[1] < ends[0]:
            raise CellError(NO_WORD)
        found += range(ends[0], ends[1] + 1)
    return sorted(set(found))
