"""Segments of the audience as code: which of m people each predicate means."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import NamedTuple

import numpy as np

from contract.segments import AGES, GENDERS, PACES, TRANSPORT, WEEKDAYS, Interest, Predicate, Segment, Transport
from edge.arrays import F64, I8, I64, U16, Bool


@dataclass(frozen=True, slots=True)
class Senses:
    """What can be known beside places: which companions are looked for, and whether faces are."""

    transport: frozenset[Transport] = frozenset()
    faces: bool = False


PLACES_ONLY = Senses()


class LocalTime(NamedTuple):
    """In the site's time zone; `weekday` 0 is Monday, `minute` of the day."""

    weekday: int
    minute: float


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of m people: as in `Traits` and `Motion`; `group` i64 (m,) people.

    `been_s` f64 (m, Z), `stopped` bool (m, Z): how long they were in each zone and whether they stood still there.
    """

    time: LocalTime
    transport: U16
    group: I64
    pace: I8
    been_s: F64
    stopped: Bool
    gender: I8
    age: I8

    def __len__(self) -> int:
        return len(self.transport)


Rule = Callable[[Facts], Bool]
"""Whom of the m people it means (m,)."""


@dataclass(frozen=True, slots=True)
class Segments:
    """The segments of a site that can be known here: S ids, digests of their definitions, and rules.

    `unknown`: those that cannot; they are told of nobody, and not published. `groups`: whether they ask with how many
    someone is.
    """

    ids: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    unknown: tuple[str, ...] = ()
    groups: bool = False

    def __len__(self) -> int:
        return len(self.ids)

    def of(self, facts: Facts) -> Bool:
        """Who is of which segment (S, m)."""
        found = np.zeros((len(self), len(facts)), np.bool_)
        for rule, row in zip(self.rules, found, strict=True):
            row[:] = rule(facts)
        return found


def compile_segments(segments: Mapping[str, Segment], zone_ids: Sequence[str], senses: Senses) -> Segments:
    """The rules of `segments` for a camera with zones `zone_ids` and these senses."""
    rules = {key: _compile(segment.when, zone_ids, senses) for key, segment in segments.items()}
    known = {key: rule for key, rule in rules.items() if rule is not None}
    parts = [part for key in known for part in segments[key].when.walk()]
    return Segments(
        ids=tuple(known),
        digests=tuple(segments[key].digest for key in known),
        rules=tuple(known.values()),
        unknown=tuple(key for key in rules if key not in known),
        groups=any(part.group is not None for part in parts),
    )


def _compile(when: Predicate, zone_ids: Sequence[str], senses: Senses) -> Rule | None:
    """All keys of `when` together; None where one of them cannot be known here.

    Of `transport` and `any` it is enough that one of the things named can be: the others are then not counted.
    """
    rules: list[Rule | None] = []
    if when.transport is not None:
        rules.append(_with(when.transport, senses))
    if when.group is not None:
        rules.append(_in_group(when.group.at_least, when.group.at_most))
    if when.pace is not None:
        rules.append(_among("pace", [PACES.index(pace) for pace in when.pace]))
    if when.visited is not None:
        rules.append(_visited(when.visited, zone_ids))
    if when.stopped is not None:
        rules.append(_stopped(when.stopped, zone_ids))
    if when.hours is not None:
        rules.append(_at_hours(when.hours))
    if when.weekdays is not None:
        rules.append(_on_days([WEEKDAYS.index(day) for day in when.weekdays]))
    if when.gender is not None:
        rules.append(_told("gender", [GENDERS.index(gender) for gender in when.gender], senses))
    if when.age is not None:
        rules.append(_told("age", [AGES.index(age) for age in when.age], senses))
    if when.any is not None:
        rules.append(_either([_compile(part, zone_ids, senses) for part in when.any]))
    if when.unless is not None:
        rules.append(_not(_compile(when.unless, zone_ids, senses)))
    known = [rule for rule in rules if rule is not None]
    return _all(known) if len(known) == len(rules) else None


def _all(rules: list[Rule]) -> Rule:
    return rules[0] if len(rules) == 1 else lambda facts: reduce(and_, (rule(facts) for rule in rules))


def _either(rules: list[Rule | None]) -> Rule | None:
    known = [rule for rule in rules if rule is not None]
    return (lambda facts: reduce(or_, (rule(facts) for rule in known))) if known else None


def _not(rule: Rule | None) -> Rule | None:
    return (lambda facts: ~rule(facts)) if rule is not None else None


def _with(transport: Sequence[Transport], senses: Senses) -> Rule | None:
    bits = np.uint16(sum(1 << TRANSPORT.index(one) for one in transport if one in senses.transport))
    return (lambda facts: (facts.transport & bits) != 0) if bits else None


def _in_group(at_least: int, at_most: int | None) -> Rule:
    most = at_most or np.iinfo(np.int64).max
    return lambda facts: (facts.group >= at_least) & (facts.group <= most)


def _among(name: str, values: list[int]) -> Rule:
    """Whose fact `name` is one of `values`; -1 is not known, and none of them."""
    means = np.isin(np.arange(-1, 8), values)

    def rule(facts: Facts) -> Bool:
        result: Bool = means[getattr(facts, name) + 1]
        return result

    return rule


def _told(name: str, values: list[int], senses: Senses) -> Rule | None:
    return _among(name, values) if senses.faces else None


def _visited(interest: Interest, zone_ids: Sequence[str]) -> Rule | None:
    if interest.zone not in zone_ids:
        return None
    zone, least_s = zone_ids.index(interest.zone), interest.at_least_s
    return lambda facts: (facts.been_s[:, zone] > 0) & (facts.been_s[:, zone] >= least_s - 1e-6)


def _stopped(interest: Interest, zone_ids: Sequence[str]) -> Rule | None:
    if interest.zone not in zone_ids:
        return None
    zone, least_s = zone_ids.index(interest.zone), interest.at_least_s
    return lambda facts: facts.stopped[:, zone] & (facts.been_s[:, zone] >= least_s - 1e-6)


def _at_hours(hours: Sequence[str]) -> Rule:
    spans = [tuple(_minute(clock) for clock in span.split("-")) for span in hours]

    def rule(facts: Facts) -> Bool:
        now = facts.time.minute
        holds = any(a <= now < b if a < b else now >= a or now < b for a, b in spans)
        return np.full(len(facts), holds)

    return rule


def _minute(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def _on_days(days: Sequence[int]) -> Rule:
    return lambda facts: np.full(len(facts), facts.time.weekday in days)
