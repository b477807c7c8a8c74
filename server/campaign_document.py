"""A campaign as a planner writes it: what the REST interface takes and the database keeps."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, PositiveInt, model_validator

from contract.ids import Id
from contract.segments import WEEKDAYS, Hours, Weekday
from contract.site import Document, Screen, Site
from server.domain import campaigns as domain
from server.domain.holdout import SMALLEST_HOLDOUT, Shares

Name = Annotated[str, Field(min_length=1, max_length=120)]
Share = Annotated[float, Field(gt=0, le=1)]


class SegmentRule(Document):
    """Who is there decides. `over`: those before the screen now, or those who came in the last ten minutes."""

    kind: Literal["segment"] = "segment"
    segment: Id
    at_least: Literal[5, 10, 20] = 5
    share: Share | None = Field(default=None, description="at least this share of those there, for certain")
    over: Literal["now", "lately"] = "now"
    unless: bool = Field(default=False, description="an exclusion: never while it holds")


class NearRule(Document):
    """How many are before the screen decides, whoever they are."""

    kind: Literal["near"] = "near"
    at_least: Annotated[PositiveInt, Field(le=500)] = 1
    unless: bool = False


class TriggerRule(Document):
    """Something outside decides, told by `PUT .../triggers/{name}`, such as weather = rain."""

    kind: Literal["trigger"] = "trigger"
    name: Id
    value: Annotated[str, Field(min_length=1, max_length=80)]
    unless: bool = False


Rule = Annotated[SegmentRule | NearRule | TriggerRule, Field(discriminator="kind")]


class Flight(Document):
    """From the first day's midnight to the end of the last day, in the site's time zone."""

    first: date
    last: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"ends on {self.last}, before it begins on {self.first}")
        if (self.last - self.first).days > 730:
            raise ValueError("is longer than two years; make it shorter, or give the campaign several flights")
        return self


class Daypart(Document):
    """Hours on some weekdays, in the site's time zone."""

    weekdays: Annotated[list[Weekday], Field(min_length=1)] = Field(default=list(WEEKDAYS))
    hours: Hours


class Goal(Document):
    """What it is for. Required, because a campaign without one can neither be paced nor judged."""

    kind: domain.GoalKind
    amount: Annotated[float, Field(gt=0, le=1e9)] | None = Field(default=None, description="over the whole campaign")


class Budget(Document):
    """What may be spent, and what a play costs. Plays end when it is spent."""

    amount: Annotated[float, Field(gt=0, le=1e9)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    per_play: Annotated[float, Field(gt=0, le=1e6)]


class Arms(Document):
    """Shares of the ten-minute slots; together 1."""

    targeted: Annotated[float, Field(ge=0, le=1)] = 0.6
    everyone: Annotated[float, Field(ge=0, le=1)] = 0.2
    nothing: Annotated[float, Field(ge=SMALLEST_HOLDOUT, le=1)] = 0.2
    same: bool = Field(default=False, description="an A/A test: all arms do the same, and the report must find nothing")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if abs(self.targeted + self.everyone + self.nothing - 1) > 1e-6:
            raise ValueError("targeted, everyone and nothing must be 1 together")
        return self


class CampaignDocument(Document):
    """The whole campaign."""

    name: Name
    advertiser: Annotated[str, Field(max_length=120)] = ""
    creatives: Annotated[list[Id], Field(min_length=1, max_length=20)]
    flights: Annotated[list[Flight], Field(min_length=1, max_length=50)]
    dayparts: Annotated[list[Daypart], Field(max_length=20)] = Field(default=[], description="none: at all hours")
    screens: Annotated[list[Id], Field(max_length=500)] = Field(default=[], description="screens; with no groups: all")
    groups: Annotated[list[Id], Field(max_length=100)] = Field(default=[])
    rules: Annotated[list[Rule], Field(max_length=domain.RULES_MOST)] = Field(default=[])
    goal: Goal
    budget: Budget | None = None
    category: Id | None = Field(default=None, description="what is advertised, such as coffee")
    rivals: Annotated[list[Id], Field(max_length=20)] = Field(default=[], description="categories never next to it")
    sensitive: bool = Field(default=False, description="health, politics, religion and the like: never by attribute")
    promotes: Id | None = Field(default=None, description="the zone whose visits and stops it is to bring")
    share_of_voice: Share | None = None
    plays_per_hour: Annotated[float, Field(gt=0, le=3600)] | None = Field(
        default=None, description="at most, per screen"
    )
    priority: Annotated[int, Field(ge=1, le=5)] = 3
    pacing: domain.Pacing = "even"
    switch: domain.Switch = "next"
    arms: Arms = Arms()

    @model_validator(mode="after")
    def _not_by_attribute(self) -> Self:
        if self.sensitive and any(isinstance(rule, SegmentRule) for rule in self.rules):
            raise ValueError("rules: a sensitive category is never aimed at who is there; remove the segment rules")
        return self

    @property
    def plays_most(self) -> float | None:
        """What the goal and the budget allow in all; None without a limit."""
        bought = self.budget.amount / self.budget.per_play if self.budget else None
        wanted = self.goal.amount if self.goal.kind == "plays" else None
        return min((n for n in (bought, wanted) if n is not None), default=None)


def as_domain(
    document: CampaignDocument, *, campaign: str, creatives: dict[str, domain.Creative], site: Site
) -> domain.Campaign:
    """The campaign as decisions take it: groups looked up, days cut in the site's time zone.

    Creatives that are gone are left out; a campaign that names screens of which none is left is shown nowhere.
    """
    zone = ZoneInfo(site.timezone)
    flights = tuple(domain.Flight(_midnight(f.first, zone), _midnight(_after(f.last), zone)) for f in document.flights)
    return domain.Campaign(
        id=campaign,
        creatives=tuple(creatives[key] for key in document.creatives if key in creatives),
        flights=flights,
        goal=domain.Goal(document.goal.kind, document.goal.amount),
        dayparts=tuple(map(as_daypart, document.dayparts)),
        screens=_screens(document, site),
        rules=tuple(_rule(rule) for rule in document.rules),
        category=document.category,
        rivals=frozenset(document.rivals),
        sensitive=document.sensitive,
        share_of_voice=document.share_of_voice,
        plays_per_hour=document.plays_per_hour,
        plays_most=document.plays_most,
        priority=document.priority,
        pacing=document.pacing,
        switch=document.switch,
        shares=Shares(**document.arms.model_dump()),
        promotes=document.promotes,
    )


def screens_of(document: CampaignDocument, site: Site) -> dict[str, Screen]:
    """The screens it may be on, by id."""
    if not document.screens and not document.groups:
        return dict(site.screens)
    return {
        key: screen
        for key, screen in site.screens.items()
        if key in document.screens or (screen.group is not None and screen.group in document.groups)
    }


def _screens(document: CampaignDocument, site: Site) -> frozenset[str]:
    """Empty for all; `-`, which no screen is called, where none of those it names is left."""
    everywhere = not document.screens and not document.groups
    return frozenset() if everywhere else frozenset(screens_of(document, site)) or frozenset("-")


def _rule(rule: SegmentRule | NearRule | TriggerRule) -> domain.Rule:
    match rule:
        case SegmentRule():
            return domain.SegmentRule(rule.segment, rule.at_least, rule.share, rule.over, rule.unless)
        case NearRule():
            return domain.NearRule(rule.at_least, rule.unless)
        case TriggerRule():
            return domain.TriggerRule(rule.name, rule.value, rule.unless)


def as_daypart(part: Daypart) -> domain.Daypart:
    """As decisions take it."""
    start, _, end = part.hours.partition("-")
    return domain.Daypart(frozenset(map(WEEKDAYS.index, part.weekdays)), _minutes(start), _minutes(end))


def _minutes(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


def _after(day: date) -> date:
    return day + timedelta(days=1)


def _midnight(day: date, zone: ZoneInfo) -> float:
    return datetime.combine(day, time(), zone).timestamp()
