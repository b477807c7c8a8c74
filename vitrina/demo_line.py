"""The simulated store's way to the broker: as a box has it, and as a till."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

import paho.mqtt.client as paho

from contract.messages import Data, encode, wrap
from contract.topics import RETAINED, box_topic, qos

BOX = "simulator"

_ON_THE_WAY = 64
"""Messages that the broker has not confirmed yet, at most: the past must not drown the present."""


@dataclass(slots=True)
class Line:
    """One connection, for one site."""

    client: paho.Client
    site: str
    boot_id: str
    seq: int = 0
    sent: deque[paho.MQTTMessageInfo] = field(default_factory=deque)

    def say(self, channel: str, data: Data, time: datetime) -> None:
        """What a box says."""
        self.seq += 1
        message = wrap(data, site=self.site, box=BOX, boot_id=self.boot_id, seq=self.seq, time=time)
        topic = box_topic(self.site, BOX, channel)
        self._publish(topic, encode(message), qos(channel), retain=channel in RETAINED)

    def tell(self, topic: str, payload: bytes) -> None:
        """What anyone else says."""
        self._publish(topic, payload, 1, retain=False)

    def _publish(self, topic: str, payload: bytes, quality: int, *, retain: bool) -> None:
        """And wait while too much is on the way."""
        self.sent.append(self.client.publish(topic, payload, quality, retain=retain))
        while len(self.sent) > _ON_THE_WAY:
            self.sent.popleft().wait_for_publish(30)
