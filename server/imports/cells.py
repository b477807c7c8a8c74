"""From a cell to what it says: amounts, numbers, dates, words. What it does not say is told without the cell's text."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from contract.money import MOST
from server.imports.personal import NO, YES, plain_yes_or_no
from server.imports.sheets import Cell

Decimal = Literal["comma", "point"]
T = TypeVar("T")

NO_AMOUNT = "expected an amount such as 12.50 or 12,50"
THREE_PLACES = "has more than two decimal places"
TOO_LARGE = "is too large for an amount"
UNCLEAR_DECIMAL = "could be a thousand or a decimal; choose the decimal sign"
NO_NUMBER = "expected a number"
NO_WHOLE = "expected a whole number"
NO_SHARE = "expected a share, such as 34 % or 0.34"
NO_YES_OR_NO = "expected yes or no"
NO_DATE = "is no date of the form that was chosen"
NO_TIME = "expected a time such as 14:20"
NO_WORD = "is none of the words that can stand here; say in the mapping what it means"
NOTHING = "is empty"
UNREADABLE = "holds signs that this encoding does not have"

_MONEY = re.compile(r"[\s'’\u00a0\u202f]|[₽€$£¥₸]|руб\.?|р\.$", re.IGNORECASE)
_PLAIN = re.compile(r"[-−+]?\d+(?:[.,]\d+)?")
_TOKENS = {
    "yyyy": r"(?P<y>\d{4})",
    "yy": r"(?P<yy>\d{2})",
    "mm": r"(?P<m>\d{1,2})",
    "dd": r"(?P<d>\d{1,2})",
    "HH": r"(?P<H>\d{1,2})",
    "MM": r"(?P<M>\d{2})",
    "SS": r"(?P<S>\d{2})(?:[.,]\d+)?",
    "AM": r"(?P<half>[AaPp])\.?[Mm]\.?",
}
_FORMAT = re.compile("|".join(_TOKENS))


class CellError(ValueError):
    """A cell does not say what it should."""


def text(cell: Cell) -> str:
    """A cell as text; a whole number as it is written.

    Raises:
        CellError: it holds signs that could not be decoded.
    """
    said = f"{cell:.15g}" if isinstance(cell, float) else " ".join(str(cell).replace("\x00", "\ufffd").split())
    if "\ufffd" in said:
        raise CellError(UNREADABLE)
    return said


def number(cell: Cell, decimal: Decimal | None) -> float:
    """A number; `decimal` None where nothing in the file tells what its decimal sign is.

    Raises:
        CellError: it is none, or one that could be read in two ways.
    """
    if isinstance(cell, float):
        return cell
    plain = _MONEY.sub("", str(cell)).replace("−", "-")
    if decimal == "comma":
        plain = _without_thousands(plain, ".", ",").replace(",", ".")
    elif decimal == "point":
        plain = _without_thousands(plain, ",", ".")
    elif "," in plain or "." in plain:
        raise CellError(UNCLEAR_DECIMAL)
    if not _PLAIN.fullmatch(plain) or "," in plain:
        raise CellError(NO_NUMBER)
    return float(plain)


def hundredths(cell: Cell, decimal: Decimal | None, *, rounded: bool = False) -> int:
    """An amount of money in hundredths; `rounded` where it was worked out and has places to spare.

    Raises:
        CellError: it is none, has more than two decimal places, or is too large.
    """
    try:
        exact = number(cell, decimal) * 100
    except CellError as error:
        raise CellError(UNCLEAR_DECIMAL if str(error) == UNCLEAR_DECIMAL else NO_AMOUNT) from None
    if not abs(exact) <= MOST:
        raise CellError(TOO_LARGE)
    whole = round(exact)
    # Floats of a sheet, and numbers read here, are off by far less than a thousandth.
    if not rounded and abs(exact - whole) > 0.001:
        raise CellError(THREE_PLACES)
    return whole


def whole(cell: Cell, decimal: Decimal | None) -> int:
    """A whole number of things.

    Raises:
        CellError: it is none.
    """
    try:
        found = number(cell, decimal)
    except CellError:
        raise CellError(NO_WHOLE) from None
    if not found.is_integer():
        raise CellError(NO_WHOLE)
    return int(found)


def share(cell: Cell, decimal: Decimal | None) -> float:
    """A share from 0 to 1; `34 %` and 34 are 0.34, and 0.34 is itself.

    Raises:
        CellError: it is none.
    """
    said = str(cell).rstrip() if isinstance(cell, str) else ""
    try:
        found = number(said.removesuffix("%") if said else cell, decimal)
    except CellError:
        raise CellError(NO_SHARE) from None
    found = found / 100 if said.endswith("%") or found > 1 else found
    if not 0 <= found <= 1:
        raise CellError(NO_SHARE)
    return found


def yes(cell: Cell) -> bool:
    """Yes or no in English or Russian, as sign or digit; nothing is no.

    Raises:
        CellError: it is neither.
    """
    plain = plain_yes_or_no(cell)
    if plain not in YES | NO:
        raise CellError(NO_YES_OR_NO)
    return plain in YES


def wall_time(cell: Cell, formats: tuple[str, ...]) -> datetime:
    """A date, with its time where there is one; without a zone unless the text carries an offset.

    Raises:
        CellError: it is of none of the formats.
    """
    if isinstance(cell, datetime):
        return cell
    said = str(cell).strip()
    for shape in formats:
        found = _iso(said) if shape == "iso" else _shaped(said, shape)
        if found is not None:
            return found
    raise CellError(NO_DATE)


def seconds_of_day(cell: Cell) -> int:
    """A time of day; of a sheet also the fraction of a day it is kept as.

    Raises:
        CellError: it is none.
    """
    if isinstance(cell, datetime):
        return cell.hour * 3600 + cell.minute * 60 + cell.second
    if isinstance(cell, float) and 0 <= cell < 1:
        return round(cell * 86_400) % 86_400
    found = re.fullmatch(r"(\d{1,2})(?::(\d{2})(?::(\d{2})(?:[.,]\d+)?)?)?", text(cell))
    hour, minute, second = (int(part or 0) for part in found.groups()) if found else (24, 0, 0)
    if hour > 23 or minute > 59 or second > 59:
        raise CellError(NO_TIME)
    return hour * 3600 + minute * 60 + second


def month(cell: Cell, formats: tuple[str, ...]) -> str:
    """A month as 2026-03, from that or from a date in it.

    Raises:
        CellError: it is none.
    """
    if isinstance(cell, str) and re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", cell.strip()):
        return cell.strip()
    return wall_time(cell, formats).strftime("%Y-%m")


def instant(wall: datetime, zone: ZoneInfo) -> float:
    """Seconds UTC of a wall time in the store's zone, or of one that carries an offset."""
    return (wall if wall.tzinfo else wall.replace(tzinfo=zone)).timestamp()


def fits_format(shape: str) -> bool:
    """Whether this is a format of a date: `iso`, or one with a year, a month and a day."""
    return shape == "iso" or all(re.search(token, shape) for token in ("yy", "mm", "dd"))


class Memo(dict[Any, T]):
    """What cells say, remembered: files say the same things again and again. Bounded; errors are not kept."""

    def __init__(self, read: Callable[[Any], T], most: int = 100_000) -> None:
        super().__init__()
        self._read, self._most = read, most

    def __missing__(self, cell: Cell) -> T:
        if len(self) >= self._most:
            self.clear()
        self[cell] = found = self._read(cell)
        return found


def in_our_words(cell: Cell, words: Mapping[str, str]) -> Cell:
    """The cell, or what the mapping says its word means."""
    if not words:
        return cell
    return words.get((f"{cell:.15g}" if isinstance(cell, float) else str(cell)).strip().casefold(), cell)


def _without_thousands(plain: str, thousands: str, decimal: str) -> str:
    if thousands not in plain:
        return plain
    before = plain.partition(decimal)[0]
    if not re.fullmatch(rf"[-+]?\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+", before):
        raise CellError(NO_NUMBER)
    return plain.replace(thousands, "")


def _iso(said: str) -> datetime | None:
    try:
        return datetime.fromisoformat(said) if len(said) >= 10 and said[4] == "-" else None
    except ValueError:
        return None


@cache
def _pattern(shape: str) -> re.Pattern[str]:
    parts = re.split(f"({_FORMAT.pattern})", shape)
    return re.compile("".join(_TOKENS.get(part) or re.escape(part) for part in parts))


def _shaped(said: str, shape: str) -> datetime | None:
    found = _pattern(shape).fullmatch(said)
    if found is None:
        return None
    part = found.groupdict()
    year = int(part["y"]) if part.get("y") else 2000 + int(part["yy"])
    hour = int(part.get("H") or 0)
    if half := part.get("half"):
        hour = hour % 12 + (12 if half in "Pp" else 0)
    try:
        day = date(year, int(part["m"]), int(part["d"]))
        return datetime(day.year, day.month, day.day, hour, int(part.get("M") or 0), int(part.get("S") or 0))
    except ValueError:
        return None
