"""Which columns of a file could name a person, by what they are called. They are never read."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

from contract.personal import names_person

YES = frozenset({"1", "y", "yes", "true", "+", "да", "д", "истина"})
NO = frozenset({"0", "n", "no", "false", "-", "", "нет", "н", "ложь"})

_RUSSIAN = re.compile(
    r"\b(карт[аыуе]|карточк\w+|телефон\w*|тел|моб\w*|почт\w+|e-?mail|фио|ф\.и\.о|имя|отчество|фамили\w+|кассир\w*|"
    r"продав\w+|сотрудник\w*|оператор\w*|клиент\w*|покупател\w+|держател\w+|владел\w+|адрес\w*|рожден\w+|паспорт\w*|"
    r"снилс|инн|пол|возраст|контакт\w*|участник\w*|пользовател\w+)\b"
)
_ENGLISH = re.compile(
    r"\b(card|phone|e ?mail|cashier|customer|client|member|buyer|employee|seller|operator|address|name)\b"
)
_MAYBE_YES_OR_NO = re.compile(
    r"(has )?(loyalty )?card( used| shown)?|(есть |наличие |с )?карт[аыой]{1,2}( лояльности)?|по карте|карта да нет"
)
_OF_ALL = frozenset({"has card", "card receipts", "card gross", "card margin", "чеков с картой", "чеки с картой"})
_NAMES_A_THING = re.compile(r"(product|item|article|goods|category|offer|campaign|survey|day|holiday|zone) name")


def could_name_person(column: str, *, names_are_things: bool = False) -> bool:
    """Whether a column of this name could hold what names a person; `names_are_things` where names are of articles."""
    return any(_names_person(name, names_are_things=names_are_things) for name in _readings(column))


def may_say_whether_card(column: str) -> bool:
    """Whether the column could say if a card was shown, as well as which: what it holds decides."""
    return _MAYBE_YES_OR_NO.fullmatch(_plain(column)) is not None


def holds_yes_and_no(values: Iterable[object]) -> bool:
    """Whether there is nothing but yes and no."""
    return all(plain_yes_or_no(value) in YES | NO for value in values)


def plain_yes_or_no(value: object) -> str:
    """A cell as it stands in `YES` and `NO`."""
    return f"{value:g}" if isinstance(value, float) else str(value).strip().casefold()


def _names_person(column: str, *, names_are_things: bool) -> bool:
    plain = _plain(column)
    if _NAMES_A_THING.fullmatch(plain) or (names_are_things and plain == "name"):
        return False
    if names_person(column):
        return True
    return bool(_RUSSIAN.search(plain) or _ENGLISH.search(plain)) and plain not in _OF_ALL


def _readings(column: str) -> Iterator[str]:
    """The name as it is, and as it would be if the file had been opened in the wrong encoding."""
    yield column
    for wrong, right in (("windows-1252", "windows-1251"), ("windows-1252", "utf-8"), ("windows-1251", "utf-8")):
        with suppress(UnicodeError):
            yield column.encode(wrong).decode(right)


def _plain(column: str) -> str:
    return " ".join(re.sub(r"[^\w.]+|_+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column)).casefold().split())
