"""What a listening player is told while a busy screen gives it no quiet moment."""

import asyncio
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from contract.screens import Show
from server import player_stream
from server.db.players import PlayerRecord, add_player
from server.db.sites import get_site, put_site
from server.player_calls import PlayerCalls
from server.player_stream import PlayerStream
from server.playlist import Playlists


class Busy:
    """A screen that is told something new all the time."""

    @contextmanager
    def subscribe(self, site, screen):
        queue, show = asyncio.Queue(), self._show(screen)
        telling = asyncio.get_running_loop().create_task(self._tell(queue, show))
        try:
            yield queue
        finally:
            telling.cancel()

    async def _tell(self, queue, show):
        while True:
            await queue.put(show)
            await asyncio.sleep(0.02)

    @staticmethod
    def _show(screen):
        at, until = (datetime.fromtimestamp(t, UTC) for t in (0, 60))
        plain = {"campaign": None, "creative": None, "media": None, "switch": "now", "reason": "to be busy"}
        return Show(screen=screen, decision="decision", at=at, until=until, **plain)


@pytest.fixture
def stream(serve, clock):
    service = serve().service
    player = PlayerRecord("p1", "shop", "entrance", "a", clock(), None, None, None)
    with service.engine.begin() as conn:
        document = get_site(conn, "shop").document
        screens = {"entrance": {"at_m": [1, 1]}}
        put_site(conn, type(document).model_validate(document.model_dump() | {"screens": screens}), simulated=False)
        add_player(conn, "hash", player)
    parts = {"calls": PlayerCalls(), "playlists": Playlists(service.settings), "player": player}
    return PlayerStream(service=service, shows=Busy(), etag=None, **parts)


def test_a_busy_screen_is_looked_at_as_often_as_a_quiet_one(stream, monkeypatch):
    monkeypatch.setattr(player_stream, "CHECK_S", 0.2)

    async def until_pinged(times):
        async with asyncio.timeout(10):
            async for event in stream.events():
                times -= event.event == "ping"
                if not times:
                    return True
        return False

    assert asyncio.run(until_pinged(4))
