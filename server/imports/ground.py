"""What must be known of a store to read its files: its clock, and what its categories and zones are called."""

import re
from dataclasses import dataclass, field
from zlib import crc32
from zoneinfo import ZoneInfo

from server.imports.cells import CellError, text
from server.imports.sheets import Cell
from server.naming import id_for

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,63}")
_COUPON = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
NOTHING_LEFT = "is empty"


@dataclass(frozen=True, slots=True)
class Ground:
    """A store as its files are read."""

    zone: ZoneInfo
    categories: dict[str, str] = field(default_factory=dict)
    """Id by what people call it, in lower case."""
    zones: dict[str, str] = field(default_factory=dict)
    """The same."""


def id_of(cell: Cell, known: dict[str, str]) -> str:
    """The id that is known by this name, or made of it: `Молоко` is `moloko`, in every file.

    Raises:
        CellError: the cell is empty or cannot be read.
    """
    name = text(cell)
    if not name:
        raise CellError(NOTHING_LEFT)
    return known.get(name.casefold()) or (name if _ID.fullmatch(name) else _made(name))


def sku_of(cell: Cell) -> str:
    """An article's number; Russian letters in it become Latin ones.

    Raises:
        CellError: the cell is empty or cannot be read.
    """
    return _code(cell, _CODE)


def coupon_of(cell: Cell) -> str:
    """A coupon's code; Russian letters in it become Latin ones.

    Raises:
        CellError: the cell is empty or cannot be read.
    """
    return _code(cell, _COUPON)


def _code(cell: Cell, pattern: re.Pattern[str]) -> str:
    said = text(cell)
    if not said:
        raise CellError(NOTHING_LEFT)
    return said if pattern.fullmatch(said) else _made(said)


def _made(name: str) -> str:
    return id_for(name, (), otherwise=f"n-{crc32(name.casefold().encode()):08x}")
