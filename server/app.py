"""The composition root: one server out of its parts."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from contract.site import Site
from server import signin
from server.advice.round import Rounds
from server.api import (
    advice,
    alarms,
    blind_spots,
    boxes,
    campaign_report,
    campaign_slots,
    campaigns,
    changes,
    creatives,
    decisions,
    document,
    draft,
    events,
    flows,
    footfall,
    forecast,
    funnel,
    health,
    heatmap,
    import_files,
    landings,
    live,
    loyalty_in,
    loyalty_known,
    loyalty_out,
    media,
    occupancy,
    offer_results,
    plan,
    player,
    players,
    plays,
    problems,
    programme,
    programme_question,
    screen_settings,
    segments,
    sites,
    stills,
    takings,
    tips,
    tokens,
    traits,
    triggers,
    webhooks,
    zones,
)
from server.auth import Throttle
from server.bus import Bus
from server.db.engine import connect, migrate
from server.db.prune import prune
from server.db.rollup import roll_up_days
from server.db.site_versions import SiteVersion, take_file
from server.director import Director
from server.disclosure.publisher import Publisher
from server.forecasting import Forecasting
from server.imports.files import ImportFiles
from server.ingest import Ingest
from server.landing_links import qr_address
from server.meters import Meters
from server.origin import SameOrigin
from server.outgoing import Outgoing
from server.player_calls import PlayerCalls
from server.playlist import Playlists
from server.service import Service
from server.session import require
from server.settings import Settings, read_sites
from server.tips import Tipster
from server.watchman import Watchman
from server.web import pages
from server.web.headers import SecurityHeaders
from server.webhooks import Postman
from server.weekly_mail import WeeklyMail

API = "/api/v1"
PRUNE_EVERY_S = 3600.0
ROLL_UP_EVERY_S = 600.0
LARGEST_BODY = 64 * 1024

log = structlog.get_logger()


def create_app(settings: Settings, *, clock: Callable[[], float] = time.time) -> FastAPI:
    """The server as an ASGI application; it opens its database and its broker when it starts up.

    Raises:
        SettingsError: a site document is missing or wrong.
        DatabaseError: the database URL is wrong.
    """
    documents = read_sites(settings)
    engine = connect(settings.database)
    service = Service(settings, engine, Bus(), Meters(), clock, Outgoing(engine, clock))
    director = _director(service, [document.site for document, _ in documents])
    ingest = Ingest(service, frozenset(document.site for document, _ in documents), director)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(prepare, service, documents)
        watchman, postman = Watchman(service, service.outgoing.tell), Postman(service)
        publisher, tipster = Publisher(service, service.outgoing.tell), Tipster(service, service.outgoing.retain)
        work = [ingest.run(), _prune(service), _roll_up(service), watchman.run(), postman.run(), director.run()]
        work += [app.state.rounds.run(), app.state.import_files.run(), Forecasting(service).run()]
        tasks = [
            asyncio.create_task(each) for each in (*work, publisher.run(), tipster.run(), WeeklyMail(service).run())
        ]
        yield
        service.bus.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        service.engine.dispose()

    app = FastAPI(title="Vitrina", version="1", lifespan=lifespan, openapi_url=None, max_body_size=LARGEST_BODY)
    app.state.service, app.state.ingest, app.state.throttle = service, ingest, Throttle()
    app.state.player_calls, app.state.playlists = PlayerCalls(), Playlists(settings)
    app.state.director, app.state.pairing_throttle = director, Throttle(most=60)
    app.state.rounds, app.state.import_files = Rounds(service), ImportFiles(service)
    app.add_middleware(SameOrigin)
    app.add_middleware(SecurityHeaders)
    problems.install(app)
    _route(app)
    pages.install(app)
    return app


def _director(service: Service, sites: list[str]) -> Director:
    address = partial(qr_address, service.settings)
    parts = (service.engine, service.clock, service.meters)
    alone = service.settings.broker.group is None
    return Director(*parts, sites=sites, retain=service.outgoing.retain, address=address, alone=alone)


def prepare(service: Service, documents: list[tuple[Site, bool]]) -> None:
    """Bring the database up to date, and the sites in it.

    Raises:
        DatabaseError: the database cannot be opened or written.
    """
    migrate(service.engine)
    with service.engine.begin() as conn:
        for file, simulated in documents:
            _tell_which(file, take_file(conn, file, simulated=simulated, now=service.clock()))


def _tell_which(file: Site, in_force: SiteVersion) -> None:
    if in_force.version > file.version:
        log.warning(
            "a newer document was saved since and stays in force; give the file a higher version to replace it",
            site=file.site,
            of_file=file.version,
            in_force=in_force.version,
            saved_by=in_force.author,
        )


def _route(app: FastAPI) -> None:
    closed = [Depends(require("viewer"))]
    app.include_router(health.open_router)
    app.include_router(signin.router)
    app.include_router(player.router, prefix=API, responses=problems.RESPONSES)
    app.include_router(media.router, responses=problems.RESPONSES)
    for link in (loyalty_in, loyalty_known, loyalty_out):
        app.include_router(link.router, prefix=API, responses=problems.RESPONSES)
    app.include_router(health.metrics_router, dependencies=closed)
    for part in (
        sites,
        footfall,
        forecast,
        zones,
        heatmap,
        flows,
        blind_spots,
        occupancy,
        boxes,
        events,
        live,
        alarms,
        landings,
        document,
        draft,
        plan,
        players,
        stills,
        tips,
        tokens,
        plays,
        segments,
        programme,
        programme_question,
        offer_results,
        traits,
        campaign_report,
        campaign_slots,
        health,
        creatives,
        decisions,
        campaigns,
        triggers,
        screen_settings,
        webhooks,
        advice,
        changes,
        import_files,
        funnel,
        takings,
    ):
        app.include_router(part.router, prefix=API, dependencies=closed, responses=problems.RESPONSES)
    app.include_router(_description(), prefix=API, dependencies=closed)


def _description() -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/openapi.json")
    def openapi(request: Request) -> dict[str, object]:
        """What this API offers, as OpenAPI 3.1."""
        app: FastAPI = request.app
        return app.openapi()

    return router


async def _prune(service: Service) -> None:
    while True:
        with suppress(SQLAlchemyError):  # what was not forgotten now is forgotten an hour later
            gone = await run_in_threadpool(prune, service.engine, service.settings.retention, now=service.clock())
            log.info("forgot what is past its retention", rows=gone)
        await asyncio.sleep(PRUNE_EVERY_S)


async def _roll_up(service: Service) -> None:
    while True:
        with suppress(SQLAlchemyError):  # until it succeeds, hours answer for the days
            await run_in_threadpool(roll_up_days, service.engine, now=service.clock())
        await asyncio.sleep(ROLL_UP_EVERY_S)
