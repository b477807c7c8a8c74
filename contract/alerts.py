"""What the server says to whoever listens at a site: alarms, raised and cleared."""

import json
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from contract.ids import Id
from contract.messages import SCHEMA_VERSION, Instant, Part

AlertKind = Literal[
    "occupancy",
    "zone_people",
    "queue_wait",
    "camera_lost",
    "camera_moved",
    "camera_blind",
    "footfall_low",
    "footfall_high",
    "segment_drift",
]
"""What can be the matter."""


class Alert(Part):
    """Something needs a person, or no longer does."""

    state: Literal["raised", "cleared"]
    kind: AlertKind
    subject: Id | None = Field(description="zone, camera or segment; null: the store")
    raised_at: Instant
    cleared_at: Instant | None = None
    value: float | None = Field(
        default=None, description="the worst seen: people, seconds of wait, people who came in, or a share"
    )
    limit: float | None = Field(default=None, description="what it is beyond, or usual for a share; in the same unit")
    text: Annotated[str, Field(max_length=500)] = Field(description="the same in a sentence, English")


class AlertMessage(Part):
    """The envelope on `vitrina/v1/{site}/alerts` and in webhooks; `(source, id)` is unique for ever."""

    id: Annotated[str, Field(min_length=1, max_length=120)]
    source: str = Field(description="`vitrina/{site}`")
    type: Literal["vitrina.alert"] = "vitrina.alert"
    time: Instant
    schema_version: Literal[1] = SCHEMA_VERSION
    site: Id
    data: Alert


def wrap_alert(alert: Alert, *, site: str, number: int, time: datetime) -> AlertMessage:
    """Put `alert` into its envelope; `number` is the alarm's own, so raised and cleared share it."""
    return AlertMessage(id=f"{number}-{alert.state}", source=f"vitrina/{site}", time=time, site=site, data=alert)


def encode_alert(message: AlertMessage) -> bytes:
    """JSON as it travels; keys sorted, so that a signature over it can be checked anywhere."""
    return json.dumps(message.model_dump(mode="json"), sort_keys=True, ensure_ascii=False).encode()
