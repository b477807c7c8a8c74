"""What could name a person: keys that no document may have, and texts that no name may be.

What is found is refused with the reason, and never repeated: who sends it should stop sending it.
"""

import re
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator

_WHO = (
    r"card ?holder|cards?|pan|(tele)?phones?|tel|mobile|msisdn|fax|e?_?mails?|first_?name|last_?name|surname|forename|"
    r"full_?name|nick_?name|patronymic|customer|client|member|buyer|guest|person|user|login|holder|cashier|employee|"
    r"staff|salesperson|address|street|birth\w*|dob|passport|iban|ssn|snils|device|imei|mac|ip|cookie|face|photo|track|"
    r"телефон|тел|мобильный|карт[аы]|фио|имя|фамилия|отчество|покупател[ья]|клиента?|почта|адрес|кассира?|сотрудника?|"
    r"паспорт|снилс|дата_рождения"
)
_KEY = re.compile(rf"(^|_)({_WHO.replace(' ?', '_?')})(_?(ids?|no|nr|num|number|name|hash|code|key|ref|\d+))*$")
_IMPERSONAL = frozenset({"has_card"})

_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.\w{2,}")
_PHONE = re.compile(
    r"(?<![\w.])(\+\d[\d ()-]{7,17}\d|8[ -]?\(?\d{3}\)?[ -]\d{3}[ -]?\d{2}[ -]?\d{2}|"
    r"\(\d{2,5}\) ?\d{3}[ -]?\d{2}[ -]?\d{2})(?!\w)"
)
# Contiguous, or in the groups that are printed on cards; a date or two have neither.
_CARD = re.compile(r"(?<!\d)(\d{13,19}|\d{4}([ -])\d{4}\2\d{4}\2\d{1,7}|\d{4}([ -])\d{6}\3\d{5})(?!\d)")


class PersonalKeyError(ValueError):
    """A key of a document could name a person."""


@lru_cache(1024)
def names_person(key: str) -> bool:
    """Whether values under `key`, or in a column of this name, could name a person; English and Russian."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key.strip())
    name = re.sub(r"[\W_]+", "_", name).strip("_").lower()
    return name not in _IMPERSONAL and _KEY.search(name) is not None


def refuse_key(key: str) -> PersonalKeyError:
    """The error that says so of `key`."""
    return PersonalKeyError(f"{key[:60]!r} could name a person and is not taken; leave it out")


def refuse_personal(document: object) -> None:
    """Refuse a document with a key at any depth that could name a person.

    Raises:
        PersonalKeyError: names the key; its value is not repeated anywhere.
    """
    waiting = [document]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            for key in part:
                if names_person(str(key)):
                    raise refuse_key(str(key))
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)


def tells_person(text: str) -> str | None:
    """What in a free text looks like a person's: an e-mail address, a telephone number or a card's number."""
    if _MAIL.search(text):
        return "an e-mail address"
    if any(_luhn(found[0]) for found in _CARD.finditer(text)):
        return "a card's number"
    return "a telephone number" if _PHONE.search(text) else None


def _luhn(text: str) -> bool:
    """The check digit of payment and many loyalty cards (ISO/IEC 7812-1)."""
    digits = [int(sign) for sign in text if sign.isdigit()][::-1]
    return sum(digits[0::2] + [n * 2 % 9 if n < 9 else 9 for n in digits[1::2]]) % 10 == 0


def _impersonal(text: str) -> str:
    what = tells_person(text)
    if what is not None:
        raise ValueError(f"holds what looks like {what}, which is not taken")
    return text


Impersonal = Annotated[str, AfterValidator(_impersonal)]
"""A text that people read."""
