"""The wall between eye and gate: the only shapes that cross it, and the two orders that come back.

Bytes of JSON, never pickles. What does not fit these shapes to the last key is refused by the gate.
"""

from typing import Annotated, Literal, Self

from pydantic import (
    Field,
    NonNegativeInt,
    PositiveInt,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from contract.documents import explain
from contract.ids import Id
from contract.messages import CameraHealth, Event, Instant, Live, Part, Seconds, Still, Window
from edge.errors import WallError

LARGEST_PARCEL = 2 * 1024 * 1024
"""Bytes. A window with a full heatmap of a large floor has its place in it, and a still for set-up."""

LARGEST_ANSWER = 400
"""Bytes that an eye takes from the gate at once: an order, or the number up to which all is safe."""

EyeId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8,32}$")]
"""Random per life of an eye."""


class CamerasHealth(Part):
    """How an eye's cameras are."""

    cameras: dict[Id, CameraHealth]


class AudienceCount(Part):
    """Visits to one zone that ended in a window, by people of one segment; of any size, and so never stored or sent."""

    zone: Id
    segment: Id
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
    n: NonNegativeInt = Field(description="By people of the segment.")
    of: NonNegativeInt = Field(description="All that ended in the zone.")
    dwell_sum_s: Seconds = Field(description="Dwell of the `n` visits.")


class AudienceCounts(Part):
    """One camera's window [t_start, t_end) by segment: every segment for each zone in which a visit ended."""

    camera: Id
    t_start: Instant
    t_end: Instant
    cells: Annotated[list[AudienceCount], Field(max_length=100_000)]


class WindowParcel(Part):
    """Kept by the eye until the gate has the window safe. `n` counts what one eye keeps, from 1.

    `audience` goes with its window, so that neither is taken twice; the gate holds it in memory until it is many.
    """

    kind: Literal["window"] = "window"
    eye: EyeId
    n: PositiveInt
    data: Window
    audience: AudienceCounts | None = None

    @model_validator(mode="after")
    def _audience_of_its_camera(self) -> Self:
        if self.audience is not None and self.audience.camera != self.data.camera:
            raise ValueError(f"window of {self.data.camera} with the audience of {self.audience.camera}")
        return self


class EventParcel(Part):
    """Kept like a window."""

    kind: Literal["event"] = "event"
    eye: EyeId
    n: PositiveInt
    data: Event


class LiveParcel(Part):
    """Sent once."""

    kind: Literal["live"] = "live"
    eye: EyeId
    data: Live


class HealthParcel(Part):
    """Sent once."""

    kind: Literal["health"] = "health"
    eye: EyeId
    data: CamerasHealth


class NoStill(Part):
    """Why an eye has no still to give."""

    camera: Id
    reason: str = Field(max_length=300)


class StillParcel(Part):
    """Sent once, and only when it was ordered: the one thing with a picture in it, and nobody on it."""

    kind: Literal["still"] = "still"
    eye: EyeId
    data: Still


class NoStillParcel(Part):
    """Sent once, in place of a still."""

    kind: Literal["no_still"] = "no_still"
    eye: EyeId
    data: NoStill


class TakeStill(Part):
    """From the gate to its eyes; the one that has the camera obeys."""

    order: Literal["take_still"] = "take_still"
    camera: Id


class Showing(Part):
    """From the gate to its eyes: what a screen shows from `at`; after `until` it is not known."""

    order: Literal["showing"] = "showing"
    screen: Id
    creative: Id | None = Field(description="null: the default")
    at: Instant
    until: Instant


Order = TakeStill | Showing
Kept = WindowParcel | EventParcel
Passing = Live | CamerasHealth | Still | NoStill
Parcel = Kept | LiveParcel | HealthParcel | StillParcel | NoStillParcel
_PARCEL: TypeAdapter[Parcel] = TypeAdapter(Annotated[Parcel, Field(discriminator="kind")])
_ORDER: TypeAdapter[Order] = TypeAdapter(Annotated[Order, Field(discriminator="order")])


def unpack(payload: bytes) -> Parcel:
    """Read a parcel.

    Raises:
        WallError: not JSON, an unknown kind, a key too many, or a value out of shape.
    """
    try:
        return _PARCEL.validate_json(payload, strict=True)
    except ValidationError as error:
        raise WallError(explain(error, most=2)[:200]) from None


def window_parcel(window: Window, audience: AudienceCounts | None, *, eye: str, n: int) -> bytes:
    """Pack a window, and who came in it, which the gate must have."""
    return WindowParcel(eye=eye, n=n, data=window, audience=audience).model_dump_json(by_alias=True).encode()


def event_parcel(event: Event, *, eye: str, n: int) -> bytes:
    """Pack an event, which the gate must have."""
    return EventParcel(eye=eye, n=n, data=event).model_dump_json(by_alias=True).encode()


def passing_parcel(part: Passing, *, eye: str) -> bytes:
    """Pack what is worthless later."""
    parcel: Parcel
    match part:
        case Live():
            parcel = LiveParcel(eye=eye, data=part)
        case CamerasHealth():
            parcel = HealthParcel(eye=eye, data=part)
        case Still():
            parcel = StillParcel(eye=eye, data=part)
        case NoStill():
            parcel = NoStillParcel(eye=eye, data=part)
    return parcel.model_dump_json(by_alias=True).encode()


def read_answer(payload: bytes) -> int | Order:
    """What the gate says to an eye: up to which number all is safe, or an order.

    Raises:
        ValueError: neither.
    """
    return _ORDER.validate_json(payload) if payload.startswith(b"{") else int(payload)
