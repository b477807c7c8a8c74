"""One column of a settled file as a function of a line: its cell's meaning, a constant, or what stands for nothing."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from server.imports.cells import NOTHING, CellError, Memo, in_our_words, instant, seconds_of_day, wall_time
from server.imports.file_errors import FileError
from server.imports.ground import Ground
from server.imports.mapping import MOMENTS
from server.imports.settling import Settled
from server.imports.sheets import Cell

T = TypeVar("T")
Getter = Callable[[Sequence[Cell]], T]


class ColumnError(ValueError):
    """A line cannot be taken for what stands in one of its columns."""

    def __init__(self, column: str, fault: str) -> None:
        super().__init__(fault)
        self.column = column


def required(settled: Settled, name: str, read: Callable[[Cell], T]) -> Getter[T]:
    """The field of a line; an empty cell is a fault.

    Raises:
        FileError: the field's constant is wrong.
    """

    def filled(cell: Cell) -> T:
        if cell == "":
            raise CellError(NOTHING)
        return read(cell)

    return _getter(settled, name, filled)


def optional(settled: Settled, name: str, read: Callable[[Cell], T], default: T) -> Getter[T]:
    """The field of a line, or `default` where the cell is empty or nothing was said of the field.

    Raises:
        FileError: the field's constant is wrong.
    """
    if not given(settled, name):
        return lambda _: default
    return _getter(settled, name, lambda cell: default if cell == "" else read(cell))


def given(settled: Settled, name: str) -> bool:
    """Whether a column or a constant says the field."""
    return bool(settled.mapping.columns.get(name) or settled.mapping.constants.get(name))


def moments(settled: Settled, ground: Ground) -> Getter[float]:
    """When a line was, in seconds UTC: from one column, or from a date's and a time's.

    Raises:
        FileError: a constant is wrong.
    """

    def wall(cell: Cell) -> datetime:
        return wall_time(cell, settled.formats)

    name = MOMENTS[settled.mapping.subject]
    if given(settled, name):
        return required(settled, name, lambda cell: instant(wall(cell), ground.zone))
    day, clock = required(settled, "date", wall), optional(settled, "time", seconds_of_day, 0)
    together = Memo[float](lambda both: instant(both[0] + timedelta(seconds=both[1]), ground.zone))
    return lambda cells: together[day(cells), clock(cells)]


def _getter(settled: Settled, name: str, read: Callable[[Cell], T]) -> Getter[T]:
    words = {theirs.strip().casefold(): ours for theirs, ours in settled.mapping.values.get(name, {}).items()}
    place, constant = settled.index(name), settled.mapping.constants.get(name, "")
    if place is None:
        try:
            always = read(constant)
        except CellError as error:
            raise FileError("The value for all lines of %(field)s %(fault)s.", field=name, fault=str(error)) from None
        return lambda _: always
    column, memo = settled.header[place], Memo[T](lambda cell: read(in_our_words(cell, words)))

    def get(cells: Sequence[Cell]) -> T:
        try:
            return memo[cells[place]]
        except CellError as error:
            raise ColumnError(column, str(error)) from None

    return get
