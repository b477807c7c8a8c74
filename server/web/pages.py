"""The dashboard: its pages, one module each, its static files, its sign-in and error pages."""

from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI
from starlette.staticfiles import StaticFiles

from server.session import require
from server.web import (
    advice,
    advice_deeds,
    alarms,
    audience,
    blind_spots,
    campaign_deeds,
    campaign_editor,
    campaign_report,
    campaigns,
    catalogue,
    creative_page,
    errors,
    floor,
    flows,
    forecast,
    funnel,
    health,
    import_new,
    imports,
    landing,
    landing_pages,
    login,
    loyalty,
    offers,
    overview,
    player,
    proof_of_play,
    screens,
    setup,
    tips,
    trials,
    weekly_page,
    zones,
)

STATIC = Path(__file__).parent / "static"

router = APIRouter(include_in_schema=False, dependencies=[Depends(require("viewer"))])
for page in (
    overview,
    screens,
    alarms,
    floor,
    blind_spots,
    zones,
    flows,
    landing_pages,
    funnel,
    forecast,
    campaigns,
    campaign_deeds,
    campaign_editor,
    creative_page,
    campaign_report,
    proof_of_play,
    audience,
    loyalty,
    offers,
    tips,
    weekly_page,
    health,
    import_new,
    imports,
    setup,
    catalogue,
    advice,
    advice_deeds,
    trials,
):
    router.include_router(page.router)


def install(app: FastAPI) -> None:
    """Put the dashboard into `app`; after the API's own handlers, which it keeps for programs."""
    app.state.sign_in_page = login.sign_in_page
    app.include_router(login.router, include_in_schema=False)
    app.include_router(player.router, include_in_schema=False)
    app.include_router(landing.router)
    app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    errors.install(app)
