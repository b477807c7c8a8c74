"""Configuration documents: validated, and refused in words that name the file, the key and what was expected."""

import re
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from contract.errors import DocumentError

Model = TypeVar("Model", bound=BaseModel)

_BEGINS_WITH_KEY = re.compile(r"([a-z_]+(?:\.[a-z0-9_-]+)+): (.*)", re.DOTALL)


class Fault(NamedTuple):
    """What is wrong with a document, and where."""

    key: str
    """Path of the key, such as `zones.bakery.polygon_m`; `document` for the whole."""
    message: str


def explain(error: ValidationError, most: int = 5) -> str:
    """One line: `key: what was wrong`, joined by semicolons."""
    told = [f"{key}: {message}" for key, message in faults(error)]
    more = f"; and {len(told) - most} more" if len(told) > most else ""
    return "; ".join(told[:most]) + more


def faults(error: ValidationError) -> list[Fault]:
    """Every fault by itself."""
    found = [
        Fault(_key(fault["loc"]), _words(fault["type"], fault["msg"])) for fault in error.errors(include_url=False)
    ]
    return [_where_it_says(fault) for fault in found]


def _where_it_says(fault: Fault) -> Fault:
    """A rule over the whole document begins its message with the key it is about."""
    found = _BEGINS_WITH_KEY.match(fault.message) if fault.key == "document" else None
    return Fault(found[1], found[2]) if found else fault


def _key(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "document"


def _words(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "unknown key; remove it or correct its spelling"
    if kind == "missing":
        return "missing"
    return message.removeprefix("Value error, ")


def validate(model: type[Model], raw: Any, *, name: str) -> Model:  # noqa: ANN401 - whatever YAML holds
    """Validate `raw` as `model`.

    Raises:
        DocumentError: names `name`, each key at fault and what was expected.
    """
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise DocumentError(f"{name}: {explain(error)}") from None


def inspect(model: type[Model], raw: Any) -> Model | list[Fault]:  # noqa: ANN401 - whatever JSON holds
    """`raw` as `model`, or everything that is wrong with it."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        return faults(error)
