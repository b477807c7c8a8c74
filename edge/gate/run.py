"""The gate process: takes typed numbers from the eyes, keeps them safe and publishes them. It has no camera."""

import itertools
import logging
import math
import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from secrets import token_hex
from time import monotonic
from typing import Literal

from contract import topics
from contract.messages import Audience, Birth, Event, Health, Live, State
from edge.config import EdgeConfig
from edge.errors import DiskError
from edge.gate.delivery import Delivery
from edge.gate.health import CameraRoll, box_health
from edge.gate.holdback import Holdback
from edge.gate.intake import Intake
from edge.gate.mailbox import Arrival, Mailbox
from edge.gate.orders import Orders
from edge.gate.outbox import Bounds, Outbox, open_outbox
from edge.gate.overflow import Overflow
from edge.gate.sender import Sender
from edge.gate.showings import Showings
from edge.gate.stills import Stills
from edge.io.channel import Doorway
from edge.io.clock import SystemClock
from edge.io.mqtt import Line, News, Received, Taken, Up
from edge.jobs import GateJob
from edge.ports import Clock
from edge.process import EXIT_RESTART, stay_in_memory
from edge.wire import AudienceCounts

_TICK_S = 0.25
_MOST_BETWEEN_TICKS = 100
_RETRY_DISK_S = 1.0
_TIDY_S = 30.0
_EYES_LEAVE_S = 6.0
_LAST_WORD_S = 2.0
_MOST_CELLS = 2000

log = logging.getLogger(__name__)


class Gate:
    """One thread calls `take` for what happened and `tick` in between. `doorway` is where the eyes are."""

    def __init__(
        self,
        job: GateJob,
        *,
        outbox: Outbox,
        line: Line,
        sender: Sender,
        doorway: Doorway,
        clock: Clock,
    ) -> None:
        self._config, self._site, self._clock = job.config, job.site, clock
        self._every_s = job.health_every_s
        self._profile, self._confusion = job.profile, job.confusion
        self._outbox, self._line, self._sender, self._doorway = outbox, line, sender, doorway
        self._started = clock.now()
        self._overflow = Overflow()
        self._roll = CameraRoll(job.config.cameras, now=self._started)
        self._stills = Stills(
            line=line,
            sender=sender,
            order=doorway.order,
            record=self._record,
            cameras=frozenset(job.config.cameras),
            clock=clock,
        )
        self._orders = Orders(config=job.config, site=job.site, outbox=outbox, clock=clock, on_still=self._stills.ask)
        self._holdback = Holdback.of_site(job.site, smallest=job.config.smallest_cell)
        self._showings = Showings(site=job.site.site, screens=job.site.screens, order=doorway.order, clock=clock)
        self._delivery = Delivery(
            outbox=outbox, overflow=self._overflow, line=line, sender=sender, clock=clock, settle_s=job.settle_s
        )
        self._intake = Intake(
            outbox=outbox,
            overflow=self._overflow,
            roll=self._roll,
            cameras=frozenset(job.config.cameras),
            clock=clock,
            on_live=self._pass_on,
            on_audience=self._hold_back,
            on_still=self._stills.take,
        )
        self._said: set[str] = set()
        self._last_word: int | None = None
        self._welcomed = 0
        self._health_at = self._tidied_at = self._retried_at = -math.inf

    @property
    def restart(self) -> bool:
        """Whether the box has to start again, with another site document or because it was told to."""
        return self._orders.restart

    def take(self, item: Arrival | News) -> None:
        """One thing happened."""
        match item:
            case Arrival(payload, acknowledge):
                self._intake.admit(payload, acknowledge)
            case Up(number, remembered):
                self._introduce()
                self._stills.nothing_on_the_way()
                self._delivery.begin(number, remembered=remembered)
            case Taken(mid, refusal):
                self._delivery.answered(mid, refusal)
                self._stills.answered(mid, refusal)
                self._last_word = None if mid == self._last_word else self._last_word
            case Received(topic, payload) if topic.endswith("/show"):
                self._showings.read(topic, payload)
            case Received(topic, payload):
                if self._orders.read(topic, payload):
                    self._introduce()

    def tick(self) -> None:
        """Do what is due."""
        now = monotonic()
        if len(self._overflow) and now - self._retried_at >= _RETRY_DISK_S:
            self._retried_at = now
            self._intake.retry()
        self._delivery.strike_off()
        self._delivery.send()
        self._tell_about_disk()
        self._stills.tidy()
        self._tell_newcomers()
        if now - self._tidied_at >= _TIDY_S:
            self._tidied_at = now
            self._tidy()
        if now - self._health_at >= self._every_s and self._line.connected:
            self._health_at = now
            self._line.publish(self._sender.passing(topics.HEALTH, self._health()))

    def leave(self) -> None:
        """The last thing the gate says."""
        if self._line.connected:
            self._last_word = self._line.publish(self._sender.passing(topics.STATE, State(status="offline")))

    @property
    def heard(self) -> bool:
        """Whether the broker has the last thing the gate said, or there is none to hear it."""
        return self._last_word is None or not self._line.connected

    def _tell_newcomers(self) -> None:
        welcomed = self._doorway.welcomed
        if welcomed != self._welcomed:
            self._welcomed = welcomed
            self._showings.tell()

    def _introduce(self) -> None:
        say = self._line.publish
        say(self._sender.passing(topics.STATE, State(status="online")))
        say(self._sender.passing(topics.BIRTH, self._birth()))
        say(self._sender.passing(topics.REPORTED, self._orders.reported))

    def _birth(self) -> Birth:
        return Birth(
            version=version("vitrina"),
            started_at=datetime.fromtimestamp(self._started, UTC),
            cameras=list(self._config.cameras),
            model=self._config.model,
            profile=self._profile,
            site_version=self._site.version,
            confusion=self._confusion,
        )

    def _pass_on(self, live: Live) -> None:
        left_s = live.expires_at.timestamp() - self._clock.now()
        if self._line.connected and left_s > 0:
            self._line.publish(self._sender.passing(topics.LIVE, live, expires_s=math.ceil(left_s)))

    def _hold_back(self, counts: AudienceCounts) -> None:
        now, smallest = datetime.fromtimestamp(self._clock.now(), UTC), self._config.smallest_cell
        cells = self._holdback.add(counts)
        for first in range(0, len(cells), _MOST_CELLS):
            some = cells[first : first + _MOST_CELLS]
            audience = Audience(camera=counts.camera, t=now, smallest_cell=smallest, cells=some)
            self._intake.record(topics.AUDIENCE, audience)

    def _health(self) -> Health:
        now = self._clock.now()
        return box_health(
            now=now,
            cameras=self._roll.view(now=now),
            waiting=self._outbox.waiting(),
            dropped=self._outbox.dropped + self._overflow.dropped,
            disk_free_bytes=shutil.disk_usage(self._config.outbox.path.parent).free,
        )

    def _tidy(self) -> None:
        try:
            lost = self._outbox.trim(now=self._clock.now())
        except DiskError as error:
            log.warning("%s", error)
            return
        if self._outbox.waiting().depth == 0:
            self._said.discard("outbox_full")
        if lost:
            self._tell("outbox_full", f"the outbox has reached its bounds; gave up the {lost} oldest messages")

    def _tell_about_disk(self) -> None:
        fault = self._intake.disk_fault
        if fault is None:
            self._said.discard("disk_full")
        else:
            self._tell("disk_full", f"{fault}; the newest windows are held in memory until it is possible again")

    def _tell(self, kind: Literal["outbox_full", "disk_full"], text: str) -> None:
        """Once, until it is over."""
        if kind in self._said:
            return
        self._said.add(kind)
        log.error("%s", text)
        now = datetime.fromtimestamp(self._clock.now(), UTC)
        self._record(Event(t=now, kind=kind, level="error", text=text[:500]))

    def _record(self, event: Event) -> None:
        self._intake.record(topics.EVENT, event)


def run_gate(job: GateJob, stop: threading.Event) -> int:
    """Run until `stop`, or until the box has to start again; the process's exit code.

    Raises:
        DiskError: the outbox cannot be opened.
    """
    stay_in_memory()
    clock, mailbox, config = SystemClock(), Mailbox(), job.config
    boot_id = token_hex(6)
    sender = Sender(site=job.site.site, box=config.box, boot_id=boot_id, clock=clock)
    line = Line(
        config.broker,
        client_id=f"vitrina-{job.site.site}-{config.box}",
        subscribe=dict.fromkeys(topics.downward(job.site.site, config.box), 1) | {topics.show_topic(job.site.site): 0},
        will=lambda: sender.passing(topics.STATE, State(status="offline")),
        tell=mailbox.tell,
    )
    outbox = open_outbox(config.outbox.path, boot_id=boot_id, bounds=_bounds(config), now=clock.now())
    doorway = Doorway(job.address, mailbox.deliver)
    gate = Gate(job, outbox=outbox, line=line, sender=sender, doorway=doorway, clock=clock)
    line.start()
    try:
        _serve(gate, mailbox, lambda: stop.is_set() or gate.restart)
        if not gate.restart:  # the eyes may have a last window; after a restart they wait for the next gate
            _serve(gate, mailbox, lambda: not doorway.links, within_s=_EYES_LEAVE_S)
        gate.leave()
        _serve(gate, mailbox, lambda: gate.heard, within_s=_LAST_WORD_S)
    finally:
        doorway.close()
        line.stop()
        outbox.close()
    return EXIT_RESTART if gate.restart else 0


def _serve(gate: Gate, mailbox: Mailbox, done: Callable[[], bool], within_s: float = math.inf) -> None:
    until = monotonic() + within_s
    while not done() and monotonic() < until:
        for wait_s in itertools.chain([_TICK_S], itertools.repeat(0.0, _MOST_BETWEEN_TICKS)):
            item = mailbox.next(wait_s)
            if item is None:
                break
            gate.take(item)
        gate.tick()


def _bounds(config: EdgeConfig) -> Bounds:
    return Bounds(most_bytes=int(config.outbox.max_mb * 1e6), oldest_s=config.outbox.max_age_days * 86400)
