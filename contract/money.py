"""Amounts of money: whole hundredths of the currency's unit inside, decimals of at most two places on the way."""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field, PlainSerializer

MOST = 10**12
"""Hundredths; ten thousand million units."""


def _two_places(amount: Decimal) -> Decimal:
    if not amount.is_finite() or abs(amount) * 100 > MOST:
        raise ValueError(f"an amount lies within {MOST // 100:,} units")
    if amount * 100 != int(amount * 100):
        raise ValueError("an amount has at most two decimal places")
    return amount


Amount = Annotated[
    Decimal,
    AfterValidator(_two_places),
    PlainSerializer(float, return_type=float, when_used="json"),
    Field(description="in the currency of the message, at most two decimal places"),
]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217, such as EUR")]


def hundredths(amount: Decimal) -> int:
    """An amount as whole hundredths."""
    return int(amount * 100)
