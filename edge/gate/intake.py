"""What comes over the wall: checked to the last key, kept safe, then acknowledged."""

import logging
from collections.abc import Callable
from time import monotonic

from contract.messages import Live, Part, Still, Window
from contract.topics import EVENT, WINDOW
from edge.errors import DiskError, WallError
from edge.gate.health import CameraRoll
from edge.gate.outbox import Outbox
from edge.gate.overflow import Held, Overflow
from edge.gate.pieces import is_next_piece, join
from edge.io.channel import Acknowledge
from edge.ports import Clock
from edge.wire import (
    AudienceCounts,
    EventParcel,
    HealthParcel,
    LiveParcel,
    NoStill,
    NoStillParcel,
    Parcel,
    StillParcel,
    WindowParcel,
    unpack,
)

_SAY_EVERY_S = 60.0

log = logging.getLogger(__name__)


class Intake:
    """Stores windows and events, passes on live counts, audiences and stills, and notes how the cameras are.

    While the disk takes nothing, what arrives is held in memory unacknowledged, and the eyes wait with the rest.
    """

    def __init__(
        self, *, outbox: Outbox, overflow: Overflow, roll: CameraRoll, cameras: frozenset[str], clock: Clock,
        on_live: Callable[[Live], None], on_audience: Callable[[AudienceCounts], None],
        on_still: Callable[[Still | NoStill], None],
    ) -> None:  # fmt: skip
        self._outbox, self._overflow, self._roll = outbox, overflow, roll
        self._cameras, self._clock = cameras, clock
        self._on_live, self._on_audience, self._on_still = on_live, on_audience, on_still
        self._said_at = -_SAY_EVERY_S
        self.refused = 0
        self.disk_fault: str | None = None

    def admit(self, payload: bytes, acknowledge: Acknowledge) -> None:
        """One thing came over the wall. What does not fit is dropped, counted and logged, never stored."""
        try:
            parcel = unpack(payload)
            self._check_cameras(parcel)
        except WallError as error:
            self._refuse(error)
            return
        match parcel:
            case WindowParcel(eye=eye, n=n, data=data, audience=audience):
                is_new = self._keep(Held(WINDOW, data.model_dump_json(by_alias=True), eye, n, acknowledge))
                if is_new and audience is not None:
                    self._on_audience(audience)
            case EventParcel(eye=eye, n=n, data=data):
                self._keep(Held(EVENT, data.model_dump_json(), eye, n, acknowledge))
            case LiveParcel(data=data):
                self._on_live(data)
            case StillParcel(data=data) | NoStillParcel(data=data):
                self._on_still(data)
            case HealthParcel(data=data):
                self._roll.hear(data.cameras, now=self._clock.now())

    def record(self, channel: str, part: Part) -> None:
        """Keep something of the gate's own for `channel`."""
        self._keep(Held(channel, part.model_dump_json(), "", 0, lambda _: None))

    def retry(self) -> None:
        """Try the disk again with what is held in memory."""
        try:
            self._overflow.store(self._store)
        except DiskError as error:
            self.disk_fault = str(error)
        else:
            self.disk_fault = None if not len(self._overflow) else self.disk_fault

    def _check_cameras(self, parcel: Parcel) -> None:
        named = parcel.data.cameras if isinstance(parcel, HealthParcel) else [parcel.data.camera]
        if strangers := {camera for camera in named if camera is not None} - self._cameras:
            raise WallError(f"camera {', '.join(sorted(strangers))} is not one of this box's")

    def _refuse(self, error: WallError) -> None:
        self.refused += 1
        if monotonic() - self._said_at >= _SAY_EVERY_S:
            self._said_at = monotonic()
            log.warning("refused what came from an eye (%d so far): %s", self.refused, error)

    def _keep(self, held: Held) -> bool:
        """Store and acknowledge; behind what is held already, so that order and acknowledgement stay true.

        False where it came before.
        """
        if len(self._overflow):
            return self._overflow.hold(held)
        try:
            is_new = self._store(held)
        except DiskError as error:
            self.disk_fault = str(error)
            return self._overflow.hold(held)
        held.acknowledge(held.n)
        return is_new

    def _store(self, held: Held) -> bool:
        data, note = held.data, None
        if held.channel == WINDOW:
            window = Window.model_validate_json(data)
            key = f"window {window.camera}"
            before = self._outbox.noted(key)
            last = Window.model_validate_json(before) if before is not None else None
            if last is not None and is_next_piece(last, window):
                data = join(last, window).model_dump_json(by_alias=True)
            note = (key, data)
        return self._outbox.add(held.channel, data, now=self._clock.now(), eye=held.eye, n=held.n, note=note)
