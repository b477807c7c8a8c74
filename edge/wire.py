"""The wall between eye and gate: the only shapes that cross it.

Bytes of JSON, never pickles. What does not fit these shapes to the last key is refused by the gate.
"""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, StringConstraints, TypeAdapter, ValidationError

from contract.documents import explain
from contract.ids import Id
from contract.messages import CameraHealth, Event, Live, Part, Window
from edge.errors import WallError

LARGEST_PARCEL = 2 * 1024 * 1024
"""Bytes. A window with a full heatmap of a large floor has its place in it; a picture hardly."""

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


Kept = WindowParcel | EventParcel
Parcel = Kept | LiveParcel | HealthParcel
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


def passing_parcel(part: Live | CamerasHealth, *, eye: str) -> bytes:
    """Pack what is worthless later."""
    if isinstance(part, Live):
        return LiveParcel(eye=eye, data=part).model_dump_json(by_alias=True).encode()
    return HealthParcel(eye=eye, data=part).model_dump_json(by_alias=True).encode()
