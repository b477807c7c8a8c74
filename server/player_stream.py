"""What a listening player is told, as it comes: decisions, a new playlist, calls to reload or to show itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager
from typing import Protocol

from fastapi.sse import ServerSentEvent
from starlette.concurrency import run_in_threadpool

from contract.screens import Show
from server.bus import News
from server.db.players import PlayerRecord, is_revoked
from server.player_calls import Call, Inbox, PlayerCalls
from server.playlist import Playlists
from server.service import Service

CHECK_S = 15.0
"""A changed playlist, or a token that another process revoked, is noticed within this; the player hears a ping."""
RETRY_MS = 2000
REVOKED = ServerSentEvent(event="revoked", data={})


class Shows(Protocol):
    """Where decisions come from."""

    def subscribe(self, site: str, screen: str) -> AbstractContextManager["asyncio.Queue[Show]"]:
        """Decisions for a screen while the block lasts; the one in force comes first."""


class PlayerStream:
    """One player's stream of events. `etag` is that of the playlist it has."""

    def __init__(
        self,
        *,
        service: Service,
        shows: Shows,
        calls: PlayerCalls,
        playlists: Playlists,
        player: PlayerRecord,
        etag: str | None,
    ) -> None:
        self._service, self._shows, self._calls = service, shows, calls
        self._playlists, self._player, self._etag = playlists, player, etag

    async def events(self) -> AsyncIterator[ServerSentEvent]:
        """Everything, until the player is revoked or the server goes down."""
        me, bus = self._player, self._service.bus
        with (
            self._calls.listen(me.player) as inbox,
            self._shows.subscribe(me.site, me.screen) as shows,
            bus.listen(me.site) as news,
        ):
            pumps = [asyncio.create_task(pump) for pump in (_pump_shows(shows, inbox), _pump_news(news, inbox))]
            try:
                yield ServerSentEvent(event="hello", data={"t": self._service.clock()}, retry=RETRY_MS)
                async for event in self._told(inbox):
                    yield event
            finally:
                for pump in pumps:
                    pump.cancel()

    async def _told(self, inbox: Inbox) -> AsyncIterator[ServerSentEvent]:
        told: Call | Show = "look"
        due = 0.0
        while told != "close":
            if told == "look":
                due = asyncio.get_running_loop().time() + CHECK_S
            for event in await run_in_threadpool(self._check) if told == "look" else [_event(told)]:
                yield event
                if event.event == "revoked":
                    return
            told = await _next(inbox, due)

    def _check(self) -> list[ServerSentEvent]:
        """What changed without a call: the playlist, the player's leave."""
        me, now = self._player, self._service.clock()
        with self._service.engine.connect() as conn:
            if is_revoked(conn, me.player):
                return [REVOKED]
            playlist = self._playlists.of(conn, me.site, me.screen, now=now)
        ping = ServerSentEvent(event="ping", data={"t": now})
        if playlist is None or playlist.etag == self._etag:
            return [ping]
        self._etag = playlist.etag
        return [ping, ServerSentEvent(event="playlist", data=playlist, id=playlist.etag)]


async def _pump_shows(shows: "asyncio.Queue[Show]", inbox: Inbox) -> None:
    while True:
        await inbox.put(await shows.get())


async def _pump_news(news: "asyncio.Queue[News | None]", inbox: Inbox) -> None:
    while (told := await news.get()) is not None:
        if told.kind == "document":
            await inbox.put("look")
    await inbox.put("close")


async def _next(inbox: Inbox, due: float) -> Call | Show:
    """What comes next; a look once it is `due` by the loop's clock, however much comes."""
    try:
        async with asyncio.timeout_at(due):
            return await inbox.get()
    except TimeoutError:
        return "look"


def _event(told: Call | Show) -> ServerSentEvent:
    if isinstance(told, Show):
        return ServerSentEvent(event="show", data=told, id=told.decision)
    return REVOKED if told == "revoked" else ServerSentEvent(event=told, data={})
