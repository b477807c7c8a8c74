"""The line to the broker: MQTT 5. It tries for ever, says once what is wrong and keeps what it was given."""

import logging
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge.config import Broker
from edge.io.tls import tls_context

_KEEPALIVE_S = 20
_SESSION_S = 24 * 3600
"""How long the broker remembers the box; a broker that does not know it any more has lost what it had."""

_SLOWEST_RETRY_S = 60

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Publication:
    """One message for the broker. `expires_s`: worthless after that."""

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = False
    expires_s: int | None = None


@dataclass(frozen=True, slots=True)
class Up:
    """The broker has let the box in, for the `number`-th time. `remembered`: it still has what it had taken before."""

    number: int
    remembered: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """The broker's answer to the publication `mid`; `refusal` says why it did not take it."""

    mid: int
    refusal: str | None


@dataclass(frozen=True, slots=True)
class Received:
    """Something for the box."""

    topic: str
    payload: bytes


News = Up | Taken | Received


class Line:
    """A connection that comes back. `tell` is called from its thread and must not block.

    `subscribe`: filters, each with its quality of service. `will` is asked before each attempt for what the broker
    shall say when the box is gone.
    """

    def __init__(
        self,
        broker: Broker,
        *,
        client_id: str,
        subscribe: Mapping[str, int],
        will: Callable[[], Publication],
        tell: Callable[[News], None],
    ) -> None:
        self._broker, self._subscribe, self._will, self._tell = broker, subscribe, will, tell
        self._said: str | None = None
        self.attempts = self.number = 0
        self.fault: str | None = "not connected yet"
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=paho.MQTTv5)
        self._client.username_pw_set(broker.username, broker.password)
        if broker.tls is not None:
            self._client.tls_set_context(tls_context(broker.tls))
        self._client.max_inflight_messages_set(0)  # the publisher keeps count
        self._client.reconnect_delay_set(1, _SLOWEST_RETRY_S)
        self._client.on_pre_connect = self._on_pre_connect
        self._client.on_connect = self._on_connect
        self._client.on_connect_fail = self._on_connect_fail
        self._client.on_disconnect = self._on_disconnect
        self._client.on_publish = self._on_publish
        self._client.on_message = self._on_message
        self._client.on_socket_open = _hurry

    def start(self) -> None:
        """Begin trying."""
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho leaves it open
        properties.SessionExpiryInterval = _SESSION_S
        self._client.connect_async(
            self._broker.host, self._broker.port, _KEEPALIVE_S, clean_start=False, properties=properties
        )
        self._client.loop_start()

    def stop(self) -> None:
        """Leave without the Will being spoken."""
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def connected(self) -> bool:
        """Whether the broker has let the box in."""
        return self.fault is None

    def publish(self, message: Publication) -> int:
        """Hand over one message; `Taken` with the returned number follows, unless the connection breaks before."""
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho leaves it open
        properties.ContentType = "application/json"
        if message.expires_s is not None:
            properties.MessageExpiryInterval = message.expires_s
        return self._client.publish(message.topic, message.payload, message.qos, message.retain, properties).mid

    def _on_pre_connect(self, client: paho.Client, userdata: object) -> None:
        self.attempts += 1
        will = self._will()
        client.will_set(will.topic, will.payload, will.qos, will.retain)

    def _on_connect(
        self, client: paho.Client, userdata: object, flags: paho.ConnectFlags, reason: ReasonCode, properties: object
    ) -> None:
        if reason.is_failure:
            self._fail(f"refused the box: {reason}; check username, password and rights")
            return
        client.drop_out_messages()  # whoever published them knows what was not taken, and when to try again
        self.number += 1
        self.fault = self._said = None
        log.info("broker %s: connected", self._where)
        client.subscribe(list(self._subscribe.items()))
        self._tell(Up(self.number, flags.session_present))

    def _on_connect_fail(self, client: paho.Client, userdata: object) -> None:
        self._fail("cannot be reached; is it running, is the address right, does it speak this kind of TLS?")

    def _on_disconnect(
        self,
        client: paho.Client,
        userdata: object,
        flags: paho.DisconnectFlags,
        reason: ReasonCode,
        properties: object,
    ) -> None:
        if not reason.is_failure:
            self.fault = "disconnected"
        elif self.connected:
            self._fail(f"connection lost: {reason}")
        else:
            self._fail("hung up before letting the box in; check username, password and whether it speaks MQTT 5")

    def _on_publish(
        self, client: paho.Client, userdata: object, mid: int, reason: ReasonCode, properties: object
    ) -> None:
        self._tell(Taken(mid, str(reason) if reason.is_failure else None))

    def _on_message(self, client: paho.Client, userdata: object, message: paho.MQTTMessage) -> None:
        self._tell(Received(message.topic, bytes(message.payload)))

    def _fail(self, fault: str) -> None:
        """Say it once; a broker that refuses the box all night fills no log."""
        self.fault = fault
        if fault != self._said:
            log.warning("broker %s: %s; trying again", self._where, fault)
            self._said = fault

    @property
    def _where(self) -> str:
        return f"{self._broker.host}:{self._broker.port}"


def _hurry(client: paho.Client, userdata: object, link: "paho.SocketLike") -> None:
    """Live figures are small and often: none waits until the broker has answered the one before (Nagle)."""
    if isinstance(link, socket.socket):
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
