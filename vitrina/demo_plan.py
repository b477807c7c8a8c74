"""What the demo's supermarket offers, moves and asks, and its loyalty programme: config/demo/programme.yaml."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from contract.ids import Id
from contract.loyalty import GroupResult
from contract.site import Document, Share


class OfferPlan(Document):
    """An offer; its days count from today."""

    name: str
    categories: list[Id]
    first: int
    last: int
    share_off: Share
    elasticity: float
    reach: Share = 1.0
    cost: Decimal = Decimal(0)
    groups: list[GroupResult] = Field(default=[])


class MovePlan(Document):
    """A category that stood elsewhere before a day."""

    category: Id
    from_zone: Id
    day: int


class SurveyPlan(Document):
    """How many a week give each of the grades 0 to 10."""

    name: str
    question: Id
    grades: Annotated[list[int], Field(min_length=11, max_length=11)]


class MembersPlan(Document):
    """Of the programme: members and how they change in a week."""

    members: int
    joined: int
    lapsed: int
    visits: float
    cost: Decimal
    points: int
    redeemed: Share


class SegmentPlan(Document):
    """A segment of the members: its share of the card receipts, and what it likes more than all."""

    share: Share
    likes: dict[Id, float] = Field(default={})
    basket: float = 1.0
    """Takings of a receipt against all members'."""
    stays: Share = 0.73
    """Of those active in one week, active again in the next."""


class CohortPlan(Document):
    """Who joined so many months ago."""

    joined: int
    members: int
    active: list[Share]


class ProgrammePlan(Document):
    """The whole document."""

    offers: dict[Id, OfferPlan]
    moves: list[MovePlan]
    surveys: dict[Id, SurveyPlan]
    programme: MembersPlan
    segments: dict[Id, SegmentPlan]
    cohorts: list[CohortPlan]
