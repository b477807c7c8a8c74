"""From the broker into the database, for as long as the server runs. Nothing that arrives can end it."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import aiomqtt
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from contract.errors import MessageError
from contract.loyalty import BIN_S
from contract.loyalty_messages import ToldMessage
from contract.messages import Birth, Event, Live, Message, Still, Window
from contract.screens import PlayedMessage
from contract.topics import ROOT, loyalty_in_topic, played_topic
from server.admission import Rules, admit, admit_played, admit_told
from server.bus import News
from server.db.events import EventRecord, add_event
from server.db.intake import Arrival, store
from server.db.prune import oldest_taken
from server.db.stills import empty_log
from server.director import Director
from server.errors import RefusedError
from server.inbox import SHOW, Inbox, TurnedAwayError
from server.played import PlayArrival, take_arrivals
from server.service import Service
from server.still_arrival import admit_still
from server.told import ToldArrival, partly_refused, take_told

BATCH = 256
"""Messages per transaction, at most."""
RETRY_FIRST_S, RETRY_MOST_S = 0.5, 30.0
REFUSED_RETRY_S = 30.0
"""A password does not become right by hurrying."""
TELL_EVERY_S = 600.0
"""The same refusal from the same place is logged and noted as an event this often."""
TELL_MOST = 1000

log = structlog.get_logger()

Written = TypeVar("Written")
Stored = Arrival | PlayArrival


@dataclass(slots=True)
class Complaints:
    """Which refusals have been told lately; bounded, so that a flood of inventions does not fill the memory."""

    told: dict[tuple[str, str], float] = field(default_factory=dict)

    def due(self, reason: str, place: str, now: float) -> bool:
        """Whether this refusal is to be told; notes that it was."""
        self.told = {key: t for key, t in self.told.items() if now - t < TELL_EVERY_S}
        if (reason, place) in self.told or len(self.told) >= TELL_MOST:
            return False
        self.told[reason, place] = now
        return True


class Ingest:
    """The task that takes messages in."""

    def __init__(self, service: Service, sites: frozenset[str], director: Director) -> None:
        self._service = service
        self._sites = sites
        self._director = director
        self._complaints = Complaints()
        self.trouble: str | None = "not connected yet"
        """What keeps the server from receiving; None while it is connected."""
        self.write_trouble: str | None = None
        """What keeps the server from storing; None while it can."""

    async def run(self) -> None:
        """Connect, take in, and connect again, until cancelled."""
        wait_s = RETRY_FIRST_S
        while True:
            began = time.monotonic()
            try:
                await self._session()
            except (aiomqtt.MqttError, OSError) as error:
                wait_s = RETRY_FIRST_S if time.monotonic() - began > RETRY_MOST_S else min(wait_s * 2, RETRY_MOST_S)
                wait_s = self._lost(error, wait_s)
            await asyncio.sleep(wait_s)

    def _lost(self, error: Exception, wait_s: float) -> float:
        broker = self._service.settings.broker
        self._service.meters.connected.set(0)
        if _refused_password(error):
            self.trouble = f"the broker at {broker.host}:{broker.port} refuses user {broker.username!r} ({error})"
            log.error("broker refuses the password; check broker.username and broker.password", trouble=self.trouble)
            return REFUSED_RETRY_S
        self.trouble = f"no connection to the broker at {broker.host}:{broker.port} ({str(error)[:200]})"
        log.warning("broker is not there; trying again", trouble=self.trouble, wait_s=wait_s)
        return wait_s

    async def _session(self) -> None:
        async with Inbox(self._service.settings.broker, self._hear_first) as inbox:
            await inbox.subscribe_upward(self._service.settings.broker.group)
            self.trouble = None
            self._service.meters.connected.set(1)
            log.info("receiving", broker=f"{self._service.settings.broker.host}:{self._service.settings.broker.port}")
            sending = asyncio.create_task(self._service.outgoing.run(inbox, self._sites))
            try:
                while True:
                    batch = await inbox.next_batch(BATCH)
                    self._service.meters.waiting.set(len(inbox.messages) + len(batch))
                    await self._take(batch)
                    for message in batch:
                        inbox.acknowledge(message)
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)

    async def _take(self, batch: Sequence[aiomqtt.Message]) -> None:
        admitted = await asyncio.to_thread(self._admit_all, batch)
        stored = [arrival for arrival in admitted if not isinstance(arrival, ToldArrival)]
        fresh = await self._store(stored)
        for arrival, new in zip(stored, fresh, strict=True):
            self._note(arrival, new=new)
        for told in admitted:
            if isinstance(told, ToldArrival):
                await self._take_told(told)

    def _hear_first(self, topic: str, payload: bytes) -> None:
        """Live figures go to the screens at once; what is wrong with them is told when their turn comes."""
        now = self._service.clock()
        try:
            if topic.endswith(SHOW):
                self._director.relay(topic, payload)
                return
            message = admit(topic, payload, rules=self._rules(now), now=now)
            if isinstance(message.data, Live):
                self._director.hear(message, message.data)
        except (RefusedError, MessageError):
            return
        except Exception:  # nothing that arrives can end the connection
            log.exception("live figures not heard", topic=topic[:200])

    def _rules(self, now: float) -> Rules:
        return Rules(self._sites, oldest_taken(self._service.settings.retention, now=now))

    def _admit_all(self, batch: Sequence[aiomqtt.Message]) -> list[Stored | ToldArrival]:
        now = self._service.clock()
        rules = self._rules(now)
        return [arrival for message in batch if (arrival := self._admit(message, rules, now))]

    def _admit(self, raw: aiomqtt.Message, rules: Rules, now: float) -> Stored | ToldArrival | None:
        topic = str(raw.topic)
        try:
            if raw.topic.matches(played_topic("+")):
                return PlayArrival(admit_played(topic, bytes(raw.payload or b""), rules=rules), now)
            if raw.topic.matches(loyalty_in_topic("+")):
                subject, told = admit_told(topic, bytes(raw.payload or b""), rules=rules, now=now)
                return ToldArrival(told, subject, now)
            message = admit(topic, bytes(raw.payload or b""), rules=rules, now=now)
            if isinstance(message.data, Still):
                message = admit_still(self._service.engine, message, message.data, now=now)
        except RefusedError as error:
            self._refuse(topic, error, now)
            return None
        except Exception as error:
            self._refuse(topic, RefusedError("unreadable", f"{topic[:200]}: {type(error).__name__}"), now)
            return None
        return Arrival(message, min(now, message.time.timestamp()) if raw.retain else now)

    def _refuse(self, topic: str, error: RefusedError, now: float) -> None:
        self._service.meters.refused.labels(error.reason).inc()
        site, _, rest = topic.removeprefix(f"{ROOT}/").partition("/")
        box = rest.partition("/")[0]
        if not self._complaints.due(error.reason, f"{site}/{box}"[:200], now):
            return
        log.warning("message refused", reason=error.reason, told=str(error))
        if site in self._sites:
            self._add_event(
                site, EventRecord(now, box[:64], None, f"refused_{error.reason}", "error", str(error)[:500])
            )

    def _add_event(self, site: str, event: EventRecord) -> None:
        try:
            with self._service.engine.begin() as conn:
                add_event(conn, site, event)
        except SQLAlchemyError as error:
            log.error("event not stored", trouble=_first_line(error))

    async def _store(self, arrivals: Sequence[Stored]) -> list[bool]:
        """Store all; tells for each whether it was new."""
        try:
            return await self._until_written(lambda: _transact(self._service.engine, arrivals))
        except Exception as error:
            if len(arrivals) == 1:
                self._give_up(arrivals[0].message, error)
                return [False]
            return [new for arrival in arrivals for new in await self._store([arrival])]

    async def _take_told(self, arrival: ToldArrival) -> None:
        """Each in a transaction of its own: receipts by the thousand never hold back what the boxes sent with them."""
        engine, retention = self._service.engine, self._service.settings.retention
        topic = loyalty_in_topic(arrival.message.site, arrival.subject)
        told_at = arrival.seen_at // BIN_S * BIN_S  # when a receipt came is nobody's business to the second
        try:
            taken = await self._until_written(lambda: take_told(engine, arrival, retention))
        except RefusedError as error:
            self._refuse(topic, error, told_at)
        except Exception as error:
            self._give_up(arrival.message, error)
        else:
            self._service.meters.count_told(arrival.subject, taken.taken, taken.known, taken.refused)
            partly = partly_refused(arrival, taken)
            if partly is not None:
                self._refuse(topic, partly, told_at)

    async def _until_written(self, write: Callable[[], Written]) -> Written:
        """Write until it succeeds: while the disk is full or the database locked, nothing is acknowledged."""
        wait_s = RETRY_FIRST_S
        while True:
            try:
                written = await asyncio.to_thread(write)
            except (OperationalError, InterfaceError) as error:
                self._service.meters.write_faults.inc()
                self.write_trouble = f"cannot be written ({_first_line(error)}); nothing is lost, trying again"
                log.error("cannot write; trying again", trouble=_first_line(error), wait_s=wait_s)
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, RETRY_MOST_S)
            else:
                self.write_trouble = None
                return written

    def _give_up(self, message: Message | PlayedMessage | ToldMessage, error: Exception) -> None:
        self._service.meters.refused.labels("unstorable").inc()
        log.error("message cannot be stored", source=message.source, type=message.type, trouble=_first_line(error))

    def _note(self, arrival: Stored, *, new: bool) -> None:
        message, meters = arrival.message, self._service.meters
        if not new:
            meters.repeated.inc()
            return
        meters.taken.labels(message.type.removeprefix("vitrina.")).inc()
        meters.lag_s.set(max(0.0, self._service.clock() - message.time.timestamp()))
        if isinstance(message, PlayedMessage):
            return
        self._service.bus.tell(_news(message))
        if isinstance(message.data, Birth):
            self._service.outgoing.greet(message.site, message.box, message.boot_id)


def _transact(engine: Engine, arrivals: Sequence[Stored]) -> list[bool]:
    """Store all; tells for each whether it was new."""
    if not arrivals:
        return []
    messages = [arrival for arrival in arrivals if isinstance(arrival, Arrival)]
    plays = [arrival for arrival in arrivals if isinstance(arrival, PlayArrival)]
    with engine.begin() as conn:
        told = {Arrival: iter(store(conn, messages)), PlayArrival: iter(take_arrivals(conn, plays))}
    fresh = [next(told[type(arrival)]) for arrival in arrivals]
    if any(isinstance(arrival.message.data, Still) for arrival in messages):
        empty_log(engine)  # the still before it is gone for good
    return fresh


def _news(message: Message) -> News:
    match message.data:
        case Window(camera=camera, t_start=t):
            return News(message.site, "window", message.box, camera, t.timestamp())
        case Live(camera=camera, t=t):
            return News(message.site, "live", message.box, camera, t.timestamp())
        case Still(camera=camera, t=t):
            return News(message.site, "still", message.box, camera, t.timestamp())
        case Event(camera=camera, t=t):
            return News(message.site, "event", message.box, camera, t.timestamp())
        case _:
            return News(message.site, "box", message.box, None, message.time.timestamp())


def _refused_password(error: Exception) -> bool:
    if isinstance(error, TurnedAwayError):
        return True
    code = getattr(error, "rc", None)
    return getattr(code, "value", code) in {4, 5, 134, 135}  # MQTT 3.1.1 and 5: bad password, not authorised


def _first_line(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).partition("\n")[0][:200]
