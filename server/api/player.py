"""What a player asks and tells: its code, its playlist, the stream of decisions, its plays, how it is."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Header, Query, Request, Response
from fastapi import Path as PathParameter
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contract.documents import explain
from contract.ids import Id
from contract.screens import Digest, Played, Token
from server.api.problems import Problem
from server.auth import Throttle, digest
from server.db import players
from server.db.players import PlayerRecord
from server.db.screen_settings import get_settings
from server.db.screenshots import asked_at, put_screenshot
from server.media_store import MediaStore
from server.pairing import CODE_LASTS_S, TooManyError, begin
from server.pictures.draw import PictureError, draw_still
from server.played import take_plays
from server.player_session import LatePlayer, Player, secret_of, set_cookie
from server.player_stream import PlayerStream
from server.playlist import Playlist, Playlists
from server.service import Service
from server.session import Db, Running, SignInError

router = APIRouter(prefix="/player", tags=["player"])

POLL_S = 1.0
PLAYS_MOST = 200
"""In one request."""
LARGEST_PLAYS = 256 * 1024
LARGEST_SCREENSHOT = 300 * 1024
SCREENSHOT_WITHIN_S = 60.0
"""A picture that comes later was not asked for."""


class WhereBody(BaseModel):
    """Which screen a page wants to play."""

    model_config = ConfigDict(extra="forbid")

    site: Id
    screen: Id


class CodeBody(BaseModel):
    """What an unpaired page shows."""

    code: str = Field(description="for an administrator to type in", examples=["K7PM3X"])
    secret: str = Field(description="the page keeps it; it becomes its token", examples=["vtp_…"])
    lasts_s: float = Field(description="seconds until the code expires; then ask for another")
    poll_s: float = Field(description="ask what became of it this often, seconds")


class PairedBody(BaseModel):
    """What became of a code."""

    state: Literal["waiting", "paired"]


class SessionBody(BaseModel):
    """Who the player is."""

    player: str
    site: str
    screen: str
    t: float = Field(description="the server's clock, seconds UTC")


class HealthBody(BaseModel):
    """What a player says of itself."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[str, Field(max_length=40)]
    campaign: Id | None = Field(default=None, description="on the screen now; null: the default")
    creative: Id | None = Field(default=None, description="null: the house picture")
    decision: Token | None = Field(default=None, description="null: in turn")
    keeps: Literal["disk", "little", "memory"] = Field(
        default="disk", description="where plays are kept: little: the disk is full; memory: a reload loses them"
    )
    offline_ready: bool = Field(default=False, description="whether a reload works without the server")
    cached_bytes: Annotated[int, Field(ge=0)] = 0
    free_bytes: Annotated[int, Field(ge=0)] | None = Field(default=None, description="null: the browser does not say")
    missing: Annotated[int, Field(ge=0)] = Field(
        default=0, description="media of the playlist that are not fetched yet"
    )
    unsent: Annotated[int, Field(ge=0)] = Field(default=0, description="plays that are not acknowledged yet")
    clock_offset_s: float | None = Field(default=None, description="the server's clock minus the player's, s")
    width: Annotated[int, Field(ge=0)] = Field(default=0, description="of the page, px")
    height: Annotated[int, Field(ge=0)] = Field(default=0, description="of the page, px")
    last_error: Annotated[str, Field(max_length=200)] | None = None


class PackageBody(BaseModel):
    """An HTML package."""

    files: list[str] = Field(description="paths within it", examples=[["index.html", "img/cup.png"]])


class ClockBody(BaseModel):
    """The server's clock."""

    t: float = Field(description="seconds UTC")


class PlaysBody(BaseModel):
    """Plays to be acknowledged."""

    model_config = ConfigDict(extra="forbid")

    plays: Annotated[list[dict[str, Any]], Field(max_length=PLAYS_MOST, description="of the contract's shape `Played`")]


class RefusedPlay(BaseModel):
    """A play that will never be taken; sending it again is in vain."""

    play: str
    why: str


class TakenBody(BaseModel):
    """Which plays are stored; the player forgets these and those that are refused."""

    taken: list[str]
    refused: list[RefusedPlay]


@router.post("/pairings", summary="A code for a page that is not paired")
def begin_pairing(request: Request, where: WhereBody, service: Running) -> CodeBody:
    """Open to anyone: a code is worth nothing until an administrator types it in."""
    throttle, now = _throttle(request), service.clock()
    key = request.client.host if request.client else ""
    wait_s = throttle.wait_s(key, now=now)
    if wait_s > 0:
        raise Problem(429, "Too many codes", "Too many codes from here.", {"Retry-After": str(int(wait_s) + 1)})
    throttle.failed(key, now=now)
    try:
        with service.engine.begin() as conn:
            begun = begin(conn, site=where.site, screen=where.screen, now=now)
    except TooManyError as error:
        raise Problem(429, "Too many codes", f"{error}.", {"Retry-After": "60"}) from None
    return CodeBody(code=begun.code, secret=begun.secret, lasts_s=CODE_LASTS_S, poll_s=POLL_S)


@router.get("/pairing", summary="What became of a code")
def pairing_state(request: Request, db: Db, service: Running) -> PairedBody:
    """Asked with the code's secret: 401 once it has expired or its player was revoked."""
    secret_hash = digest(secret_of(request) or "")
    player = players.player_of_token(db, secret_hash)
    if player is not None and player.revoked is None:
        return PairedBody(state="paired")
    if player is None and players.pairing_of_secret(db, secret_hash, now=service.clock()) is not None:
        return PairedBody(state="waiting")
    raise SignInError("The code has expired; ask for another.")


@router.post("/session", summary="Who this player is")
def session(request: Request, response: Response, player: Player, service: Running) -> SessionBody:
    """Also gives the browser a cookie by which it may fetch media."""
    public = service.settings.web.public_url or str(request.base_url)
    set_cookie(response, secret_of(request) or "", secure=public.startswith("https:"))
    return SessionBody(player=player.player, site=player.site, screen=player.screen, t=service.clock())


@router.get("/playlist", summary="All that the screen may have to play")
def playlist(
    *,
    request: Request,
    response: Response,
    player: Player,
    db: Db,
    service: Running,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Playlist:
    """To be fetched ahead, and played in turn while the server is away."""
    found = _playlists(request).of(db, player.site, player.screen, now=service.clock())
    if found is None:
        raise Problem(404, "No such screen", f"Screen {player.screen!r} is not in the site's document any more.")
    response.headers["ETag"] = f'"{found.etag}"'
    response.headers["Cache-Control"] = "private, no-cache"
    if if_none_match == response.headers["ETag"]:
        response.status_code = 304
    return found


@router.get("/packages/{sha256}", summary="What an HTML package holds")
def package(sha256: Annotated[Digest, PathParameter()], player: Player, service: Running) -> PackageBody:
    """Its files are at `/media/{sha256}/{path}`; players make one document of them, to have it without the server."""
    files = _package_files(MediaStore(service.settings.media).path(sha256))
    if not files:
        raise Problem(404, "Not found", "There is no such package; it may have been deleted.")
    return PackageBody(files=files)


@router.get("/stream", summary="Decisions as they come, as server-sent events", response_class=EventSourceResponse)
async def stream(
    request: Request,
    player: Player,
    service: Running,
    etag: Annotated[str | None, Query(max_length=64, description="of the playlist that the player has")] = None,
) -> AsyncIterator[ServerSentEvent]:
    """`show` (the decision in force at once, then each new one), `playlist`, `reload`, `screenshot`, `revoked`."""
    state = request.app.state
    told = PlayerStream(
        service=service,
        shows=state.director,
        calls=state.player_calls,
        playlists=state.playlists,
        player=player,
        etag=etag,
    )
    async for event in told.events():
        yield event


@router.post("/plays", summary="Proof of play", max_body_size=LARGEST_PLAYS)
def plays(body: PlaysBody, player: LatePlayer, service: Running) -> TakenBody:
    """Each play is stored once, however often it is told. A revoked player is heard out for a week."""
    good, refused = _sort(body.plays, player)
    with service.engine.begin() as conn:
        taken = take_plays(conn, player.site, player.player, good, now=service.clock())
    return TakenBody(taken=taken, refused=refused)


@router.post("/heartbeat", summary="How the player is")
def heartbeat(body: HealthBody, player: Player, service: Running) -> ClockBody:
    """Kept for the wall of screens; the answer is for setting the player's clock."""
    with service.engine.begin() as conn:
        players.note_health(conn, player.player, body.model_dump(mode="json"), now=service.clock())
    return ClockBody(t=service.clock())


@router.put("/screenshot", status_code=204, summary="What the player shows", max_body_size=LARGEST_SCREENSHOT)
def screenshot(
    content: Annotated[bytes, Body(media_type="image/jpeg", min_length=1)], player: Player, service: Running
) -> None:
    """Taken only where the screen's settings allow it and an administrator has just asked."""
    now = service.clock()
    _check_asked(service, player, now)
    try:
        picture = draw_still(content)
    except PictureError as error:
        raise Problem(422, "Picture refused", f"The picture cannot be taken: {error}.") from None
    with service.engine.begin() as conn:
        put_screenshot(conn, player.site, player.screen, picture.content, now=now)


def _check_asked(service: Service, player: PlayerRecord, now: float) -> None:
    with service.engine.connect() as conn:
        allowed = get_settings(conn, player.site, player.screen).screenshots
        asked = asked_at(conn, player.site, player.screen)
    if not allowed or asked is None or now - asked > SCREENSHOT_WITHIN_S:
        raise Problem(409, "Not asked for", "Nobody asked what this screen shows, or it is switched off for it.")


def _sort(found: list[dict[str, Any]], player: PlayerRecord) -> tuple[list[Played], list[RefusedPlay]]:
    good: list[Played] = []
    refused: list[RefusedPlay] = []
    for raw in found:
        try:
            played = Played.model_validate(raw)
        except ValidationError as error:
            refused.append(RefusedPlay(play=str(raw.get("play"))[:64], why=explain(error)[:300]))
            continue
        why = _why_not(played, player)
        if why is None:
            good.append(played)
        else:
            refused.append(RefusedPlay(play=played.play, why=why))
    return good, refused


def _why_not(played: Played, player: PlayerRecord) -> str | None:
    if played.screen != player.screen:
        return f"played on screen {played.screen!r}, but this player is that of {player.screen!r}"
    if player.revoked is not None and played.started_at > datetime.fromtimestamp(player.revoked, UTC):
        return "played after the player was revoked"
    return None


def _package_files(folder: Path) -> list[str]:
    """Paths of the files in a package's folder; none where there is no such folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _throttle(request: Request) -> Throttle:
    found: Throttle = request.app.state.pairing_throttle
    return found


def _playlists(request: Request) -> Playlists:
    found: Playlists = request.app.state.playlists
    return found
