"""What exists per person per frame: frozen structs of numpy arrays, checked at construction."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
I16 = NDArray[np.int16]
I8 = NDArray[np.int8]
U16 = NDArray[np.uint16]
U8 = NDArray[np.uint8]
Bool = NDArray[np.bool_]


class TrackState(IntEnum):
    """Whether a track's box was seen in this frame or carried over a short gap."""

    SEEN = 0
    COASTED = 1


def _check(name: str, array: NDArray[Any], dtype: type, shape: tuple[int | None, ...]) -> None:
    if array.dtype != dtype:
        raise ValueError(f"{name} must be {np.dtype(dtype).name}, got {array.dtype}")
    if array.ndim != len(shape) or any(want not in (None, got) for want, got in zip(shape, array.shape, strict=True)):
        raise ValueError(f"{name} must have shape {shape}, got {array.shape}")


def _ids() -> I64:
    return np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded picture. `image` u8 (h, w, 3) BGR; `t` seconds UTC from the source; `index` counts decoded frames."""

    image: U8
    t: float
    index: int
    camera_id: str

    def __post_init__(self) -> None:
        _check("image", self.image, np.uint8, (None, None, 3))

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height."""
        return self.image.shape[1], self.image.shape[0]


@dataclass(frozen=True, slots=True)
class Detections:
    """`xyxy_px` f32 (n, 4) corners in source pixels; `confidence` f32 (n,); `class_id` i16 (n,)."""

    xyxy_px: F32
    confidence: F32
    class_id: I16

    def __post_init__(self) -> None:
        n = len(self.confidence)
        _check("xyxy_px", self.xyxy_px, np.float32, (n, 4))
        _check("confidence", self.confidence, np.float32, (n,))
        _check("class_id", self.class_id, np.int16, (n,))

    def __len__(self) -> int:
        return len(self.confidence)

    def __getitem__(self, keep: Bool | I64 | slice) -> "Detections":
        return Detections(self.xyxy_px[keep], self.confidence[keep], self.class_id[keep])

    @classmethod
    def empty(cls) -> "Detections":
        """An empty frame; it is an observation too."""
        return cls(np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty(0, np.int16))


@dataclass(frozen=True, slots=True)
class Tracks:
    """The tracks seen in this frame.

    `track_id` i64 (m,) ascending; `xyxy_px` f32 (m, 4); `confidence` f32 (m,); `state` u8 (m,) of TrackState;
    `ended` i64 (k,): ids that will not come back. Whoever keeps state per track drops it on `ended`.
    """

    track_id: I64
    xyxy_px: F32
    confidence: F32
    state: U8
    ended: I64 = field(default_factory=_ids)

    def __post_init__(self) -> None:
        m = len(self.track_id)
        _check("track_id", self.track_id, np.int64, (m,))
        _check("xyxy_px", self.xyxy_px, np.float32, (m, 4))
        _check("confidence", self.confidence, np.float32, (m,))
        _check("state", self.state, np.uint8, (m,))
        _check("ended", self.ended, np.int64, (None,))

    def __len__(self) -> int:
        return len(self.track_id)


@dataclass(frozen=True, slots=True)
class Traits:
    """What may be known of the tracks beside their places, never more than the profile in force allows.

    `transport` u16 (m,): bit k says that the person is with `contract.segments.TRANSPORT[k]`; `per_metre` f64 (m,):
    how much of the plane is a metre where the person stands, 1 on the floor; `gender`, `age` i8 (m,): index into
    GENDERS and AGES of what the track's looks say so far, -1 where nobody looked; `facing` i8 (m,): a face is turned
    to the camera 1, none is 0, -1 where nobody looked.
    """

    transport: U16
    per_metre: F64
    gender: I8
    age: I8
    facing: I8

    def __post_init__(self) -> None:
        m = len(self.transport)
        _check("transport", self.transport, np.uint16, (m,))
        _check("per_metre", self.per_metre, np.float64, (m,))
        _check("gender", self.gender, np.int8, (m,))
        _check("age", self.age, np.int8, (m,))
        _check("facing", self.facing, np.int8, (m,))

    def __len__(self) -> int:
        return len(self.transport)

    def __getitem__(self, keep: Bool | I64) -> "Traits":
        return Traits(self.transport[keep], self.per_metre[keep], self.gender[keep], self.age[keep], self.facing[keep])

    @classmethod
    def none(cls, m: int) -> "Traits":
        """Nothing is known of `m` people on a floor."""
        unseen = np.full(m, -1, np.int8)
        return cls(np.zeros(m, np.uint16), np.ones(m), unseen, unseen, unseen)


@dataclass(frozen=True, slots=True)
class Faces:
    """What the looks at the tracks' faces say; `gender`, `age`, `facing` i8 (m,) as in `Traits`, -1 unknown."""

    gender: I8
    age: I8
    facing: I8

    def __post_init__(self) -> None:
        m = len(self.gender)
        _check("gender", self.gender, np.int8, (m,))
        _check("age", self.age, np.int8, (m,))
        _check("facing", self.facing, np.int8, (m,))


@dataclass(frozen=True, slots=True)
class PlanePoints:
    """Where the tracks stand on their camera's plane.

    `track_id` i64 (m,) ascending; `xy` f64 (m, 2), metres on the floor, or image widths where the camera is not
    calibrated; `at_edge` bool (m,): stands where the view ends, so that whoever begins here came in from outside;
    `ended` i64 (k,); `traits` of each, None where nothing is known.
    """

    track_id: I64
    xy: F64
    at_edge: Bool
    ended: I64 = field(default_factory=_ids)
    traits: Traits | None = None

    def __post_init__(self) -> None:
        m = len(self.track_id)
        _check("track_id", self.track_id, np.int64, (m,))
        _check("xy", self.xy, np.float64, (m, 2))
        _check("at_edge", self.at_edge, np.bool_, (m,))
        _check("ended", self.ended, np.int64, (None,))
        if self.traits is not None and len(self.traits) != m:
            raise ValueError(f"traits are of {len(self.traits)} people, points of {m}")

    def __len__(self) -> int:
        return len(self.track_id)
