"""What a till bank may offer this hour. For a bank and an hour, never for a person or a basket."""

import json
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat

from contract.ids import Id
from contract.messages import SCHEMA_VERSION, Instant, Part
from contract.site import Share


class Tip(Part):
    """Offer `then` with `given`; the figures say why."""

    given: Id | None = Field(default=None, description="category; null: with anything")
    then: Id = Field(description="category to offer")
    given_name: Annotated[str, Field(max_length=120)] = ""
    then_name: Annotated[str, Field(max_length=120)]
    text: Annotated[str, Field(max_length=200)] = Field(default="", description="words of whoever sent it by hand")
    by: Annotated[str, Field(max_length=80)] = Field(default="", description="who sent it by hand; empty: worked out")
    lift: NonNegativeFloat | None = Field(default=None, description="bought together so many times as often as chance")
    chance: Share | None = Field(default=None, description="that who is asked takes it")
    asked: NonNegativeFloat | None = Field(default=None, description="receipts of the hour it may be offered at, about")
    worth: float | None = Field(default=None, description="margin of the hour if everyone concerned is asked")
    expected: NonNegativeFloat | None = Field(default=None, description="people to come today, forecast")
    busy: NonNegativeFloat | None = Field(default=None, description="of them in the hours in which `given` sells most")


class Tips(Part):
    """The tips of one bank and hour, best first."""

    bank: Id = Field(description="a queue zone; `all` for every till")
    start: Instant
    until: Instant
    tips: Annotated[list[Tip], Field(max_length=10)]


class TipsMessage(Part):
    """The envelope on `vitrina/v1/{site}/tips/{bank}`."""

    id: Annotated[str, Field(min_length=1, max_length=120)]
    source: str = Field(description="`vitrina/{site}`")
    type: Literal["vitrina.tips"] = "vitrina.tips"
    time: Instant
    schema_version: Literal[1] = SCHEMA_VERSION
    site: Id
    data: Tips


def encode_tips(tips: Tips, *, site: str, time: datetime) -> bytes:
    """JSON as it travels."""
    id_ = f"{tips.bank}-{tips.start:%Y%m%dT%H%MZ}-{time:%H%M%S}"
    message = TipsMessage(id=id_, source=f"vitrina/{site}", time=time, site=site, data=tips)
    return json.dumps(message.model_dump(mode="json"), sort_keys=True, ensure_ascii=False).encode()
