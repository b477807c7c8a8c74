"""The composition root: one server out of its parts."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from server.bus import Bus
from server.db import sites
from server.db.engine import connect, migrate
from server.meters import Meters
from server.service import Service
from server.settings import Settings, read_sites


def create_app(settings: Settings, *, clock: Callable[[], float] = time.time) -> FastAPI:
    """The server as an ASGI application; it opens its database and its broker when it starts up.

    Raises:
        SettingsError: a site document is missing or wrong.
        DatabaseError: the database URL is wrong.
    """
    service = Service(settings, connect(settings.database), Bus(), Meters(), clock)
    documents = read_sites(settings)

    def prepare() -> None:
        migrate(service.engine)
        with service.engine.begin() as conn:
            for document, simulated in documents:
                sites.put_site(conn, document, simulated=simulated)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(prepare)
        yield
        service.engine.dispose()

    app = FastAPI(title="Vitrina", lifespan=lifespan)
    app.state.service = service
    return app
