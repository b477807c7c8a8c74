"""Configuration documents: validated, and refused in words that name the file, the key and what was expected."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from contract.errors import DocumentError

Model = TypeVar("Model", bound=BaseModel)


def explain(error: ValidationError, most: int = 5) -> str:
    """One line: `key: what was wrong`, joined by semicolons."""
    faults = [
        f"{_key(fault['loc'])}: {_words(fault['type'], fault['msg'])}" for fault in error.errors(include_url=False)
    ]
    more = f"; and {len(faults) - most} more" if len(faults) > most else ""
    return "; ".join(faults[:most]) + more


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
