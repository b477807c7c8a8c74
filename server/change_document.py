"""A change of the store as it is planned and judged: what the REST interface takes and the database keeps."""

from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from contract.ids import Id
from contract.site import Document
from server.domain.advice import Kind
from server.domain.intervals import Estimate

Design = Literal["before_after", "against_stores"]
Verdict = Literal["worked", "no_effect", "wrong", "unclear"]

SHORTEST_DAYS, LONGEST_DAYS = 7, 182

Checks = dict[str, bool]
Money = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]


class Days(Document):
    """From the first day to the last, both with."""

    first: date
    last: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not SHORTEST_DAYS <= len(self) <= LONGEST_DAYS:
            raise ValueError(
                f"{self.first} to {self.last}: a side of a test has {SHORTEST_DAYS} to {LONGEST_DAYS} days"
            )
        return self

    def __len__(self) -> int:
        return (self.last - self.first).days + 1


class ChangeDocument(Document):
    """What is changed, when, and what it is judged on."""

    kind: Kind | Literal["other"] = "other"
    subject: Id | None = Field(default=None, description="the category or the offer it is about")
    other: Id | None = Field(default=None, description="the category to swap with or to stand beside; the screen")
    origin: Id | None = Field(default=None, description="the zone it leaves")
    target: Id | None = Field(default=None, description="the zone it goes to")
    design: Design = "before_after"
    before: Days
    after: Days
    stores: Annotated[list[Id], Field(max_length=50)] = Field(default=[], description="compared with, unchanged")
    categories: Annotated[list[Id], Field(min_length=1, max_length=20)] = Field(
        description="whose margin a week it is judged on"
    )
    zones: Annotated[list[Id], Field(max_length=4)] = Field(default=[], description="whose stops are looked at as well")
    sees: Money | None = Field(default=None, description="margin a week that is seen 8 times in 10")
    note: Annotated[str, Field(max_length=1000)] = ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.after.first <= self.before.last:
            raise ValueError(f"after: begins on {self.after.first}, before the days before it are over")
        if self.design == "against_stores" and not self.stores:
            raise ValueError("stores: name at least one to compare with")
        return self

    @property
    def day(self) -> date:
        """Of the change."""
        return self.before.last + timedelta(days=1)


class Promise(Document):
    """What was expected when the change was planned, margin a week."""

    effect: Estimate
    factor: float = Field(default=1.0, description="by which earlier promises had been found too large or too small")


class Fact(Document):
    """Something about the change that the planogram tells."""

    code: Literal["moved", "moved_on_other_day", "not_moved", "not_told"]
    category: Id
    day: date | None = None


class ChangeResult(Document):
    """What came of it."""

    verdict: Verdict
    effect: Estimate | None = Field(default=None, description="margin a week against leaving things as they were, 95 %")
    relative: Estimate | None = Field(default=None, description="the same as a share of what would have been")
    stops: Estimate | None = Field(default=None, description="stops a day in the zones, after less before, 95 %")
    days: int = Field(default=0, description="that could be used after the change")
    checks: Checks = Field(default={}, description="checks of the method, and whether each held")
    facts: list[Fact] = Field(default=[])
