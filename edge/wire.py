"""The wall between eye and gate: the only shapes that cross it, and the one order that comes back.

Bytes of JSON, never pickles. What does not fit these shapes to the last key is refused by the gate.
"""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, StringConstraints, TypeAdapter, ValidationError

from contract.documents import explain
from contract.ids import Id
from contract.messages import CameraHealth, Event, Live, Part, Still, Window
from edge.errors import WallError

LARGEST_PARCEL = 2 * 1024 * 1024
"""Bytes. A window with a full heatmap of a large floor has its place in it, and a still for set-up."""

LARGEST_ANSWER = 200
"""Bytes that an eye takes from the gate at once: an order, or the number up to which all is safe."""

EyeId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8,32}$")]
"""Random per life of an eye."""


class CamerasHealth(Part):
    """How an eye's cameras are."""

    cameras: dict[Id, CameraHealth]


class WindowParcel(Part):
    """Kept by the eye until the gate has it safe. `n` counts what one eye keeps, from 1."""

    kind: Literal["window"] = "window"
    eye: EyeId
    n: PositiveInt
    data: Window


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


Kept = WindowParcel | EventParcel
Passing = Live | CamerasHealth | Still | NoStill
Parcel = Kept | LiveParcel | HealthParcel | StillParcel | NoStillParcel
_PARCEL: TypeAdapter[Parcel] = TypeAdapter(Annotated[Parcel, Field(discriminator="kind")])


def unpack(payload: bytes) -> Parcel:
    """Read a parcel.

    Raises:
        WallError: not JSON, an unknown kind, a key too many, or a value out of shape.
    """
    try:
        return _PARCEL.validate_json(payload, strict=True)
    except ValidationError as error:
        raise WallError(explain(error, most=2)[:200]) from None


def kept_parcel(part: Window | Event, *, eye: str, n: int) -> bytes:
    """Pack what the gate must have."""
    if isinstance(part, Window):
        return WindowParcel(eye=eye, n=n, data=part).model_dump_json(by_alias=True).encode()
    return EventParcel(eye=eye, n=n, data=part).model_dump_json(by_alias=True).encode()


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


def read_answer(payload: bytes) -> int | TakeStill:
    """What the gate says to an eye: up to which number all is safe, or an order.

    Raises:
        ValueError: neither.
    """
    return TakeStill.model_validate_json(payload) if payload.startswith(b"{") else int(payload)
