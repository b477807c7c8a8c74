"""What the server calls out to the players that listen: reload, show yourself, you are replaced."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from contract.screens import Show

Call = Literal["reload", "screenshot", "revoked", "look", "close"]
"""`look`: something of the site has changed; `close`: the server is going down."""

QUEUE = 8
"""That one stream may lag behind; the oldest is dropped."""

Inbox = asyncio.Queue[Call | Show]
"""What one stream has to tell: decisions are put in beside the calls."""


class PlayerCalls:
    """Belongs to one event loop. Keyed by player, so that a revoked one hears it and its successor does not."""

    def __init__(self) -> None:
        self._streams: defaultdict[str, list[Inbox]] = defaultdict(list)

    def call(self, player: str, call: Call) -> bool:
        """Tell every stream of a player; False where there is none."""
        streams = self._streams.get(player, [])
        for queue in streams:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(call)
        return bool(streams)

    @contextmanager
    def listen(self, player: str) -> Iterator[Inbox]:
        """Calls to `player` while the block lasts."""
        queue: Inbox = asyncio.Queue(QUEUE)
        self._streams[player].append(queue)
        try:
            yield queue
        finally:
            self._streams[player].remove(queue)
            if not self._streams[player]:
                del self._streams[player]
