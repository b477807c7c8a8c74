"""Which player asks: by its token, or, for media that the browser fetches by itself, by a cookie that holds it."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from server.auth import digest
from server.db.players import PlayerRecord, player_of_token
from server.pairing import TOKEN_PREFIX
from server.service import Service
from server.session import Running, SignInError

COOKIE = "vitrina_player"
COOKIE_PATH = "/media"
COOKIE_LASTS_S = 400 * 86_400
"""The longest that browsers keep one; each session renews it."""
LATE_S = 7 * 86_400.0
"""After it was revoked a player may still tell for so long what it played before."""


def secret_of(request: Request) -> str | None:
    """The player's token that a request carries."""
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and secret.startswith(TOKEN_PREFIX):
        return secret.strip()
    return request.cookies.get(COOKIE)


def find_player(request: Request, service: Service) -> PlayerRecord | None:
    """Who asks, revoked or not; None when it is no player."""
    secret = secret_of(request)
    if secret is None:
        return None
    with service.engine.connect() as conn:
        return player_of_token(conn, digest(secret))


def current_player(request: Request, service: Running) -> PlayerRecord:
    """The player that asks.

    Raises:
        SignInError: no player's token, or a revoked one.
    """
    player = find_player(request, service)
    if player is None or player.revoked is not None:
        raise SignInError("Only a paired player may ask this: send its token, Authorization: Bearer vtp_…")
    return player


def present_or_late(request: Request, service: Running) -> PlayerRecord:
    """The player that asks; one that was revoked is heard out for `LATE_S`.

    Raises:
        SignInError: no player's token, or one that was revoked long ago.
    """
    player = find_player(request, service)
    if player is None or (player.revoked is not None and service.clock() - player.revoked > LATE_S):
        raise SignInError("Only a paired player may tell this: send its token, Authorization: Bearer vtp_…")
    return player


def set_cookie(response: Response, secret: str, *, secure: bool) -> None:
    """Let the browser fetch media with the player's leave."""
    response.set_cookie(
        COOKIE, secret, max_age=COOKIE_LASTS_S, path=COOKIE_PATH, httponly=True, samesite="strict", secure=secure
    )


Player = Annotated[PlayerRecord, Depends(current_player)]
LatePlayer = Annotated[PlayerRecord, Depends(present_or_late)]
