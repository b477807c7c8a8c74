"""The entries of a document, each by itself: one that is wrong does not keep the others out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import ValidationError

from contract import loyalty
from contract.documents import explain, faults
from contract.loyalty import SUBJECTS, Subject, Told
from contract.personal import PersonalKeyError, refuse_personal
from server.imports.errors import NotTakenError
from server.imports.receipts import Fault, Item

PARTS: Mapping[Subject, Mapping[str, type[Told]]] = {
    "receipts": {"receipts": loyalty.Receipt},
    "sales": {"rows": loyalty.SalesRow},
    "catalogue": {"categories": loyalty.Category, "articles": loyalty.Article},
    "planogram": {"placings": loyalty.Placing, "places": loyalty.Place},
    "offers": {"offers": loyalty.Offer},
    "affinities": {"affinities": loyalty.Affinity},
    "programme": {"periods": loyalty.ProgrammePeriod, "cohorts": loyalty.CohortPeriod},
    "surveys": {"counts": loyalty.SurveyCount},
    "days": {"weather": loyalty.Weather, "special": loyalty.SpecialDay},
}
"""The lists of each subject's document, and what an entry of them is."""

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}|\d{1,6}")


class Entry(NamedTuple):
    """One entry that is in shape."""

    place: int
    """Its line in a file; in a message, its number from 1, counted over all lists."""
    part: str
    told: Told


@dataclass(frozen=True, slots=True)
class Document:
    """What could be read of a message."""

    currency: str | None
    """None: the subject has no amounts."""
    entries: list[Entry]
    faults: list[Fault]
    """Of the other entries."""
    first: Mapping[str, int]
    """The place of each list's first entry."""

    def path(self, place: int) -> str:
        """Where an entry stands in the document, such as `receipts.3`; empty for the whole."""
        lists = [(part, first) for part, first in self.first.items() if first <= place]
        return f"{lists[-1][0]}.{place - lists[-1][1]}" if lists else ""


def read_document(subject: Subject, raw: object) -> Document:
    """Read a message's document, entry by entry.

    Raises:
        NotTakenError: a key could name a person, or nothing of it can be read.
    """
    try:
        refuse_personal(raw)
        whole = SUBJECTS[subject].model_validate(raw)
    except PersonalKeyError as error:
        raise NotTakenError(str(error)) from None
    except ValidationError as error:
        return _read_partly(subject, raw, error)
    lists = {part: getattr(whole, part) for part in PARTS[subject]}
    first = _first(lists)
    entries = [Entry(first[part] + i, part, told) for part in lists for i, told in enumerate(lists[part])]
    return Document(getattr(whole, "currency", None), entries, [], first)


def read_item(subject: Subject, item: Item) -> Entry | Fault:
    """Read one entry of a file."""
    try:
        return Entry(item.place, item.part, PARTS[subject][item.part].model_validate(item.told))
    except ValidationError as error:
        return _fault(item.place, error)


def _read_partly(subject: Subject, raw: object, error: ValidationError) -> Document:
    """What is wrong with the document itself, and not with an entry, refuses all of it."""
    if not isinstance(raw, dict) or any(_is_of_whole(fault["loc"], subject) for fault in error.errors()):
        raise NotTakenError(explain(error))
    lists = {part: raw.get(part, []) for part in PARTS[subject]}
    first = _first(lists)
    items = [Item(first[part] + i, part, told) for part in lists for i, told in enumerate(lists[part])]
    read = [read_item(subject, item) for item in items]
    entries = [each for each in read if isinstance(each, Entry)]
    if not entries:
        raise NotTakenError(explain(error))
    return Document(raw.get("currency"), entries, [each for each in read if isinstance(each, Fault)], first)


def _is_of_whole(location: tuple[int | str, ...], subject: Subject) -> bool:
    return len(location) < 2 or location[0] not in PARTS[subject]


def _first(lists: Mapping[str, list[Any]]) -> dict[str, int]:
    first, place = {}, 1
    for part, entries in lists.items():
        first[part] = place
        place += len(entries)
    return first


def _fault(place: int, error: ValidationError) -> Fault:
    found = faults(error)
    columns = [".".join(key if _KEY.fullmatch(key) else "?" for key in fault.key.split(".")) for fault in found]
    told = dict.fromkeys(fault.message for fault in found)
    named = dict.fromkeys(column for column in columns if column != "document")
    return Fault(place, ", ".join(named)[:80], "; ".join(told)[:1000])
