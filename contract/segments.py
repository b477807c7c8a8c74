"""Segments of the audience: predicates over what a camera may know of someone while it sees them.

Keys of one predicate hold together (and); `any` holds where one of its predicates does, `unless` where its predicate
does not. Segments overlap. They are a person's only as long as the track lives, and are published as counts.
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator

from contract.ids import Id

Transport = Literal[
    "bicycle", "motorcycle", "car", "bus", "truck", "suitcase", "backpack", "handbag", "umbrella", "skateboard", "dog",
    "stroller", "cart",
]  # fmt: skip
"""What someone is with; named as the classes of a model's manifest, whose model finds them or not."""
TRANSPORT: tuple[Transport, ...] = get_args(Transport)

Pace = Literal["passing", "strolling", "standing"]
PACES: tuple[Pace, ...] = get_args(Pace)

Gender = Literal["female", "male", "unknown"]
GENDERS: tuple[Gender, ...] = get_args(Gender)
Age = Literal["0-17", "18-34", "35-54", "55+", "unknown"]
AGES: tuple[Age, ...] = get_args(Age)

Profile = Literal["counting", "objects", "demographics"]
PROFILES: tuple[Profile, ...] = get_args(Profile)
"""Each may know what the ones before it may."""

Hours = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
"""`07:00-10:30` in the site's time zone; `22:00-06:00` goes over midnight."""
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)

DEEPEST = 4
"""Predicates inside predicates."""


class _Predicate(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GroupSize(_Predicate):
    """How many move together, the person included."""

    at_least: Annotated[PositiveInt, Field(le=20)] = 1
    at_most: Annotated[PositiveInt, Field(le=20)] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.at_most is not None and self.at_most < self.at_least:
            raise ValueError(f"at_most {self.at_most} is less than at_least {self.at_least}")
        return self


class Interest(_Predicate):
    """Was in a zone, or stopped there, during this visit to the camera's view."""

    zone: Id
    at_least_s: Annotated[float, Field(ge=0, le=3600)] = 0.0


class Predicate(_Predicate):
    """Which people are meant. At least one key."""

    transport: Annotated[list[Transport], Field(min_length=1)] | None = Field(
        default=None, description="is with one of these"
    )
    group: GroupSize | None = None
    pace: Annotated[list[Pace], Field(min_length=1)] | None = Field(
        default=None, description="standing: under 0.3 m/s; strolling: under 0.8 m/s; passing: faster"
    )
    visited: Interest | None = Field(default=None, description="was in this zone, at least so long in all")
    stopped: Interest | None = Field(
        default=None, description="stood still in this zone, and was there at least so long"
    )
    hours: Annotated[list[Hours], Field(min_length=1)] | None = None
    weekdays: Annotated[list[Weekday], Field(min_length=1)] | None = None
    gender: Annotated[list[Gender], Field(min_length=1)] | None = Field(default=None, description="demographics only")
    age: Annotated[list[Age], Field(min_length=1)] | None = Field(default=None, description="demographics only")
    any: Annotated[list["Predicate"], Field(min_length=1, max_length=8)] | None = None
    unless: "Predicate | None" = Field(default=None, description="and this does not hold")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if all(value is None for value in self.__dict__.values()):
            raise ValueError("says nothing; give at least one key such as transport, group, pace or stopped")
        return self

    @property
    def parts(self) -> "list[Predicate]":
        """The predicates directly inside this one."""
        return [*(self.any or []), *([self.unless] if self.unless else [])]

    def walk(self) -> "Iterator[Predicate]":
        """This predicate and all inside it."""
        yield self
        for part in self.parts:
            yield from part.walk()

    @property
    def depth(self) -> int:
        """1 for a predicate with none inside."""
        return 1 + max((part.depth for part in self.parts), default=0)

    @property
    def profile(self) -> Profile:
        """The least profile that can know it."""
        found = list(self.walk())
        if any(part.gender or part.age for part in found):
            return "demographics"
        return "objects" if any(part.transport for part in found) else "counting"

    @property
    def of_people(self) -> bool:
        """Whether it tells people apart, and not only times."""
        known = ("transport", "group", "pace", "visited", "stopped", "gender", "age")
        return any(getattr(part, key) is not None for part in self.walk() for key in known)


class Segment(_Predicate):
    """One segment. `sensitive`: never used to choose what a screen shows."""

    name: Annotated[str, Field(max_length=80)] = ""
    when: Predicate
    sensitive: bool = False

    @model_validator(mode="after")
    def _not_too_deep(self) -> Self:
        if self.when.depth > DEEPEST:
            raise ValueError(f"when: {self.when.depth} predicates inside each other; {DEEPEST} are the most")
        return self

    @property
    def zones(self) -> set[str]:
        """Zones it names."""
        return {interest.zone for part in self.when.walk() for interest in (part.visited, part.stopped) if interest}

    @property
    def may_be_children(self) -> bool:
        """Whether its age bands hold one that could be a child's."""
        return any(band in ("0-17", "unknown") for part in self.when.walk() for band in part.age or [])

    @property
    def digest(self) -> str:
        """Of what it means, whatever it is called: counts of two definitions are never added up."""
        meaning = self.when.model_dump(mode="json", exclude_none=True)
        return sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()[:12]


Band = Literal["few", "5-9", "10-19", "20+"]
"""Live counts by segment: `few` is under the smallest cell, and may be nobody."""
BANDS: tuple[Band, ...] = get_args(Band)
BAND_STARTS: dict[Band, int] = {"few": 0, "5-9": 5, "10-19": 10, "20+": 20}
"""So many there are for certain."""
SMALLEST_CELL = 5


def band(n: int, smallest: int = SMALLEST_CELL) -> Band:
    """The band of `n` people; `few` too where the band's lower edge is under the `smallest` cell."""
    return next((name for name in BANDS[:0:-1] if n >= BAND_STARTS[name] >= smallest), "few")


def tells_nobody(n: int, of: int, smallest: int = SMALLEST_CELL) -> bool:
    """Whether neither `n` visits nor the rest `of` them all are so few that they stand for somebody."""
    return n >= smallest and (n == of or of - n >= smallest)
