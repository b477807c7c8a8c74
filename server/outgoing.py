"""What the server says to the boxes: the document to put in force, and commands. Bounded, whoever asks.

A document is not queued but looked up when it can be sent, so the newest is sent however long the broker was away. A
command that cannot be sent at once is not sent at all: whoever gave it is told.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from secrets import token_hex

import aiomqtt
import structlog
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from contract.messages import Command, Desired, Message, encode, wrap
from contract.topics import COMMAND, DESIRED, box_topic, qos
from server.db.boxes import box_ids
from server.db.site_versions import newest
from server.errors import ServerError

COMMANDS_MOST = 64
TOLD_MOST = 256
"""Announcements that may wait for the broker; beyond them the oldest goes, because the newest matters."""
RETAINED_MOST = 20_000
"""Topics of which the newest is to be retained: one for each screen."""
AT_ONCE = 8
"""Retained messages on their way to the broker together."""
RETRY_S = 2.0

log = structlog.get_logger()


class NoLineError(ServerError):
    """Nothing can be said to the boxes at the moment."""


@dataclass(frozen=True, slots=True)
class Order:
    """A command to one box."""

    site: str
    box: str
    command: Command


class Outgoing:
    """Belongs to one event loop; every method is called on it."""

    def __init__(self, engine: Engine, clock: Callable[[], float]) -> None:
        self._engine, self._clock = engine, clock
        self._boot_id, self._seq = f"server-{token_hex(6)}", 0
        self._orders: asyncio.Queue[Order] = asyncio.Queue(COMMANDS_MOST)
        self._told: deque[tuple[str, bytes]] = deque(maxlen=TOLD_MOST)
        self._retained: dict[str, bytes] = {}
        self._due: set[str] = set()
        self._something = asyncio.Event()
        self._sent: dict[tuple[str, str], int] = {}
        """The version each box was told in this session; grows with the boxes the database knows."""
        self._boots: dict[tuple[str, str], str] = {}
        self._connected = False

    def announce(self, site: str) -> None:
        """Tell the site's boxes which document is in force, those who were not told yet."""
        self._due.add(site)
        self._something.set()

    def greet(self, site: str, box: str, boot_id: str) -> None:
        """A box says what it is: tell it once since it started, for not every broker gives it what was retained.

        A box that refuses says what it is again, and must not be told again for that.
        """
        if self._boots.get((site, box)) != boot_id:
            self._boots[site, box] = boot_id
            self._sent.pop((site, box), None)
        self.announce(site)

    def tell(self, topic: str, payload: bytes) -> None:
        """Say something to whoever listens, now or when the broker is back."""
        self._told.append((topic, payload))
        self._something.set()

    def retain(self, topic: str, payload: bytes) -> None:
        """Let this be what the broker keeps on the topic; of several that wait, only the newest is sent."""
        if topic not in self._retained and len(self._retained) >= RETAINED_MOST:
            return
        self._retained[topic] = payload
        self._something.set()

    def command(self, order: Order) -> None:
        """Send a command.

        Raises:
            NoLineError: the broker is away, or too many commands wait already.
        """
        if not self._connected:
            raise NoLineError("the server has no connection to the broker; try again when it is back")
        try:
            self._orders.put_nowait(order)
        except asyncio.QueueFull:
            raise NoLineError(f"{COMMANDS_MOST} commands wait already; try again shortly") from None
        self._something.set()

    async def run(self, line: aiomqtt.Client, sites: frozenset[str]) -> None:
        """Send over `line` until cancelled, beginning with every site's document."""
        self._sent.clear()
        self._due |= sites
        self._something.set()
        self._connected = True
        try:
            while True:
                await self._something.wait()
                self._something.clear()
                await self._send(line)
        finally:
            self._connected = False

    async def _send(self, line: aiomqtt.Client) -> None:
        try:
            await self._send_orders(line)
            await self._send_documents(line)
            await self._send_told(line)
            await self._send_retained(line)
        except (aiomqtt.MqttError, SQLAlchemyError) as error:
            log.warning("cannot tell the boxes; trying again", trouble=str(error)[:200])
            await asyncio.sleep(RETRY_S)
            self._something.set()

    async def _send_orders(self, line: aiomqtt.Client) -> None:
        while not self._orders.empty():
            order = self._orders.get_nowait()
            left_s = order.command.expires_at.timestamp() - self._clock()
            if left_s <= 0:
                continue
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho leaves it untyped
            properties.MessageExpiryInterval = math.ceil(left_s)
            payload = encode(self._letter(order.site, order.box, order.command))
            await line.publish(box_topic(order.site, order.box, COMMAND), payload, qos(COMMAND), properties=properties)

    async def _send_told(self, line: aiomqtt.Client) -> None:
        while self._told:
            topic, payload = self._told[0]
            await line.publish(topic, payload, qos=1)
            with suppress(IndexError):
                self._told.popleft()

    async def _send_retained(self, line: aiomqtt.Client) -> None:
        while self._retained:
            some = dict(islice(self._retained.items(), AT_ONCE))
            sent = (line.publish(topic, payload, qos=1, retain=True) for topic, payload in some.items())
            for outcome in await asyncio.gather(*sent, return_exceptions=True):
                if isinstance(outcome, BaseException):
                    raise outcome
            for topic, payload in some.items():
                if self._retained.get(topic) is payload:  # unless a newer one has come meanwhile
                    del self._retained[topic]

    async def _send_documents(self, line: aiomqtt.Client) -> None:
        while self._due:
            site = self._due.pop()  # before it is looked up, so that who announces meanwhile is heard
            try:
                await self._send_document(line, site)
            except BaseException:
                self._due.add(site)
                raise

    async def _send_document(self, line: aiomqtt.Client, site: str) -> None:
        for box, desired in await asyncio.to_thread(self._desired, site):
            payload = encode(self._letter(site, box, desired))
            await line.publish(box_topic(site, box, DESIRED), payload, qos(DESIRED), retain=True)
            self._sent[site, box] = desired.site_version
            log.info("document sent", site=site, box=box, version=desired.site_version)

    def _desired(self, site: str) -> list[tuple[str, Desired]]:
        """The boxes of the site that do not know the version in force yet, and what to send them."""
        with self._engine.connect() as conn:
            version = newest(conn, site)
            boxes = box_ids(conn, site)
        if version is None:
            return []
        desired = Desired(site_version=version.version, site=version.document)
        return [(box, desired) for box in boxes if self._sent.get((site, box)) != version.version]

    def _letter(self, site: str, box: str, data: Desired | Command) -> Message:
        self._seq += 1
        now = datetime.fromtimestamp(self._clock(), UTC)
        return wrap(data, site=site, box=box, boot_id=self._boot_id, seq=self._seq, time=now)
