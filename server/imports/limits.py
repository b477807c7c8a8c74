"""From when to when what is told may be."""

from dataclasses import dataclass

from contract.loyalty import BIN_S
from server.settings import Retention

DAY_S = 86_400.0
AHEAD_S = BIN_S + 120.0
"""A till's quarter of an hour that is not over yet, and a clock that is not quite right."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The present, and what is too old, both in seconds UTC."""

    now: float
    oldest: float
    """What was sold before is past its retention."""

    @property
    def latest(self) -> float:
        """What was sold later lies in the future."""
        return self.now + AHEAD_S


def limits(retention: Retention, now: float) -> Limits:
    """The limits at `now`, seconds UTC."""
    return Limits(now, now - retention.sales_days * DAY_S)
