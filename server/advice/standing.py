"""Where each advice stands: given, being tested, in force, without effect, wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from server.change_document import Verdict
from server.db.advice import AdviceRecord, list_advice
from server.db.changes import ChangeRecord, list_changes
from server.domain.advice import Evidence
from server.domain.intervals import Estimate
from server.domain.promises import Kept

State = Literal["open", "waits", "set_aside", "planned", "running", "in_force", "no_effect", "unclear", "wrong"]
"""`waits`: there is not enough data yet. The last four: a test of it is over."""

_OF_VERDICT: dict[Verdict, State] = {
    "worked": "in_force",
    "no_effect": "no_effect",
    "wrong": "wrong",
    "unclear": "unclear",
}
_LAST: tuple[State, ...] = ("waits", "unclear", "no_effect", "wrong", "set_aside")
"""These stand below what may still bring something, in this order."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One advice with the newest test of it."""

    record: AdviceRecord
    change: ChangeRecord | None
    state: State

    @property
    def key(self) -> str:
        """Of the advice."""
        return self.record.key

    @property
    def effect(self) -> Estimate | None:
        """Measured where a test was; else as advised."""
        if self.change and self.change.result and self.change.result.effect:
            return self.change.result.effect
        return self.record.advice.effect

    @property
    def evidence(self) -> Evidence | None:
        """How well it is known now."""
        return "tested" if self.state in {"in_force", "no_effect", "wrong"} else self.record.advice.evidence


def standings(conn: Connection, site: str) -> list[Standing]:
    """All advice that is given or was tried, what is best first, what was wrong last."""
    tests: dict[str, ChangeRecord] = {}
    for change in list_changes(conn, site, "planned", "running", "done"):
        if change.advice is not None:
            tests.setdefault(change.advice, change)  # the newest comes first
    found = [_standing(record, tests.get(record.key)) for record in list_advice(conn, site)]
    return sorted((one for one in found if one.change or one.record.rank is not None), key=_place)


def first_open(found: Sequence[Standing]) -> Standing | None:
    """What to do first: the best that nobody has tried or set aside, with a figure where there is one."""
    open_ = [one for one in found if one.state == "open"]
    return next((one for one in open_ if one.effect), next(iter(open_), None))


def promises(conn: Connection, site: str) -> list[tuple[ChangeRecord, Kept]]:
    """Tests of advice that came to a result, newest first, promised as the advice said it before any correction."""
    found = []
    for change in list_changes(conn, site, "done"):
        result, promise = change.result, change.promised
        if promise and result and result.effect and result.verdict != "unclear" and promise.factor > 0:
            by = 1 / promise.factor
            told = Estimate(promise.effect.value * by, promise.effect.low * by, promise.effect.high * by)
            found.append((change, Kept(told, result.effect)))
    return found


def _standing(record: AdviceRecord, change: ChangeRecord | None) -> Standing:
    return Standing(record, change, _state(record, change))


def _state(record: AdviceRecord, change: ChangeRecord | None) -> State:
    if change is not None and change.status in {"planned", "running"}:
        return "planned" if change.status == "planned" else "running"
    if change is not None and change.result is not None:
        return _OF_VERDICT[change.result.verdict]
    if record.set_aside is not None:
        return "set_aside"
    return "open" if record.advice.evidence else "waits"


def _place(one: Standing) -> tuple[int, bool, int, float]:
    effect = one.effect.value if one.effect else 0.0
    group = _LAST.index(one.state) + 1 if one.state in _LAST else 0
    return group, one.record.rank is None, one.record.rank or 0, -effect
