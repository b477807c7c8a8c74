"""The box's signature on its messages: envelope, topic, quality of service."""

import itertools
from datetime import UTC, datetime
from typing import cast

from contract import topics
from contract.messages import CHANNELS, Data, Message, Part, encode, wrap
from edge.gate.outbox import Row
from edge.io.mqtt import Publication
from edge.ports import Clock


class Sender:
    """Packs what is published.

    Messages that were never stored have a numbering of their own, so that the stored ones have no gaps.
    """

    def __init__(self, *, site: str, box: str, boot_id: str, clock: Clock) -> None:
        self.site, self.box, self.boot_id = site, box, boot_id
        self._clock = clock
        self._seq = itertools.count(1)

    def passing(self, channel: str, data: Part, *, expires_s: int | None = None) -> Publication:
        """What is published now or never. Safe to call from any thread."""
        message = self._wrap(data, boot_id=f"{self.boot_id}-p", seq=next(self._seq), t=self._clock.now())
        return self._publication(channel, message, expires_s)

    def held(self, channel: str, data: str) -> Publication:
        """What the disk did not take, published without being stored."""
        return self.passing(channel, CHANNELS[channel].model_validate_json(data))

    def stored(self, row: Row) -> Publication:
        """A row of the outbox, the same to the byte however often it is published.

        Raises:
            pydantic.ValidationError: it was stored by another version of the contract.
        """
        data = CHANNELS[row.channel].model_validate_json(row.data)
        return self._publication(row.channel, self._wrap(data, boot_id=row.boot_id, seq=row.seq, t=row.created))

    def _wrap(self, data: Part, *, boot_id: str, seq: int, t: float) -> Message:
        time = datetime.fromtimestamp(t, UTC)
        return wrap(cast(Data, data), site=self.site, box=self.box, boot_id=boot_id, seq=seq, time=time)

    def _publication(self, channel: str, message: Message, expires_s: int | None = None) -> Publication:
        topic = topics.box_topic(self.site, self.box, channel)
        return Publication(topic, encode(message), topics.qos(channel), channel in topics.RETAINED, expires_s)
