"""From outbox to broker: what is due goes out, what the broker has taken is struck off."""

import logging
from time import monotonic

from pydantic import ValidationError

from edge.errors import DiskError
from edge.gate.feed import Feed
from edge.gate.outbox import Outbox, Row
from edge.gate.overflow import Overflow
from edge.gate.sender import Sender
from edge.io.mqtt import Line
from edge.ports import Clock

_MOST_HELD_ON_THE_WAY = 5

log = logging.getLogger(__name__)


class Delivery:
    """Publishes rows of the outbox, and what the disk does not take, directly.

    A broker that has lost its memory has lost its subscribers too, and tells nobody: what is stored waits `settle_s`
    for them to come back.
    """

    def __init__(
        self, *, outbox: Outbox, overflow: Overflow, line: Line, sender: Sender, clock: Clock, settle_s: float
    ) -> None:
        self._outbox, self._overflow, self._line, self._sender, self._clock = outbox, overflow, line, sender, clock
        self._feed, self._settle_s = Feed(outbox), settle_s
        self._on_the_way: dict[int, int] = {}
        self._taken: list[int] = []
        self._connection = 0

    def begin(self, connection: int, *, remembered: bool) -> None:
        """The broker has let the box in; what was on the way before goes again."""
        self._connection = connection
        self.strike_off()
        self._on_the_way.clear()
        self._overflow.nothing_on_the_way()
        if not remembered:
            try:
                again = self._outbox.unpublish()
            except DiskError as error:
                log.error("%s", error)
            else:
                if again:
                    log.info("the broker lost its memory; publishing the last %d messages again", again)
        is_amnesia = not remembered and self._outbox.last_seq > 0
        self._feed.begin(not_before=monotonic() + self._settle_s if is_amnesia else 0.0)

    def answered(self, mid: int, refusal: str | None) -> None:
        """The broker has taken `mid`, or refused it."""
        self._overflow.answered(mid, taken=refusal is None)
        seq = self._on_the_way.pop(mid, None)
        if seq is None:
            return
        if refusal is None:
            self._taken.append(seq)
        else:
            log.error("the broker refuses message %d: %s; check the box's rights; trying again", seq, refusal)
            self._feed.refused(seq, monotonic())

    def send(self) -> None:
        """Publish what is due."""
        if not self._line.connected or self._line.number != self._connection:
            return
        for row in self._feed.next(monotonic()):
            self._send(row)
        on_the_way = sum(held.mid is not None for held in self._overflow)
        for held in self._overflow.unsent(_MOST_HELD_ON_THE_WAY - on_the_way):
            held.mid = self._line.publish(self._sender.held(held.channel, held.data))

    def strike_off(self) -> None:
        """Tell the outbox what the broker has taken; later, where the disk does not take it now."""
        if not self._taken:
            return
        try:
            self._outbox.publish(self._taken, now=self._clock.now())
        except DiskError as error:
            log.warning("%s", error)
            return
        for seq in self._taken:
            self._feed.done(seq)
        self._taken.clear()

    def _send(self, row: Row) -> None:
        try:
            publication = self._sender.stored(row)
        except ValidationError as error:
            log.error(
                "message %d was stored by another version and cannot be sent: %s", row.seq, error.errors()[0]["msg"]
            )
            self._taken.append(row.seq)
            return
        self._on_the_way[self._line.publish(publication)] = row.seq
