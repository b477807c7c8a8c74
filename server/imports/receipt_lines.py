"""Lines of a file as lines of receipts, those of one receipt together.

Tills write a receipt's lines one after the other, but exports of several tills may be mixed. So up to `OPEN_MOST`
receipts are kept open; the one that began first is handed on when there are more. A line of a receipt that was handed
on already is not taken, and said to be so: it comes too far from the others for a file of any size to be read in
little memory.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from server.imports import tables
from server.imports.cells import NO_WORD, CellError, hundredths, number, text, wall_time, yes
from server.imports.columns import ColumnError, given, moments, optional, required
from server.imports.ground import Ground, coupon_of, id_of, sku_of
from server.imports.receipts import Fault, Line
from server.imports.settling import Settled
from server.imports.sheets import Cell

OPEN_MOST = 5000
APART_MOST_S = 7200.0
"""Between the lines of one receipt."""
LINES_MOST = 1000
"""Of one receipt, as in a message."""
CATEGORIES_MOST = 2000
QUANTITY_MOST = 100_000.0
ID_MOST = 120

BELOW_ZERO = "is below zero; say in the mapping that such lines are goods brought back"
NOT_ABOVE_ZERO = "expected a number above zero, and no more than 100,000"
NO_CATEGORY = "names neither a category nor an article"
APART = "lies hours from its receipt's first line; if receipt numbers begin anew each day, say so in the mapping"
TOO_LATE = "belongs to a receipt that ended far above; bring the lines of each receipt together"
TOO_MANY = "belongs to a receipt of more than 1,000 lines"
LONG_ID = "is longer than 120 signs"

_RETURNED = {
    **dict.fromkeys(("", "sale", "продажа", "приход", "реализация"), False),
    **dict.fromkeys(
        ("return", "refund", "возврат", "возврат прихода", "возврат продажи", "возврат от покупателя"), True
    ),
}

Entry = Line | Fault


def read_receipts(lines: Iterable[tables.Line], reader: "ReceiptReader") -> Iterator[Entry]:
    """What to take of each line, or why not, with the lines of a receipt together."""
    return _together(_entries(lines, reader))


class ReceiptReader:
    """Reads a line's cells, by a settled mapping."""

    def __init__(self, settled: Settled, ground: Ground) -> None:
        """Prepare its columns.

        Raises:
            FileError: a value that stands for all lines is wrong.
        """
        self.names: dict[str, str] = {}
        """What the file calls its categories, by id."""
        self._ground = ground
        money = partial(hundredths, decimal=settled.decimal)
        rounded = partial(hundredths, decimal=settled.decimal, rounded=True)
        mapping, decimal = settled.mapping, settled.decimal
        self._by_day, self._negative = mapping.daily_numbers, mapping.negative_returns
        self._gross_column = mapping.columns.get("gross", "")
        self._id, self._till = required(settled, "id", _name), optional(settled, "till", _name, "")
        self._t = moments(settled, ground)
        self._day = optional(settled, "t" if given(settled, "t") else "date", partial(_day, settled.formats), "")
        self._card = optional(settled, "has_card", yes, default=False)
        self._returned = optional(settled, "kind", _returned, default=False)
        self._category = optional(settled, "category", self._named, "")
        self._sku = optional(settled, "sku", sku_of, "")
        self._quantity = optional(settled, "quantity", partial(number, decimal=decimal), 1.0)
        self._gross = required(settled, "gross", money)
        self._margin = optional(settled, "margin", rounded, None)
        self._cost = optional(settled, "cost", rounded, None)
        self._discount = optional(settled, "discount", money, 0)
        self._offer = optional(settled, "offer", partial(id_of, known={}), "")
        self._coupon = optional(settled, "coupon", coupon_of, "")

    def _named(self, cell: Cell) -> str:
        category = id_of(cell, self._ground.categories)
        if len(self.names) < CATEGORIES_MOST:
            self.names[category] = text(cell)
        return category

    def key(self, cells: Sequence[Cell]) -> str:
        """The receipt a line belongs to.

        Raises:
            ColumnError: that cannot be read.
        """
        till, day = self._till(cells), self._day(cells) if self._by_day else ""
        return "/".join(part for part in (day, till, self._id(cells)) if part)

    def line(self, place: int, receipt: str, cells: Sequence[Cell]) -> Line:
        """The line.

        Raises:
            ColumnError: a cell does not say what it should.
        """
        gross, quantity, discount = self._gross(cells), self._quantity(cells), self._discount(cells)
        cost, margin = self._cost(cells), self._margin(cells)
        margin = gross - cost if margin is None and cost is not None else margin
        returned, category, sku = self._returned(cells), self._category(cells), self._sku(cells)
        if gross < 0 and self._negative:
            gross, quantity, discount, returned = -gross, abs(quantity), abs(discount), True
            margin, receipt = None if margin is None else -margin, f"{receipt}/return"
        if gross < 0 or discount < 0:
            raise ColumnError(self._gross_column, BELOW_ZERO)
        if not 0 < quantity <= QUANTITY_MOST:
            raise ColumnError("quantity", NOT_ABOVE_ZERO)
        if not category and not sku:
            raise ColumnError("category", NO_CATEGORY)
        return Line(
            place, receipt, self._t(cells), self._card(cells), returned, category, sku, quantity, gross, margin,
            discount, self._offer(cells), self._coupon(cells),
        )  # fmt: skip


class Met:
    """Which receipts were handed on, in eight bytes each."""

    def __init__(self) -> None:
        self._recent: set[int] = set()
        self._sorted: npt.NDArray[np.int64] = np.empty(0, np.int64)

    def __contains__(self, key: str) -> bool:
        mark = hash(key)
        place = int(self._sorted.searchsorted(mark))
        return mark in self._recent or (place < len(self._sorted) and int(self._sorted[place]) == mark)

    def add(self, key: str) -> None:
        """Remember it."""
        self._recent.add(hash(key))
        if len(self._recent) >= 1 << 17:
            self._sorted = np.sort(np.concatenate([self._sorted, np.fromiter(self._recent, np.int64)]))
            self._recent.clear()


def _entries(lines: Iterable[tables.Line], reader: ReceiptReader) -> Iterator[Entry]:
    for line in lines:
        if line.fault:
            yield Fault(line.number, "", line.fault)
            continue
        key = ""
        try:
            key = reader.key(line.cells)
            yield reader.line(line.number, key, line.cells)
        except ColumnError as error:
            yield Fault(line.number, error.column, str(error), key)


def _together(entries: Iterable[Entry]) -> Iterator[Entry]:
    waiting: dict[str, list[Entry]] = {}
    met = Met()
    for entry in entries:
        found = waiting.get(entry.receipt)
        if not entry.receipt:
            yield entry
        elif found is not None:
            found.append(entry)
        elif entry.receipt in met:
            yield Fault(entry.place, "", TOO_LATE)
        else:
            waiting[entry.receipt] = [entry]
            if len(waiting) > OPEN_MOST:
                first = next(iter(waiting))
                met.add(first)
                yield from _agreed(waiting.pop(first))
    for rest in waiting.values():
        yield from _agreed(rest)


def _agreed(entries: list[Entry]) -> Iterator[Entry]:
    """One receipt's lines at one time, with a card if any of them says so."""
    lines = [entry for entry in entries if isinstance(entry, Line)]
    if len(lines) < 2:
        yield from entries
        return
    t, card = lines[0].t, any(line.has_card for line in lines)
    for n, entry in enumerate(entries):
        if isinstance(entry, Fault):
            yield entry
        elif abs(entry.t - t) > APART_MOST_S or n >= LINES_MOST:
            yield Fault(entry.place, "", APART if n < LINES_MOST else TOO_MANY, entry.receipt)
        else:
            yield entry if entry.t == t and entry.has_card == card else entry._replace(t=t, has_card=card)


def _day(formats: tuple[str, ...], cell: Cell) -> str:
    return wall_time(cell, formats).date().isoformat()


def _returned(cell: Cell) -> bool:
    found = _RETURNED.get(text(cell).casefold())
    if found is None:
        raise CellError(NO_WORD)
    return found


def _name(cell: Cell) -> str:
    said = text(cell)
    if len(said) > ID_MOST:
        raise CellError(LONG_ID)
    return said
