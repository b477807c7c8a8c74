"""The players of a site: which page plays which screen, and whether it is well. Pairing is for administrators."""

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi import Path as PathParameter
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from contract.ids import Id
from server import pairing
from server.api.period import Site, local
from server.api.problems import Problem
from server.auth import Throttle
from server.db.events import EventRecord, add_event
from server.db.players import PlayerRecord, players_of, revoke_player
from server.db.screen_settings import get_settings
from server.db.screenshots import ask_screenshot, get_screenshot
from server.db.sites import SiteRecord
from server.player_calls import Call, PlayerCalls
from server.service import Service
from server.session import Admin, Db, Running

router = APIRouter(prefix="/sites/{site}", tags=["screens"])

ScreenId = Annotated[Id, PathParameter(description="the screen's id")]
PlayerId = Annotated[str, PathParameter(max_length=32, description="the player's id")]
SEEN_S = 90.0
"""A player that was not heard of for longer is away: it tells how it is every 30 s."""


class PlayerBody(BaseModel):
    """One player."""

    player: str
    screen: str
    paired_by: str
    paired_at: datetime
    seen_at: datetime | None = Field(description="when it last told how it is; null: never yet")
    online: bool = Field(description="it was heard of in the last 90 s")
    health: dict[str, Any] | None = Field(description="what it last said of itself: see POST /api/v1/player/heartbeat")


class ConfirmBody(BaseModel):
    """The code that stands on the screen."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(max_length=20, examples=["K7P-M3X"])]
    replace: bool = Field(default=False, description="revoke the player that the screen has already")


@router.get("/players", summary="Players of all screens")
def all_players(site: Site, db: Db, service: Running) -> list[PlayerBody]:
    """By screen; one that was revoked is not listed."""
    return [_body(player, site, service.clock()) for player in players_of(db, site.site)]


@router.get("/screens/{screen}/players", summary="Players of a screen")
def screen_players(site: Site, screen: ScreenId, db: Db, service: Running) -> list[PlayerBody]:
    """None or one: a screen has one player."""
    return [_body(player, site, service.clock()) for player in players_of(db, site.site, _known(site, screen))]


@router.post("/screens/{screen}/pairings", status_code=201, summary="Pair the page that shows a code (admin)")
async def pair(
    *,
    request: Request,
    site: Site,
    screen: ScreenId,
    body: Annotated[ConfirmBody, Body()],
    user: Admin,
    service: Running,
) -> PlayerBody:
    """The page that shows `code` becomes the screen's player. 409 with `player` where the screen has one already."""
    _known(site, screen)
    throttle, now = _throttle(request), service.clock()
    if (wait_s := throttle.wait_s(f"pair {user.name}", now=now)) > 0:
        raise Problem(429, "Too many attempts", "Wait some minutes.", {"Retry-After": str(int(wait_s) + 1)})
    try:
        paired, gone = await run_in_threadpool(_confirm, service, site.site, screen, body, user.name)
    except pairing.NoCodeError as error:
        throttle.failed(f"pair {user.name}", now=now)
        raise Problem(404, "No such code", f"{str(error).capitalize()}.") from None
    except pairing.OtherScreenError as error:
        raise _other(error, site) from None
    except pairing.TakenError as error:
        raise _taken(error, site, now) from None
    for old in gone:
        _calls(request).call(old.player, "revoked")
    return _body(paired, site, now)


@router.delete("/screens/{screen}/players/{player}", status_code=204, summary="Take a player its leave (admin)")
async def remove_player(
    *, request: Request, site: Site, screen: ScreenId, player: PlayerId, user: Admin, service: Running
) -> None:
    """Its token is worthless from now on; the page shows a code again."""
    if not await run_in_threadpool(_revoke, service, site.site, screen, player, user.name):
        raise Problem(404, "Not found", f"Screen {screen!r} has no player {player!r}.")
    _calls(request).call(player, "revoked")


@router.post("/screens/{screen}/reload", status_code=202, summary="Let the player load its page anew (admin)")
async def reload(request: Request, site: Site, screen: ScreenId, _: Admin, service: Running) -> PlayerBody:
    """After what is on has ended. 409 where no player listens."""
    return await _call(request, site, screen, service, "reload")


@router.post("/screens/{screen}/screenshot", status_code=202, summary="Ask what the screen shows (admin)")
async def ask(request: Request, site: Site, screen: ScreenId, _: Admin, service: Running) -> PlayerBody:
    """Where the screen's settings allow it: off by default. GET has the picture some seconds later."""
    if not await run_in_threadpool(_ask, service, site.site, _known(site, screen)):
        raise Problem(
            409, "Switched off", f"Screenshots of screen {screen!r} are switched off; its settings allow them."
        )
    return await _call(request, site, screen, service, "screenshot")


@router.get(
    "/screens/{screen}/screenshot",
    summary="What the screen showed when last asked (admin)",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}},
)
def screenshot(site: Site, screen: ScreenId, _: Admin, db: Db) -> Response:
    """The JPEG; `Last-Modified` says when it was taken. 404 until it is there."""
    found = get_screenshot(db, site.site, screen)
    if found is None:
        raise Problem(404, "Not found", f"There is no picture of screen {screen!r} yet; ask for one.")
    jpeg, t = found
    taken = format_datetime(datetime.fromtimestamp(int(t), UTC), usegmt=True)
    return Response(
        jpeg, media_type="image/jpeg", headers={"Cache-Control": "private, no-store", "Last-Modified": taken}
    )


def _confirm(
    service: Service, site: str, screen: str, body: ConfirmBody, by: str
) -> tuple[PlayerRecord, list[PlayerRecord]]:
    now = service.clock()
    with service.engine.begin() as conn:
        paired, gone = pairing.confirm(
            conn, site=site, screen=screen, code=body.code, by=by, replace=body.replace, now=now
        )
        text = f"{by} paired a player with screen {screen}" + (", in place of another" if gone else "")
        add_event(conn, site, EventRecord(now, None, None, "player_paired", "info", text))
    return paired, gone


def _revoke(service: Service, site: str, screen: str, player: str, by: str) -> bool:
    now = service.clock()
    with service.engine.begin() as conn:
        gone = revoke_player(conn, site, screen, player, now=now)
        if gone:
            text = f"{by} took the player of screen {screen} its leave"
            add_event(conn, site, EventRecord(now, None, None, "player_revoked", "info", text))
    return gone


def _ask(service: Service, site: str, screen: str) -> bool:
    with service.engine.begin() as conn:
        allowed = get_settings(conn, site, screen).screenshots
        if allowed:
            ask_screenshot(conn, site, screen, now=service.clock())
    return allowed


async def _call(request: Request, site: SiteRecord, screen: str, service: Service, call: Call) -> PlayerBody:
    present = await run_in_threadpool(_players, service, site.site, _known(site, screen))
    heard = [player for player in present if _calls(request).call(player.player, call)]
    if not heard:
        raise Problem(409, "Nobody listens", f"No player of screen {screen!r} is connected at the moment.")
    return _body(heard[0], site, service.clock())


def _players(service: Service, site: str, screen: str) -> list[PlayerRecord]:
    with service.engine.connect() as conn:
        return players_of(conn, site, screen)


def _other(error: pairing.OtherScreenError, site: SiteRecord) -> Problem:
    there = f"/screens/{error.found.screen}?site={error.found.site}"
    detail = f"This code stands on a page that was opened as {there}. Pair that screen, or open the page of this one."
    if error.found.site == site.site and error.found.screen not in site.document.screens:
        detail += f" There is no screen {error.found.screen!r} here."
    return Problem(409, "Another screen", detail, opened_as=there)


def _taken(error: pairing.TakenError, site: SiteRecord, now: float) -> Problem:
    detail = f"{error}. Send replace: true to put the new one in its place; the old page shows a code then."
    return Problem(
        409, "Screen has a player", detail.capitalize(), player=_body(error.present, site, now).model_dump(mode="json")
    )


def _body(player: PlayerRecord, site: SiteRecord, now: float) -> PlayerBody:
    return PlayerBody(
        player=player.player,
        screen=player.screen,
        paired_by=player.paired_by,
        paired_at=local(player.paired, site),
        seen_at=None if player.seen is None else local(player.seen, site),
        online=player.seen is not None and now - player.seen <= SEEN_S,
        health=player.health,
    )


def _calls(request: Request) -> PlayerCalls:
    found: PlayerCalls = request.app.state.player_calls
    return found


def _throttle(request: Request) -> Throttle:
    found: Throttle = request.app.state.throttle
    return found


def _known(site: SiteRecord, screen: str) -> str:
    if screen not in site.document.screens:
        raise Problem(404, "Not found", f"Site {site.site!r} has no screen {screen!r}.")
    return screen
