"""What an administrator sets for a screen."""

from typing import Annotated

from fastapi import APIRouter, Body
from fastapi import Path as PathParameter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from contract.ids import Id
from server.api.nudging import NUDGED
from server.api.period import Site
from server.api.problems import Problem
from server.db.creatives import get_creative
from server.db.screen_settings import ScreenSettings, all_settings, get_settings, put_settings
from server.db.sites import SiteRecord
from server.session import Admin, Db, Running

router = APIRouter(prefix="/sites/{site}/screens", tags=["screens"])

ScreenId = Annotated[Id, PathParameter(description="the screen's id")]


class SettingsBody(BaseModel):
    """Of one screen."""

    model_config = ConfigDict(extra="forbid")

    default_creative: Id | None = Field(
        default=None, description="plays when nothing else may; null: the player's own house picture"
    )
    screenshots: bool = Field(default=False, description="whether an administrator may ask what it shows")


class ScreenBody(BaseModel):
    """One screen with its settings."""

    screen: str
    name: str
    group: str | None
    portrait: bool
    settings: SettingsBody


class ScreensBody(BaseModel):
    """The screens of a site."""

    site: str
    screens: list[ScreenBody]


@router.get("", summary="All screens and their settings")
def all_screens(site: Site, db: Db) -> ScreensBody:
    """In the document's order."""
    settings = all_settings(db, site.site)
    bodies = [_body(site, screen, settings.get(screen, ScreenSettings())) for screen in site.document.screens]
    return ScreensBody(site=site.site, screens=bodies)


@router.get("/{screen}", summary="One screen and its settings")
def one_screen(site: Site, screen: ScreenId, db: Db) -> ScreenBody:
    """As set, or the defaults."""
    _check(site, screen)
    return _body(site, screen, get_settings(db, site.site, screen))


@router.put("/{screen}", dependencies=NUDGED, summary="Set a screen's default and whether it may be looked at")
def put(site: Site, screen: ScreenId, body: Annotated[SettingsBody, Body()], service: Running, _: Admin) -> ScreenBody:
    """The default plays for everyone: in the holdout, when nothing is known, and when no campaign may."""
    _check(site, screen)
    settings = ScreenSettings(body.default_creative, body.screenshots)
    with service.engine.begin() as conn:
        if settings.default_creative is not None:
            _check_default(conn, site, screen, settings.default_creative)
        put_settings(conn, site.site, screen, settings)
    return _body(site, screen, settings)


def _check(site: SiteRecord, screen: str) -> None:
    if screen not in site.document.screens:
        raise Problem(404, "Not found", f"There is no screen {screen!r} at {site.site!r}.")


def _check_default(conn: Connection, site: SiteRecord, screen: str, creative: str) -> None:
    found = get_creative(conn, site.site, creative)
    if found is None or found.archived is not None:
        raise Problem(422, "Wrong parameter", f"body.default_creative: there is no creative {creative!r}.")
    stands = site.document.screens[screen].portrait
    if found.portrait not in {None, stands}:
        shape = "upright" if stands else "wide"
        raise Problem(422, "Wrong parameter", f"body.default_creative: the screen is {shape}, {found.name!r} is not.")


def _body(site: SiteRecord, screen: str, settings: ScreenSettings) -> ScreenBody:
    known = site.document.screens[screen]
    return ScreenBody(
        screen=screen,
        name=known.name or screen,
        group=known.group,
        portrait=known.portrait,
        settings=SettingsBody(default_creative=settings.default_creative, screenshots=settings.screenshots),
    )
