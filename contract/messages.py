"""Every message, its envelope and its parts. Strict on the way out, tolerant within v1 on the way in."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PlainSerializer,
    ValidationError,
    model_validator,
)

from contract.documents import explain
from contract.errors import MessageError
from contract.ids import Id
from contract.segments import Age, Band, Gender, Profile
from contract.site import Landmark

SCHEMA_VERSION: Literal[1] = 1

DWELL_BINS_S = (0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 420, 600, 900, 1200, 1800, 3600)
"""Left edges of the dwell bins, seconds; the last is open. Fixed, so that tables add up over windows and cameras."""


def _rfc3339(t: datetime) -> str:
    return t.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Instant = Annotated[AwareDatetime, PlainSerializer(_rfc3339, return_type=str, when_used="json")]
"""UTC, written to the millisecond."""

Seconds = Annotated[NonNegativeFloat, Field(allow_inf_nan=False)]
Histogram = Annotated[list[NonNegativeInt], Field(min_length=len(DWELL_BINS_S), max_length=len(DWELL_BINS_S))]


class Part(BaseModel):
    """Base of everything that travels."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LineStats(Part):
    """Crossings of one line within a window. `in` is left to right of a→b."""

    in_: NonNegativeInt = Field(alias="in", serialization_alias="in")
    out: NonNegativeInt

    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True, serialize_by_alias=True
    )


class DwellTable(Part):
    """Finished visits by dwell bin (`DWELL_BINS_S`), by how they were seen to start and to end.

    `left`: came over the zone's edge and left over it. `lost`: came over the edge, then the track broke (censored).
    `late_left`, `late_lost`: the track began inside (left-truncated).
    """

    left: Histogram
    lost: Histogram
    late_left: Histogram
    late_lost: Histogram


class ZoneStats(Part):
    """One zone within a window; only what adds up, and a maximum."""

    entries: NonNegativeInt = Field(description="Visits that began by coming in, counted when they begin.")
    visits: NonNegativeInt = Field(description="Visits that ended, counted when they end.")
    presence_s: Seconds = Field(description="Person-seconds inside.")
    dwell_sum_s: Seconds = Field(description="Dwell of the visits that ended.")
    dwell: DwellTable
    occupancy_max: NonNegativeInt = Field(description="Most people inside at one instant.")
    stops: NonNegativeInt = Field(default=0, description="Visits in which the person stood still, counted as they do.")
    reentries: NonNegativeInt = Field(
        default=0, description="Entries of someone who was in this zone before, in one track."
    )


ENTRY, EXIT, LOST = "ENTRY", "EXIT", "LOST"
"""Where flows begin and end that do not go from zone to zone. In capitals, so that no zone can be called so."""


class Flow(Part):
    """How often people went from one zone to the next, passages between them left out."""

    source: Id | Literal["ENTRY", "LOST"] = Field(
        description="a zone; ENTRY: came in; LOST: a broken track went on here"
    )
    target: Id | Literal["EXIT", "LOST"] = Field(description="a zone; EXIT: went out; LOST: the track broke")
    n: NonNegativeInt


class Handovers(Part):
    """How visits went over from camera to camera, by place and time only."""

    taken: NonNegativeInt = Field(default=0, description="One person left, one came: the visit goes on.")
    guessed: NonNegativeInt = Field(default=0, description="Several could have been the one; the nearest was taken.")
    missed: NonNegativeInt = Field(default=0, description="Nobody came where someone left: the visit broke off.")


class Heatmap(Part):
    """What happened per cell; only cells that hold anything. Cell i is row i // columns, column i % columns."""

    unit: Literal["m", "image"] = Field(
        description="metres of floor, or image widths where the camera is not calibrated"
    )
    cell: Annotated[float, Field(gt=0)]
    origin: tuple[float, float]
    shape: tuple[NonNegativeInt, NonNegativeInt] = Field(description="rows, columns")
    index: list[NonNegativeInt]
    person_s: list[Seconds] = Field(description="Person-seconds.")
    visits: list[NonNegativeInt] = Field(default=[], description="People who came into the cell.")
    stops: list[NonNegativeInt] = Field(default=[], description="Stops that were made in it.")
    lost: list[NonNegativeInt] = Field(default=[], description="Tracks that broke off in it.")

    @model_validator(mode="after")
    def _cells_fit(self) -> "Heatmap":
        for name in ("person_s", "visits", "stops", "lost"):
            cells = len(getattr(self, name))
            if cells != len(self.index) and (cells or name == "person_s"):
                raise ValueError(f"index has {len(self.index)} cells and {name} {cells}")
        if self.index and max(self.index) >= self.shape[0] * self.shape[1]:
            raise ValueError(f"cell {max(self.index)} lies outside {self.shape[0]} x {self.shape[1]}")
        return self


class ScreenStats(Part):
    """What one screen was worth while one creative was on it, as this camera saw its zone."""

    screen: Id
    creative: Id | None = Field(description="null: the default, or not known to the box")
    shown_s: Seconds = Field(description="Observed seconds it was on.")
    ots: NonNegativeInt = Field(description="Opportunities to see: people in the screen's zone while it was on.")
    viewers: NonNegativeInt = Field(description="Those of them who turned towards the screen for a second or more.")
    attention_s: Seconds = Field(description="Person-seconds turned towards the screen.")


class Window(Part):
    """One camera's window [t_start, t_end): everything that adds up."""

    camera: Id
    t_start: Instant
    t_end: Instant
    revision: NonNegativeInt = 0
    site_version: NonNegativeInt = Field(description="Version of site.yaml the zones and lines are of; 0 without one.")
    observed_s: Seconds = Field(description="Seconds of the window that analysed frames stand for.")
    frames: NonNegativeInt = Field(description="Frames analysed.")
    presence_s: Seconds = Field(description="Person-seconds in the whole view.")
    occupancy_max: NonNegativeInt
    lines: dict[Id, LineStats]
    zones: dict[Id, ZoneStats]
    heatmap: Heatmap | None
    flows: list[Flow] = []
    handovers: Handovers = Handovers()
    screens: list[ScreenStats] = []
    moved: bool = Field(
        default=False, description="The picture no longer fits the calibration: places are not to be relied on."
    )

    @model_validator(mode="after")
    def _ends_after_start(self) -> "Window":
        if self.t_end <= self.t_start:
            raise ValueError(f"t_end {self.t_end} is not after t_start {self.t_start}")
        return self


class ScreenAudience(Part):
    """Who is before one screen: people as a count, segments as bands, never fewer than the smallest cell."""

    near: NonNegativeInt = Field(description="People in its zone now.")
    now: dict[Id, Band] = Field(description="Of them, by segment.")
    lately_n: NonNegativeInt = Field(description="People who came into its zone in the last ten minutes.")
    lately: dict[Id, Band] = Field(description="Of them, by segment.")


class Live(Part):
    """Who is there now, as counts; worthless after `expires_at`."""

    camera: Id
    t: Instant
    expires_at: Instant
    occupancy: NonNegativeInt
    zones: dict[Id, NonNegativeInt]
    screens: dict[Id, ScreenAudience] = {}


class AudienceCell(Part):
    """Visits to one zone by people of one segment, over a span that was waited for until it held enough."""

    zone: Id
    segment: Id
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")] = Field(description="of the segment's definition")
    t_start: Instant
    t_end: Instant
    n: NonNegativeInt = Field(description="Visits that ended, by people of the segment; at least the smallest cell.")
    of: NonNegativeInt = Field(description="All visits that ended in the zone in that span.")
    dwell_sum_s: Seconds = Field(description="Dwell of the `n` visits.")

    @model_validator(mode="after")
    def _part_of_all(self) -> "AudienceCell":
        if self.n > self.of:
            raise ValueError(f"{self.n} visits by segment {self.segment!r} of only {self.of}")
        return self


class Audience(Part):
    """Cells that grew large enough to leave the box."""

    camera: Id
    t: Instant
    smallest_cell: NonNegativeInt
    cells: Annotated[list[AudienceCell], Field(min_length=1, max_length=2000)]


class State(Part):
    """Retained; the Will says offline."""

    status: Literal["online", "offline"]


Trait = Literal["gender", "age"]
TraitClass = Gender | Age


class Confusion(Part):
    """How the networks that tell a trait err, as their manifest says."""

    how_known: Literal["measured", "published", "assumed"]
    taken_for: dict[TraitClass, dict[TraitClass, Annotated[float, Field(ge=0, le=1)]]] = Field(
        description="For someone who is of a class, how likely they are taken for each."
    )


class Birth(Part):
    """Retained; what this box is."""

    version: str
    started_at: Instant
    cameras: list[Id]
    model: str
    profile: Profile
    site_version: NonNegativeInt
    confusion: dict[Trait, Confusion] = Field(default={}, description="In profile demographics.")


class Reported(Part):
    """Retained; the answer to `desired`."""

    site_version: NonNegativeInt
    refused_version: NonNegativeInt | None = None
    reason: str | None = Field(default=None, max_length=500)


class CameraHealth(Part):
    """One camera as its eye sees it."""

    state: Literal["starting", "watching", "reconnecting", "dead"]
    fps: Seconds = Field(description="Frames analysed per second, last minute.")
    observed_share: Annotated[float, Field(ge=0, le=1)] = Field(
        description="Share of the last minute that was observed."
    )
    dropped: NonNegativeInt = Field(description="Frames a live source skipped since start, to stay with now.")
    bad_frames: NonNegativeInt = Field(description="Frames that failed to decode since start.")
    restarts: NonNegativeInt = 0
    view: Literal["fits", "moved", "blind", "unknown"] = Field(
        default="unknown", description="Whether the background still stands where it stood at set-up."
    )
    error: str | None = Field(default=None, max_length=300)


class Health(Part):
    """The box itself, every half minute."""

    t: Instant
    cameras: dict[Id, CameraHealth]
    outbox_depth: NonNegativeInt
    outbox_bytes: NonNegativeInt
    outbox_oldest_s: Seconds
    outbox_dropped: NonNegativeInt = Field(
        description="Messages given up to stay within the outbox's bounds, since start."
    )
    disk_free_bytes: NonNegativeInt


class Event(Part):
    """Something happened that a person should know of."""

    t: Instant
    kind: Literal[
        "eye_restarted",
        "camera_lost",
        "camera_back",
        "camera_moved",
        "camera_blind",
        "camera_fits",
        "still_taken",
        "still_refused",
        "outbox_full",
        "disk_full",
        "config_refused",
        "profile_ended",
    ]
    level: Literal["info", "warning", "error"]
    camera: Id | None = None
    text: str = Field(max_length=500)


class Desired(Part):
    """Retained, versioned: the site document the server wants in force."""

    site_version: NonNegativeInt
    site: dict[str, Any]


class Command(Part):
    """Not retained; ignored after `expires_at`."""

    command: Literal["restart", "send_birth", "take_still"]
    camera: Id | None = Field(default=None, description="Of which to take a still.")
    expires_at: Instant

    @model_validator(mode="after")
    def _of_a_camera(self) -> "Command":
        if (self.command == "take_still") != (self.camera is not None):
            raise ValueError("take_still names a camera, other commands none")
        return self


class Still(Part):
    """The scene without its people, for set-up only: sent when an administrator asks, never stored by the box."""

    camera: Id
    t: Instant
    jpeg: Annotated[str, Field(min_length=1, max_length=600_000, pattern=r"^[A-Za-z0-9+/]+=*$")] = Field(
        description="base64"
    )
    landmarks: Annotated[list[Landmark], Field(max_length=200)]


Data = Window | Live | Audience | State | Birth | Reported | Health | Event | Desired | Command | Still

CHANNELS: dict[str, type[Part]] = {
    "up/state": State,
    "up/birth": Birth,
    "up/reported": Reported,
    "up/window": Window,
    "up/live": Live,
    "up/audience": Audience,
    "up/event": Event,
    "up/health": Health,
    "up/still": Still,
    "down/desired": Desired,
    "down/cmd": Command,
}
"""What each channel carries."""


class Message(Part):
    """The envelope. `(source, id)` is unique for ever; `(box, boot_id, seq)` tells order and gaps."""

    id: Annotated[str, Field(min_length=1, max_length=120)]
    source: str = Field(description="`vitrina/{site}/{box}`")
    type: str = Field(description="`vitrina.` and the data's name, for example `vitrina.window`")
    time: Instant
    schema_version: Literal[1] = SCHEMA_VERSION
    site: Id
    box: Id
    boot_id: Annotated[str, Field(min_length=1, max_length=64)]
    seq: NonNegativeInt
    data: Data


def wrap(data: Data, *, site: str, box: str, boot_id: str, seq: int, time: datetime) -> Message:
    """Put `data` into its envelope."""
    return Message(
        id=f"{boot_id}-{seq}",
        source=f"vitrina/{site}/{box}",
        type=type_of(type(data)),
        time=time,
        site=site,
        box=box,
        boot_id=boot_id,
        seq=seq,
        data=data,
    )


def type_of(model: type[Part]) -> str:
    """`vitrina.window` for `Window`."""
    return f"vitrina.{model.__name__.lower()}"


def encode(message: Message) -> bytes:
    """JSON as it travels."""
    return message.model_dump_json(by_alias=True).encode()


def decode(channel: str, payload: bytes) -> Message:
    """Read a message of `channel`; keys that v1 does not know yet are passed over.

    Raises:
        MessageError: not JSON, not schema version 1, or out of shape.
    """
    try:
        raw = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise MessageError(f"{channel}: not JSON ({str(error)[:120]})") from None
    if not isinstance(raw, dict):
        raise MessageError(f"{channel}: expected an object, got {type(raw).__name__}")
    if raw.get("schema_version") != SCHEMA_VERSION:
        raise MessageError(
            f"{channel}: schema version {str(raw.get('schema_version'))[:20]!r}, this side speaks {SCHEMA_VERSION}"
        )
    model = CHANNELS[channel]
    if raw.get("type") != type_of(model):
        raise MessageError(f"{channel}: carries {type_of(model)}, not {str(raw.get('type'))[:60]!r}")
    try:
        data = model.model_validate(raw.get("data"), extra="ignore")
        return Message.model_validate(raw | {"data": data}, extra="ignore")
    except ValidationError as error:
        raise MessageError(f"{channel}: {explain(error)}") from None
