"""News as they come: server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from server.api.occupancy import NowBody, now_body
from server.api.period import SiteId
from server.api.problems import Problem
from server.bus import News
from server.db.occupancy import now
from server.db.sites import SiteRecord, get_site
from server.service import Service
from server.session import Running

router = APIRouter(prefix="/sites/{site}/live", tags=["live"])

EVERY_S = 0.5
"""News are gathered for so long before they are told: a screen shows no more anyway."""
QUIET_S = 15.0
"""Without any news the occupancy is told again after this, because it may have gone stale."""
LONGEST_S = 3600.0
"""A stream ends then and the browser opens it again, so that a revoked session does not watch for ever."""


def watched(site: SiteId, service: Running) -> SiteRecord:
    """The site, read on a connection that is given back before the stream begins.

    Raises:
        Problem: 404.
    """
    with service.engine.connect() as conn:
        record = get_site(conn, site)
    if record is None:
        raise Problem(404, "Not found", f"There is no site {site!r}; GET /api/v1/sites lists them.")
    return record


Watched = Annotated[SiteRecord, Depends(watched)]


@router.get("", summary="Occupancy and arrivals, as server-sent events", response_class=EventSourceResponse)
async def stream(record: Watched, service: Running) -> AsyncIterator[ServerSentEvent]:
    """`occupancy` at once and when it changes; `window`, `box` and `event` when there is something new to ask for."""
    deadline = asyncio.get_running_loop().time() + LONGEST_S
    with service.bus.listen(record.site) as queue:
        service.meters.listeners.set(len(service.bus))
        try:
            kinds: dict[str, News | None] = {"live": None}
            while kinds is not None and asyncio.get_running_loop().time() < deadline:
                for kind, news in kinds.items():
                    yield await _tell(service, record, kind, news)
                gathered = await _gather(queue)
                if gathered is None:
                    return
                kinds = gathered
        finally:
            service.meters.listeners.set(len(service.bus) - 1)


async def _gather(queue: "asyncio.Queue[News | None]") -> dict[str, News | None] | None:
    """The newest news of each kind after the next one came; None when the server is going down."""
    found: list[News | None] = []
    try:
        async with asyncio.timeout(QUIET_S):
            found.append(await queue.get())
    except TimeoutError:
        return {"live": None}
    if found[0] is not None:
        await asyncio.sleep(EVERY_S)
    while not queue.empty():
        found.append(queue.get_nowait())
    return None if None in found else {news.kind: news for news in found if news is not None}


async def _tell(service: Service, site: SiteRecord, kind: str, news: News | None) -> ServerSentEvent:
    if kind == "live" or news is None:
        return ServerSentEvent(event="occupancy", data=await run_in_threadpool(_now, service, site))
    return ServerSentEvent(event=kind, data={"box": news.box, "camera": news.camera, "t": news.t})


def _now(service: Service, site: SiteRecord) -> NowBody:
    with service.engine.connect() as conn:
        return now_body(now(conn, site=site.site, at=service.clock()), site)
