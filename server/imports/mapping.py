"""How a file's columns become what a subject takes: a document that is saved under a name and used again.

{"subject": "receipts", "columns": {"id": "Чек", "t": "Дата", "category": "Группа", "gross": "Сумма"},
 "constants": {"currency": "RUB", "has_card": "no"}, "dates": ["dd.mm.yyyy HH:MM"]}.
"""

import re
from collections.abc import Container
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contract.loyalty import Subject
from contract.money import Currency
from server.imports.cells import fits_format
from server.imports.encodings import Delimiter, Encoding
from server.imports.fields import FIELDS, WITH_MONEY, PartOf, missing, part_for
from server.imports.personal import could_name_person, may_say_whether_card
from server.imports.tables import HEADER_MOST, Form

Short = Annotated[str, Field(max_length=HEADER_MOST)]
CURRENCY = "currency"
MOMENTS: dict[Subject, str] = {"receipts": "t", "sales": "start"}
"""The fields that hold date and time in one; `date` and `time` hold them in two."""


class Mapping(BaseModel):
    """A mapping; what is `auto` is found out from each file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    subject: Subject
    encoding: Literal[Encoding, "auto"] = "auto"
    delimiter: Literal[Delimiter, "auto"] = "auto"
    sheet: Short | None = Field(default=None, description="of a workbook; its first by default")
    header_line: Annotated[int, Field(ge=1, le=100)] = Field(default=1, description="the line of the column names")
    columns: dict[str, Short] = Field(default={}, description="our field: the file's column")
    constants: dict[str, Short] = Field(default={}, description="our field: what it is in every line")
    decimal: Literal["auto", "comma", "point"] = "auto"
    dates: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=8)] = Field(
        default=[], description="such as `dd.mm.yyyy HH:MM`; found out where there is none"
    )
    values: dict[str, dict[Short, Short]] = Field(
        default={}, description='our field: {their word: ours}, such as {"kind": {"возврат": "return"}}'
    )
    daily_numbers: bool = Field(default=False, description="receipt numbers begin anew each day")
    negative_returns: bool = Field(default=False, description="lines below zero are goods brought back")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        known = {field.name for field in FIELDS[self.subject]}
        named = [*self.columns, *self.values, *(key for key in self.constants if key != CURRENCY)]
        for name in named:
            if name not in known:
                raise ValueError(f"{name!r} is no field of {self.subject}; there are {', '.join(sorted(known))}")
        for name in self.columns.keys() & self.constants.keys():
            raise ValueError(f"{name}: give it a column or one value for all lines, not both")
        for name, column in self.columns.items():
            if is_refused(self.subject, name, column):
                raise ValueError(f"columns.{name}: {column!r} could name a person and is not read")
        for shape in self.dates:
            if not fits_format(shape):
                raise ValueError(f"dates: {shape!r} is no format such as dd.mm.yyyy HH:MM")
        return self

    @property
    def form(self) -> Form:
        """How the file is to be opened."""
        encoding = None if self.encoding == "auto" else self.encoding
        delimiter = None if self.delimiter == "auto" else self.delimiter
        return Form(encoding, delimiter, self.sheet, self.header_line)

    @property
    def part(self) -> PartOf:
        """The list of the subject's document that the lines fill."""
        return part_for(self.subject, self._given())

    def missing(self) -> list[str]:
        """Fields that are needed and neither a column nor a constant gives; `a|b` needs one of both."""
        lacks_money = self.subject in WITH_MONEY and not self.constants.get(CURRENCY)
        return missing(self.part, self._given()) + ([CURRENCY] if lacks_money else [])

    def _given(self) -> Container[str]:
        return {name for name in (*self.columns, *self.constants) if self.columns.get(name) or self.constants.get(name)}


def is_refused(subject: Subject, name: str, column: str) -> bool:
    """Whether a column must not be read for this field, because it could name a person."""
    if name == "has_card" and may_say_whether_card(column):
        return False  # its cells are held against yes and no before anything else is done with them
    return could_name_person(column, names_are_things=subject in {"catalogue", "offers", "surveys", "days"})


def as_ours(subject: Subject, header: list[str], *, currency: Currency | None) -> Mapping:
    """The mapping of a file whose columns are called as our fields are; others are left out."""
    names = {field.name for field in FIELDS[subject]}
    columns = {name: name for name in header if name in names and not is_refused(subject, name, name)}
    return Mapping(subject=subject, columns=columns, constants=_money(subject, currency))


def suggest(subject: Subject, header: list[str], *, currency: Currency | None) -> Mapping:
    """A mapping by what the columns are called, in English and Russian; columns that fit nothing are left out."""
    free, columns = [column for column in header if column], dict[str, str]()
    for exact in (True, False):
        for field in FIELDS[subject]:
            found = next((c for c in free if _fits(c, (field.name, *field.hints), exact=exact)), None)
            if field.name not in columns and found is not None and not is_refused(subject, field.name, found):
                columns[field.name] = found
                free.remove(found)
    columns = _one_time(columns, MOMENTS[subject]) if subject in MOMENTS else columns
    return Mapping(subject=subject, columns=columns, constants=_money(subject, currency))


def _fits(column: str, hints: tuple[str, ...], *, exact: bool) -> bool:
    plain = " ".join(re.sub(r"[_.,:()]+", " ", column.casefold()).split())
    wanted = [hint.replace("_", " ") for hint in hints]
    return plain in wanted if exact else any(plain.startswith(f"{hint} ") for hint in wanted if len(hint) > 3)


def _one_time(columns: dict[str, str], moment: str) -> dict[str, str]:
    """Either a date and a time of day, or one column with both."""
    if "date" in columns and "time" in columns:
        return {name: column for name, column in columns.items() if name != moment}
    one = columns.get(moment) or columns.get("date") or columns.get("time")
    rest = {name: column for name, column in columns.items() if name not in {moment, "date", "time"}}
    return rest | ({moment: one} if one else {})


def _money(subject: Subject, currency: Currency | None) -> dict[str, str]:
    return {CURRENCY: currency} if currency and subject in WITH_MONEY else {}
