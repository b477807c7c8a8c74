"""News within the process: the ingest tells, each open page listens. Nobody can slow the teller down."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

QUEUE = 64
"""News that one listener may lag behind; then the oldest is dropped, because the newest matters."""


@dataclass(frozen=True, slots=True)
class News:
    """Something new about a site."""

    site: str
    kind: str
    """`live`, `window`, `box` or `event`: what to ask the database for again."""
    box: str
    camera: str | None = None
    t: float | None = None
    """Seconds UTC the news is about."""


class Bus:
    """Belongs to one event loop; `tell` and `listen` are called on it."""

    def __init__(self) -> None:
        self._listeners: dict[int, tuple[str, asyncio.Queue[News | None]]] = {}
        self._closed = False

    def __len__(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def tell(self, news: News) -> None:
        """Hand `news` to everyone who listens to its site."""
        for site, queue in self._listeners.values():
            if site == news.site:
                _put(queue, news)

    def close(self) -> None:
        """Tell every listener that there will be no more news."""
        self._closed = True
        for _, queue in self._listeners.values():
            _put(queue, None)

    @contextmanager
    def listen(self, site: str) -> Iterator["asyncio.Queue[News | None]"]:
        """A queue of the site's news while the block lasts; None means that the server is going down."""
        queue: asyncio.Queue[News | None] = asyncio.Queue(QUEUE)
        self._listeners[id(queue)] = (site, queue)
        if self._closed:
            _put(queue, None)
        try:
            yield queue
        finally:
            del self._listeners[id(queue)]


def _put(queue: "asyncio.Queue[News | None]", news: News | None) -> None:
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(news)
