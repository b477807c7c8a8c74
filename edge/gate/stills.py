"""Stills for set-up on their way from an eye to the server: in memory, only when asked for, now or never."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

from contract.messages import Event, Still
from contract.topics import STILL
from edge.gate.sender import Sender
from edge.io.mqtt import Line
from edge.ports import Clock
from edge.wire import NoStill, TakeStill

_PATIENCE_S = 60.0
"""An eye collects for a third of that."""

_KEPT_S = 300
"""So long a broker keeps a still for a server that is away."""

log = logging.getLogger(__name__)


class Stills:
    """Asks the eyes, passes on what they made, and tells in an event how each ended: that, and who asked, is open.

    `order` says an order to the eyes and gives how many heard it; `record` keeps an event.
    """

    def __init__(
        self,
        *,
        line: Line,
        sender: Sender,
        order: Callable[[TakeStill], int],
        record: Callable[[Event], None],
        cameras: frozenset[str],
        clock: Clock,
    ) -> None:
        self._cameras = cameras
        self._line, self._sender, self._order, self._record, self._clock = line, sender, order, record, clock
        self._asked: dict[str, float] = {}
        self._on_the_way: dict[int, str] = {}

    def ask(self, camera: str) -> None:
        """An administrator wants a still of `camera`."""
        log.info("camera %s: a still for set-up was asked for", camera)
        if camera not in self._cameras:
            self._refuse(camera, "this box has no such camera")
            return
        self._asked[camera] = self._clock.now() + _PATIENCE_S
        if not self._order(TakeStill(camera=camera)):
            self._refuse(camera, "no eye is at work; try again in a minute")

    def take(self, made: Still | NoStill) -> None:
        """An eye has made one, or says why it has none."""
        if made.camera not in self._asked:
            log.warning("camera %s: threw away a still that nobody asked for", made.camera)
        elif isinstance(made, NoStill):
            self._refuse(made.camera, made.reason)
        elif not self._line.connected:
            self._refuse(made.camera, "the broker is away; the still was thrown away")
        else:
            del self._asked[made.camera]
            self._on_the_way[self._line.publish(self._sender.passing(STILL, made, expires_s=_KEPT_S))] = made.camera

    def answered(self, mid: int, refusal: str | None) -> None:
        """The broker has taken the publication `mid`, or refused it."""
        camera = self._on_the_way.pop(mid, None)
        if camera is None:
            return
        if refusal is None:
            self._tell("still_taken", camera, "a still without people was made for set-up, as an administrator asked")
        else:
            self._refuse(camera, f"the broker refuses stills: {refusal}; check the box's rights")

    def nothing_on_the_way(self) -> None:
        """The connection is new; what was on the way is gone."""
        for camera in self._on_the_way.values():
            self._refuse(camera, "the connection to the broker broke; the still was thrown away")
        self._on_the_way.clear()

    def tidy(self) -> None:
        """Wait no longer for an eye that has had its time."""
        for camera in [camera for camera, until in self._asked.items() if until < self._clock.now()]:
            self._refuse(camera, "its eye gave no answer; try again")

    def _refuse(self, camera: str, reason: str) -> None:
        self._asked.pop(camera, None)
        self._tell("still_refused", camera, f"no still: {reason}")

    def _tell(self, kind: Literal["still_taken", "still_refused"], camera: str, text: str) -> None:
        level: Literal["info", "warning"] = "info" if kind == "still_taken" else "warning"
        t = datetime.fromtimestamp(self._clock.now(), UTC)
        self._record(Event(t=t, kind=kind, level=level, camera=camera, text=text[:500]))
