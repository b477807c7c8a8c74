"""What a decision is made from besides the campaigns: plain values that can be logged and decided upon again."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from server.domain.campaigns import Crowd


@dataclass(frozen=True, slots=True)
class Airing:
    """What is on a screen, or about to be: [since, until) seconds UTC."""

    campaign: str | None
    """Whose turn it is, also where its arm puts the default in its place; None: nobody's."""
    since: float
    until: float
    against: frozenset[str] = frozenset()
    """Campaigns that could have had this turn: they do not cut in on it."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The last campaign that was on, for what may not come next to it."""

    campaign: str
    category: str | None
    rivals: frozenset[str]
    until: float
    """Seconds UTC at which it was over, or will be."""


@dataclass(frozen=True, slots=True)
class Context:
    """One screen, or screens in step, at the instant `t` (seconds UTC) at which a play is to start.

    `weekday` (0 Monday) and `minute` of the day are the site's own clock at `t`. `portrait` None: screens of both
    kinds in step. `in_step`: the other screens that show the same. `barred`: segments that are sensitive or may be
    children, by which nobody is ever aimed at.
    """

    site: str
    screen: str
    t: float
    weekday: int
    minute: int
    portrait: bool | None = False
    in_step: frozenset[str] = frozenset()
    crowd: Crowd = field(default_factory=Crowd)
    triggers: Mapping[str, str] = field(default_factory=dict)
    barred: frozenset[str] = frozenset()
    on: Airing | None = None
    last: Neighbour | None = None
