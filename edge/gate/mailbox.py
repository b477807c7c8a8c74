"""Everything that happens to the gate, in order, so that one thread does everything."""

import logging
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore

from edge.io.channel import Acknowledge
from edge.io.mqtt import News, Received

_MOST_PARCELS = 200
_MOST_LETTERS = 1000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Bytes that came over the wall."""

    payload: bytes
    acknowledge: Acknowledge


class Mailbox:
    """A parcel waits for room, so its eye waits too.

    News of the broker never wait, because its thread holds locks that publishing needs. Answers are bounded by what
    was published; letters to the box are dropped where there are too many.
    """

    def __init__(self) -> None:
        self._items: SimpleQueue[Arrival | News] = SimpleQueue()
        self._room = BoundedSemaphore(_MOST_PARCELS)

    def deliver(self, payload: bytes, acknowledge: Acknowledge) -> None:
        """Put in what an eye sent."""
        self._room.acquire()
        self._items.put(Arrival(payload, acknowledge))

    def tell(self, news: News) -> None:
        """Put in what the broker did."""
        if isinstance(news, Received) and self._items.qsize() > _MOST_LETTERS:
            log.warning("too many messages for this box at once; dropped one on %s", news.topic)
            return
        self._items.put(news)

    def next(self, timeout_s: float) -> Arrival | News | None:
        """The next thing; None where nothing happened in time."""
        try:
            item = self._items.get(timeout=max(timeout_s, 1e-3))
        except Empty:
            return None
        if isinstance(item, Arrival):
            self._room.release()
        return item
