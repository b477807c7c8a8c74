"""From when to when what is told may be."""

from dataclasses import dataclass
from datetime import UTC, datetime

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


def wrong_time(t: float, limits: Limits) -> str | None:
    """Why what was sold at `t`, seconds UTC, is not taken; None where it is. It does not say what time it is now."""
    if t > limits.latest:
        return "lies in the future, by more than a quarter of an hour; check the till's clock and time zone"
    if t < limits.oldest:
        oldest = datetime.fromtimestamp(limits.oldest, UTC)
        return f"is older than {oldest:%Y-%m-%d}, past `retention.sales_days` of server.yaml"
    return None
