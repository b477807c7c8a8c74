"""A decision as it is logged: all it was made from, as JSON, so that it can be made again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from server.domain.campaigns import Campaign
from server.domain.context import Context
from server.domain.decide import Decision, Learned, decide
from server.domain.pacing import Progress
from server.domain.reasons import Reason


@dataclass(frozen=True, slots=True)
class Case:
    """What one decision was made from, the campaigns by their versions."""

    context: Context
    standing: Mapping[str, Progress]
    learned: Learned
    versions: Mapping[str, int]
    seconds: float = 0.0
    """How long its turn was to last."""


_CASE: TypeAdapter[Case] = TypeAdapter(Case)
_REASON: TypeAdapter[Reason] = TypeAdapter(Reason)


def case_json(case: Case) -> dict[str, Any]:
    """As it is logged, without what has its default."""
    found: dict[str, Any] = _CASE.dump_python(case, mode="json", exclude_defaults=True)
    return found


def read_case(logged: Mapping[str, Any]) -> Case:
    """What was logged.

    Raises:
        ValueError: it is not a case.
    """
    return _CASE.validate_python(logged, strict=False)


def reason_json(reason: Reason) -> dict[str, Any]:
    """As it is logged, without what has its default."""
    found: dict[str, Any] = _REASON.dump_python(reason, mode="json", exclude_defaults=True)
    return found


def read_reason(logged: Mapping[str, Any]) -> Reason:
    """What was logged.

    Raises:
        ValueError: it is not a reason.
    """
    return _REASON.validate_python(logged, strict=False)


def again(case: Case, campaigns: Sequence[Campaign], *, seed: str) -> Decision:
    """Decide again; `campaigns` are those that were approved then, in the versions the case names."""
    return decide(case.context, campaigns, case.standing, case.learned, seed=seed)
