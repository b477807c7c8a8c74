"""An MQTT client that acknowledges a message when it has been stored, not when it has been received."""

import asyncio
import ssl
from collections.abc import Callable
from select import POLLIN, poll
from socket import socket

import aiomqtt
from aiomqtt.client import ProtocolVersion
from paho.mqtt.client import Client, DisconnectFlags, MQTTMessage
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from contract.topics import LIVE, UP, loyalty_in, played, qos, show_topic, upward
from server.settings import Broker, Tls

READ_MOST = 32
"""Packets in one turn of the event loop."""
RECEIVE_MOST = 500
"""Messages the broker may send ahead of their acknowledgement."""
LIVE_MOST = 1000
"""Messages waiting above which live figures, which are never acknowledged, are let go."""
SHOW = "/show"
HELD_S = 7 * 86_400
"""The broker keeps messages for an absent server this long."""


class _Waiting(asyncio.Queue[aiomqtt.Message]):
    """Never lets go of what must be acknowledged; its number is bounded by `RECEIVE_MOST`."""

    def put_nowait(self, item: aiomqtt.Message) -> None:
        if item.qos == 0 and self.qsize() >= LIVE_MOST:
            return
        super().put_nowait(item)


class TurnedAwayError(aiomqtt.MqttError):
    """The broker closed the connection instead of answering; some do so when user or password is wrong."""


class Inbox(aiomqtt.Client):
    """The server's persistent session at the broker.

    `first` is told topic and payload of live figures, and of what screens are to show, as they arrive, before what
    waits for the database; it must be quick and raise nothing.
    """

    def __init__(self, broker: Broker, first: Callable[[str, bytes], None]) -> None:
        self._first = first
        super().__init__(
            broker.host,
            broker.port,
            username=broker.username,
            password=broker.password.get_secret_value() if broker.password else None,
            identifier=broker.client_id,
            protocol=ProtocolVersion.V5,
            clean_start=False,
            properties=_connect_properties(),
            queue_type=_Waiting,
            tls_context=_tls_context(broker.tls) if broker.tls else None,
            keepalive=30,
        )
        self._client.on_disconnect = self._on_early_disconnect
        # aiomqtt offers no way to acknowledge late; paho, which it wraps, does.
        self._client.manual_ack_set(True)

    def _on_early_disconnect(
        self,
        client: Client,
        userdata: object,
        flags: DisconnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        # aiomqtt would wait for the answer until its timeout.
        if not self._connected.done():
            self._connected.set_exception(TurnedAwayError("closed without an answer"))
        self._on_disconnect(client, None, flags, reason, properties)

    def _on_message(self, client: Client, userdata: object, message: MQTTMessage) -> None:
        if message.topic.endswith((LIVE, SHOW)):
            self._first(message.topic, bytes(message.payload))
        if message.topic.endswith(SHOW):
            return
        super()._on_message(client, userdata, message)

    def _on_socket_open(self, client: Client, userdata: object, sock: socket) -> None:
        super()._on_socket_open(client, userdata, sock)
        # aiomqtt reads one packet in each turn of the loop, which is too few for a busy one.
        self._loop.call_soon_threadsafe(self._loop.add_reader, sock.fileno(), self._read_some, client, sock)

    def _read_some(self, client: Client, sock: socket) -> None:
        readable = poll()
        readable.register(sock, POLLIN)
        try:
            for _ in range(READ_MOST):
                client.loop_read()
                if client.socket() is not sock or not (_pending(sock) or readable.poll(0)):
                    break
        except Exception as error:  # as aiomqtt does: whatever it is, the connection is of no use any more
            if not self._disconnected.done():
                self._disconnected.set_exception(error)

    async def subscribe_upward(self, group: str | None) -> None:
        """Subscribe to what boxes send up, players showed, and tills tell; in a group, to what others decide."""
        for channel, pattern in zip(UP, upward(group), strict=True):
            await self.subscribe(pattern, qos(channel))
        await self.subscribe(played(group), 1)
        await self.subscribe(loyalty_in(group), 1)
        if group is not None:
            await self.subscribe(show_topic("+"), 0)

    def acknowledge(self, message: aiomqtt.Message) -> None:
        """Tell the broker that it may forget the message."""
        if message.qos > 0:
            self._client.ack(message.mid, message.qos)

    async def next_batch(self, most: int) -> list[aiomqtt.Message]:
        """Wait for a message; returns it and up to `most` - 1 more that are there already.

        Raises:
            aiomqtt.MqttError: the connection was lost.
        """
        batch = [await anext(self.messages)]
        while len(batch) < most and not self._queue.empty():
            batch.append(self._queue.get_nowait())
        return batch


def _pending(sock: socket) -> bool:
    """Whether something is decrypted already and waits, which the operating system does not know of."""
    return isinstance(sock, ssl.SSLSocket) and sock.pending() > 0


def _connect_properties() -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho leaves it untyped
    properties.SessionExpiryInterval = HELD_S
    properties.ReceiveMaximum = RECEIVE_MOST
    return properties


def _tls_context(tls: Tls) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=tls.ca)
    if tls.certificate:
        context.load_cert_chain(tls.certificate, tls.key)
    return context
