"""What travels between the server and the screens: what to show, and what was shown."""

import json
from datetime import datetime
from typing import Annotated, Literal, TypeVar

from pydantic import Field, ValidationError, model_validator

from contract.documents import explain
from contract.errors import MessageError
from contract.ids import Id
from contract.messages import SCHEMA_VERSION, Instant, Part, Seconds

Arm = Literal["targeted", "everyone", "nothing"]
"""Of a campaign's test in a ten-minute slot: by its targets, the same for everyone, or the default in its place."""

MediaKind = Literal["image", "video", "html"]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Token = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]


class Media(Part):
    """A file to show."""

    kind: MediaKind
    sha256: Digest
    type: Annotated[str, Field(max_length=80)] = Field(description="media type, such as video/mp4")
    seconds: Annotated[float, Field(gt=0, le=3600)] = Field(description="how long one play lasts")


class Show(Part):
    """One decision for one screen. Players show it from `at`; a decision that comes after `until` is not shown."""

    screen: Id
    decision: Token
    campaign: Id | None = Field(description="null: the default")
    creative: Id | None
    media: Media | None = Field(description="null: the player's own house picture")
    arm: Arm | None = Field(default=None, description="of the campaign's test; null for the default without one")
    at: Instant
    until: Instant
    switch: Literal["now", "next"] = Field(description="cut in at once, or when what is on has ended")
    reason: Annotated[str, Field(max_length=300)] = Field(description="why, in one sentence, English")
    qr: Annotated[str, Field(max_length=500)] | None = Field(default=None, description="address of its QR code")

    @model_validator(mode="after")
    def _ends_after_start(self) -> "Show":
        if self.until <= self.at:
            raise ValueError(f"until {self.until} is not after at {self.at}")
        return self


class Played(Part):
    """Proof of one play, kept by the player until it is acknowledged; told once however often it is sent."""

    play: Token = Field(description="drawn by the player, unique for ever")
    screen: Id
    decision: Token | None = Field(description="null: in turn from the player's own store")
    campaign: Id | None
    creative: Id | None
    started_at: Instant = Field(description="by the player's clock, corrected by the server's")
    seconds: Seconds
    outcome: Literal["whole", "cut", "failed"] = Field(description="cut: another took its place; failed: not painted")
    cached: bool = Field(description="the server was out of reach")
    trouble: Annotated[str, Field(max_length=200)] | None = None


class ShowMessage(Part):
    """The envelope on `screens/{screen}/show`, retained."""

    id: Annotated[str, Field(min_length=1, max_length=120)]
    source: str = Field(description="`vitrina/{site}`")
    type: Literal["vitrina.show"] = "vitrina.show"
    time: Instant
    schema_version: Literal[1] = SCHEMA_VERSION
    site: Id
    data: Show


class PlayedMessage(Part):
    """The envelope on `screens/{screen}/played`."""

    id: Annotated[str, Field(min_length=1, max_length=120)]
    source: str = Field(description="`vitrina/{site}/screens/{screen}`")
    type: Literal["vitrina.played"] = "vitrina.played"
    time: Instant
    schema_version: Literal[1] = SCHEMA_VERSION
    site: Id
    data: Played


def wrap_show(show: Show, *, site: str, time: datetime) -> ShowMessage:
    """Put `show` into its envelope."""
    return ShowMessage(id=show.decision, source=f"vitrina/{site}", time=time, site=site, data=show)


Envelope = TypeVar("Envelope", ShowMessage, PlayedMessage)


def read_screen_message(model: type[Envelope], payload: bytes) -> Envelope:
    """Read what came on a screen's topic; keys that v1 does not know yet are passed over.

    Raises:
        MessageError: not JSON, not schema version 1, or out of shape.
    """
    try:
        raw = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise MessageError(f"{model.__name__}: not JSON ({str(error)[:120]})") from None
    try:
        return model.model_validate(raw, extra="ignore")
    except ValidationError as error:
        raise MessageError(f"{model.__name__}: {explain(error)}") from None
