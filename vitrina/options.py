"""Kinds of values on the command line that click does not have: finite numbers, names as they travel."""

import math

import click
from pydantic import TypeAdapter, ValidationError

from contract.ids import Id

_ID: TypeAdapter[str] = TypeAdapter(Id)


class Number(click.FloatRange):
    """A finite number within bounds; click's own lets `nan` pass."""

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Wrong use where it is none."""
        number = float(super().convert(value, param, ctx))  # type: ignore[arg-type]  # click says float, and is given text
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number", param, ctx)
        return number


class Name(click.ParamType):  # type: ignore[type-arg]  # generic in the newest click only
    """The id of a camera, site or box, as `contract.ids` has it."""

    name = "name"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Wrong use where it is none."""
        try:
            return _ID.validate_python(value)
        except ValidationError:
            self.fail(
                f"{value!r}: a name is 1 to 64 of a-z, 0-9, - and _, and begins with a letter or digit", param, ctx
            )


YEAR_2100 = 4_102_444_800.0
"""Seconds UTC."""
