"""When something needs a person now: conditions that hold, and alarms, raised once and cleared in their time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from contract.alerts import AlertKind

CLEAR_AFTER_S = 60.0
"""A condition that has not held for so long is over; one that flickers is one alarm."""


@dataclass(frozen=True, slots=True)
class Key:
    """What makes an alarm that alarm: one is open at a time.

    `subject` is a zone, a camera or a segment, empty for the store.
    """

    kind: AlertKind
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that holds now: `value` is beyond `limit`; both None where it is no matter of numbers."""

    key: Key
    value: float | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm: raised, held last, and cleared (None while open); seconds UTC."""

    key: Key
    raised: float
    held: float
    cleared: float | None = None
    value: float | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What changed: alarms that began, that go on with a newer value, and that ended."""

    raised: list[Alarm]
    held: list[Alarm]
    cleared: list[Alarm]


def turn(open_: Iterable[Alarm], holding: Iterable[Condition], *, now: float) -> Turn:
    """Bring the open alarms up to date with the conditions that hold at `now`.

    The value kept is the worst seen. A clock that runs backwards clears nothing and raises nothing twice.
    """
    known = {alarm.key: alarm for alarm in open_}
    conditions = {condition.key: condition for condition in holding}
    raised = [
        Alarm(key, now, now, None, condition.value, condition.limit)
        for key, condition in conditions.items()
        if key not in known
    ]
    held = [_worse(known[key], condition, now) for key, condition in conditions.items() if key in known]
    cleared = [
        replace(alarm, cleared=now)
        for key, alarm in known.items()
        if key not in conditions and now - alarm.held >= CLEAR_AFTER_S
    ]
    return Turn(raised, held, cleared)


def _worse(alarm: Alarm, condition: Condition, now: float) -> Alarm:
    worst = max((v for v in (alarm.value, condition.value) if v is not None), default=None)
    if alarm.key.kind == "footfall_low":
        worst = min((v for v in (alarm.value, condition.value) if v is not None), default=None)
    if alarm.key.kind == "segment_drift":  # neither more nor less is worse
        worst = condition.value
    return replace(alarm, held=max(now, alarm.held), value=worst, limit=condition.limit)


def crowded(
    counts: Mapping[str, int], limits: Mapping[str, int | None], *, total: int | None, most: int | None
) -> list[Condition]:
    """More people than allowed: in the store (`total` over `most`) and by zone (`counts` over `limits`)."""
    found = [
        Condition(Key("zone_people", zone), float(counts[zone]), float(limit))
        for zone, limit in limits.items()
        if limit is not None and counts.get(zone, 0) > limit
    ]
    if most is not None and total is not None and total > most:
        found.append(Condition(Key("occupancy"), float(total), float(most)))
    return found


def waiting(waits_s: Mapping[str, float | None], limits_s: Mapping[str, float | None]) -> list[Condition]:
    """Queues whose median wait (None: not known) is over their limit, seconds."""
    return [
        Condition(Key("queue_wait", zone), wait, limit)
        for zone, limit in limits_s.items()
        if limit is not None and (wait := waits_s.get(zone)) is not None and wait > limit
    ]
