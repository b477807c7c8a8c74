"""A mapping as the parameters of a URL, and back: `c.gross=Сумма`, `k.currency=RUB`, `v.kind=возврат = return`."""

from collections.abc import Mapping as Fields
from typing import Any

from contract.loyalty import Subject
from server.imports.fields import FIELDS, WITH_MONEY
from server.imports.mapping import CURRENCY, Mapping

PLAIN = ("encoding", "delimiter", "sheet", "header_line", "decimal")
TICKS = ("daily_numbers", "negative_returns")
SHOWN = "shown"
"""Says that the form was seen; without it, the columns' suggestion is meant."""
WORDED = ("category", "kind", "has_card", "zone")
"""Fields whose words may be given a meaning."""


def as_query(mapping: Mapping) -> dict[str, str]:
    """The parameters that `read` takes."""
    query = {SHOWN: "1"} | {name: str(value) for name in PLAIN if (value := getattr(mapping, name)) is not None}
    query |= {f"c.{name}": column for name, column in mapping.columns.items()}
    query |= {f"k.{name}": value for name, value in mapping.constants.items()}
    query |= {name: "on" for name in TICKS if getattr(mapping, name)}
    for name, words in mapping.values.items():
        query[f"v.{name}"] = "\n".join(f"{theirs} = {ours}" for theirs, ours in words.items())
    if mapping.dates:
        query["dates"] = "; ".join(mapping.dates)
    return query


def read(sent: Fields[str, str], subject: Subject) -> dict[str, Any]:
    """The document that the parameters say, as a mapping is made of; what belongs to another subject is left out."""
    names = [field.name for field in FIELDS[subject]]
    columns = {name: column for name in names if (column := sent.get(f"c.{name}", "").strip())}
    said = [*names, *([CURRENCY] if subject in WITH_MONEY else [])]
    constants = {name: value for name in said if (value := sent.get(f"k.{name}", "").strip()) and name not in columns}
    values = {name: words for name in WORDED if name in names and (words := _words(sent.get(f"v.{name}", "")))}
    plain: dict[str, Any] = {name: value for name in PLAIN if (value := sent.get(name, "").strip())}
    ticks = {name: True for name in TICKS if sent.get(name)}
    dates = [shape.strip() for shape in sent.get("dates", "").split(";") if shape.strip()]
    rest = {"columns": columns, "constants": constants, "values": values, "dates": dates}
    return {"subject": subject} | plain | ticks | rest


def _words(text: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {theirs.strip(): ours.strip() for theirs, _, ours in pairs if theirs.strip() and ours.strip()}
