"""Which rows of the outbox go to the broker next."""

from edge.gate.outbox import Outbox, Row

_PAUSE_S = 30.0
"""A broker that refuses a message is not asked again at once."""


class Feed:
    """New rows at once; beside them the backlog of an outage, oldest first, at a bounded rate; so many on the way.

    `most_on_the_way` is under the 20 that Mosquitto takes unacknowledged, and leaves room for what is not stored.

    Times are seconds of any clock that only goes forward.
    """

    def __init__(self, outbox: Outbox, *, most_on_the_way: int = 10, backlog_per_s: float = 100.0) -> None:
        self._outbox, self._most, self._per_s = outbox, most_on_the_way, backlog_per_s
        self._on_the_way: set[int] = set()
        self._fresh = self._backlog = self._boundary = 0
        self._allowance, self._asked_at = 0.0, 0.0
        self._paused_until = 0.0

    def begin(self, *, not_before: float) -> None:
        """A new connection, on which nothing is on the way: everything up to now is backlog."""
        self._on_the_way.clear()
        self._fresh = self._boundary = self._outbox.last_seq
        self._backlog = 0
        self._paused_until = not_before

    def next(self, now: float) -> list[Row]:
        """Rows to publish now; they count as on the way until `done`."""
        self._allowance = min(self._per_s, self._allowance + (now - self._asked_at) * self._per_s)
        self._asked_at = now
        if now < self._paused_until:
            return []
        rows = self._new_rows()
        rows += self._old_rows(min(self._room - len(rows), int(self._allowance)))
        self._on_the_way.update(row.seq for row in rows)
        return rows

    def done(self, seq: int) -> None:
        """The outbox knows that the broker has taken it."""
        self._on_the_way.discard(seq)

    def refused(self, seq: int, now: float) -> None:
        """The broker did not take it: again later, from the oldest on."""
        self._on_the_way.discard(seq)
        self._paused_until = now + _PAUSE_S
        self._backlog = min(self._backlog, seq - 1)
        self._boundary = max(self._boundary, seq)

    @property
    def _room(self) -> int:
        return max(0, self._most - len(self._on_the_way))

    def _new_rows(self) -> list[Row]:
        rows = self._outbox.pending(after=self._fresh, limit=self._room)
        self._fresh = rows[-1].seq if rows else self._fresh
        return rows

    def _old_rows(self, limit: int) -> list[Row]:
        if limit <= 0 or self._backlog >= self._boundary:
            return []
        rows = self._outbox.pending(after=self._backlog, upto=self._boundary, limit=limit)
        self._backlog = rows[-1].seq if rows else self._boundary
        due = [row for row in rows if row.seq not in self._on_the_way]
        self._allowance -= len(due)
        return due
