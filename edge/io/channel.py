"""The two ends of the socket between eyes and gate: a Unix socket in a directory that is private to this box."""

import logging
import os
import socket
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Client, Connection, Listener, wait
from pathlib import Path

from contract.messages import Event, Window
from edge.wire import (
    LARGEST_ANSWER,
    LARGEST_PARCEL,
    AudienceCounts,
    Order,
    Passing,
    Showing,
    TakeStill,
    event_parcel,
    passing_parcel,
    read_answer,
    window_parcel,
)

_MOST_ON_THE_WAY = 32
"""Parcels sent and not yet acknowledged, so that neither end blocks the other."""

_RETRY_S = 0.2
_MOST_ORDERS = 16
_MOST_SHOWINGS = 1024
"""Two for each of as many screens as a large site has: what is on, and what comes next."""

log = logging.getLogger(__name__)


class Uplink:
    """An eye's end. Reconnects for ever; keeps what the gate has not acknowledged and sends it again.

    At most `most` parcels and `most_bytes` are kept; beyond that the oldest is given up and counted in `dropped`.
    """

    def __init__(self, address: Path, eye: str, *, most: int = 10_000, most_bytes: int = 64 * 1024 * 1024) -> None:
        self._address, self._eye = str(address), eye
        self._most, self._most_bytes = most, most_bytes
        self._kept: deque[tuple[int, bytes]] = deque()
        self._kept_bytes = 0
        self._passing: deque[bytes] = deque(maxlen=64)
        self._orders: deque[TakeStill] = deque(maxlen=_MOST_ORDERS)
        self._showings: deque[Showing] = deque(maxlen=_MOST_SHOWINGS)
        self._n = 0
        self._change = threading.Condition()
        self._bell, self._ringer = os.pipe()
        os.set_blocking(self._ringer, False)
        self._closing = False
        self.dropped = 0
        self._thread = threading.Thread(target=self._run, name="uplink", daemon=True)
        self._thread.start()

    def keep(self, part: Window | Event, audience: AudienceCounts | None = None) -> None:
        """Send `part`, and with a window its `audience`, until the gate has it."""
        with self._change:
            self._n += 1
            payload = self._pack(part, audience)
            if len(payload) > LARGEST_PARCEL:
                log.error("gave up %d bytes, more than the gate takes at once; use larger heatmap cells", len(payload))
                self.dropped += 1
                return
            self._kept.append((self._n, payload))
            self._kept_bytes += len(payload)
            while len(self._kept) > self._most or self._kept_bytes > self._most_bytes:
                self._kept_bytes -= len(self._kept.popleft()[1])
                self.dropped += 1
        self._ring()

    def tell(self, part: Passing) -> None:
        """Send `part` once; it is lost where there is no gate now."""
        self._passing.append(passing_parcel(part, eye=self._eye))
        self._ring()

    def orders(self) -> list[TakeStill]:
        """What the gate ordered since the last call."""
        return [self._orders.popleft() for _ in range(len(self._orders))]

    def showings(self) -> list[Showing]:
        """What the screens show, as the gate said since the last call; later ones are newer."""
        return [self._showings.popleft() for _ in range(len(self._showings))]

    def drain(self, timeout_s: float) -> bool:
        """Wait until the gate has everything; False where it does not in time."""
        with self._change:
            return self._change.wait_for(lambda: not self._kept, timeout_s)

    def close(self) -> None:
        """Hang up."""
        self._closing = True
        self._ring()
        self._thread.join()
        os.close(self._bell)
        os.close(self._ringer)

    def _pack(self, part: Window | Event, audience: AudienceCounts | None) -> bytes:
        if isinstance(part, Event):
            return event_parcel(part, eye=self._eye, n=self._n)
        payload = window_parcel(part, audience, eye=self._eye, n=self._n)
        if audience is None or len(payload) <= LARGEST_PARCEL:
            return payload
        log.error(
            "gave up %d counts by segment, more than the gate takes at once; use fewer segments or zones",
            len(audience.cells),
        )
        return window_parcel(part, None, eye=self._eye, n=self._n)

    def _ring(self) -> None:
        with suppress(BlockingIOError):  # a full pipe rings already
            os.write(self._ringer, b".")

    def _run(self) -> None:
        while not self._closing:
            with suppress(OSError, EOFError, ValueError), Client(self._address, family="AF_UNIX") as link:
                self._serve(link)
            self._passing.clear()
            if not self._closing:
                self._listen([], _RETRY_S)

    def _serve(self, link: Connection) -> None:
        sent = 0
        while not self._closing:
            while self._passing:
                link.send_bytes(self._passing.popleft())
            for n, payload in self._due(sent):
                link.send_bytes(payload)
                sent = n
            if self._listen([link], None):
                self._heed(link.recv_bytes(LARGEST_ANSWER))

    def _listen(self, links: list[Connection], timeout_s: float | None) -> bool:
        """Wait for the gate or for something to send; whether it was the gate."""
        ready = wait([*links, self._bell], timeout_s)
        if self._bell in ready:
            os.read(self._bell, 65536)
        return any(link in ready for link in links)

    def _due(self, sent: int) -> list[tuple[int, bytes]]:
        with self._change:
            oldest = [parcel for parcel, _ in zip(self._kept, range(_MOST_ON_THE_WAY), strict=False)]
        return [parcel for parcel in oldest if parcel[0] > sent]

    def _heed(self, payload: bytes) -> None:
        match read_answer(payload):
            case TakeStill() as order:
                self._orders.append(order)
            case Showing() as showing:
                self._showings.append(showing)
            case int(acknowledged) if acknowledged <= self._n:
                self._forget(acknowledged)
            case nonsense:
                raise ValueError(f"the gate acknowledges number {nonsense}, which was never sent")

    def _forget(self, acknowledged: int) -> None:
        with self._change:
            while self._kept and self._kept[0][0] <= acknowledged:
                self._kept_bytes -= len(self._kept.popleft()[1])
            self._change.notify_all()


Acknowledge = Callable[[int], None]
"""Tells the eye that everything up to `n` is safe. Does nothing where the eye is gone."""


class Doorway:
    """The gate's end: whatever bytes arrive go to `deliver`, with the way to acknowledge them.

    `deliver` runs in one thread per eye and may block: then that eye waits. `welcomed`: how many came so far.
    """

    def __init__(self, address: Path, deliver: Callable[[bytes, Acknowledge], None]) -> None:
        self._deliver = deliver
        self._address = address
        address.unlink(missing_ok=True)  # left by a gate that was killed
        self._listener = Listener(str(address), family="AF_UNIX", backlog=16)
        self._closing = False
        self._links: set[Connection] = set()
        self.welcomed = 0
        threading.Thread(target=self._welcome, name="doorway", daemon=True).start()

    def close(self) -> None:
        """Stop listening; eyes that are connected notice when the process ends."""
        self._closing = True
        with suppress(OSError), socket.socket(socket.AF_UNIX) as knock:
            knock.connect(str(self._address))
        self._listener.close()

    def order(self, order: Order) -> int:
        """Say `order` to every eye that is connected; how many that are. Call it where acknowledging is done."""
        links = tuple(self._links)
        for link in links:
            with suppress(OSError):  # it is about to be noticed that this eye is gone
                link.send_bytes(order.model_dump_json().encode())
        return len(links)

    @property
    def links(self) -> int:
        """How many eyes are connected."""
        return len(self._links)

    def _welcome(self) -> None:
        while True:
            try:
                link = self._listener.accept()
            except OSError:
                return
            if self._closing:
                link.close()
                return
            self._links.add(link)
            self.welcomed += 1
            threading.Thread(target=self._hear, args=(link,), name="eye", daemon=True).start()

    def _hear(self, link: Connection) -> None:
        with link:
            try:
                while True:
                    self._deliver(link.recv_bytes(LARGEST_PARCEL), lambda n: _acknowledge(link, n))
            except (EOFError, ConnectionError):
                pass
            except OSError:
                log.warning("an eye sent more than %d bytes at once; hung up on it", LARGEST_PARCEL)
            finally:
                self._links.discard(link)


def _acknowledge(link: Connection, n: int) -> None:
    with suppress(OSError):  # an eye that is gone sends again when it is back
        link.send_bytes(b"%d" % n)
