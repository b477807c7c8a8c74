"""Campaigns as the decision knows them: plain values, made from what a planner wrote and nobody else may change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from contract.segments import Band
from server.domain.holdout import Shares

GoalKind = Literal["plays", "impressions", "visits", "sales", "uplift"]
Pacing = Literal["even", "asap"]
Switch = Literal["now", "next"]
MediaKind = Literal["image", "video", "html"]

RULES_MOST = 3
"""Of one campaign: what cannot be told in a sentence is not understood by who approves it."""


@dataclass(frozen=True, slots=True)
class Creative:
    """One thing to show. `portrait` None fits any screen. `seconds` is how long one play lasts."""

    id: str
    kind: MediaKind
    seconds: float
    portrait: bool | None = None


@dataclass(frozen=True, slots=True)
class SegmentRule:
    """Only if (or, with `unless`, never if) enough of a segment are there.

    Enough: at least `at_least` people (5, 10 or 20), or, where given, surely at least `share` of everyone there.
    """

    segment: str
    at_least: int = 5
    share: float | None = None
    over: Literal["now", "lately"] = "now"
    unless: bool = False


@dataclass(frozen=True, slots=True)
class NearRule:
    """Only if at least so many people are in the screen's zone; tells nothing of who they are."""

    at_least: int = 1
    unless: bool = False


@dataclass(frozen=True, slots=True)
class TriggerRule:
    """Only if something outside says so by the API, such as weather = rain."""

    name: str
    value: str
    unless: bool = False


Rule = SegmentRule | NearRule | TriggerRule


@dataclass(frozen=True, slots=True)
class Daypart:
    """Weekdays (0 Monday) and minutes of the local day [start, end); an `end` up to `start` goes over midnight."""

    weekdays: frozenset[int]
    start_min: int
    end_min: int


@dataclass(frozen=True, slots=True)
class Flight:
    """[start, end) seconds UTC."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Goal:
    """What the campaign is for; `amount` over its whole flights, in the kind's unit, None: as much as possible."""

    kind: GoalKind
    amount: float | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """One approved campaign.

    `screens` are ids after groups were looked up; empty means every screen. `category` and `rivals`: never next to
    each other on one screen. `sensitive`: its category is, so it never goes by attributes. `plays_most` is what the
    budget buys.
    """

    id: str
    creatives: tuple[Creative, ...]
    flights: tuple[Flight, ...]
    goal: Goal
    dayparts: tuple[Daypart, ...] = ()
    screens: frozenset[str] = frozenset()
    rules: tuple[Rule, ...] = ()
    category: str | None = None
    rivals: frozenset[str] = frozenset()
    sensitive: bool = False
    share_of_voice: float | None = None
    plays_per_hour: float | None = None
    plays_most: float | None = None
    priority: int = 3
    """1 (last) to 5 (first)."""
    pacing: Pacing = "even"
    switch: Switch = "next"
    shares: Shares = field(default_factory=Shares)
    promotes: str | None = None
    """The zone whose visits and stops it is to bring."""

    @property
    def by_attribute(self) -> bool:
        """Whether who is there decides."""
        return any(isinstance(rule, SegmentRule) for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who is before a screen. `known` False: the box is silent, nothing is known, and nobody is targeted."""

    known: bool = False
    near: int = 0
    now: Mapping[str, Band] = field(default_factory=dict)
    lately_n: int = 0
    lately: Mapping[str, Band] = field(default_factory=dict)
