"""The files that screens show: to who is signed in, and to players."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi import Path as PathParameter
from starlette.responses import FileResponse, RedirectResponse, Response

from server.api.problems import Problem
from server.db.creatives import get_media
from server.media_store import MediaStore
from server.packages import INDEX, TYPES
from server.player_session import find_player
from server.session import Running, current_user, require

router = APIRouter(prefix="/media", tags=["media"])
"""Outside the API: players know these addresses by heart."""

FOR_EVER = "private, max-age=31536000, immutable"
"""The address holds the file's hash, so what is there never changes."""
FILE_POLICY = "default-src 'none'; sandbox"
PACKAGE_POLICY = (
    "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "style-src 'self' 'unsafe-inline' data: blob:; connect-src 'none'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox allow-scripts"
)
"""A package may do as it likes with what it brought, and reach nothing else: no network, no cookie, no page of ours."""

Sha256 = Annotated[str, PathParameter(pattern=r"^[0-9a-f]{64}$")]


def media_reader(request: Request, service: Running) -> None:
    """Let in players, and who may look.

    Raises:
        SignInError: neither asks.
        RoleError: the token is for something else.
    """
    player = find_player(request, service)
    if player is None or player.revoked is not None:
        require("viewer")(current_user(request))


@router.get("/{sha256}", summary="A file to show", response_class=Response, dependencies=[Depends(media_reader)])
def media_file(sha256: Sha256, service: Running) -> Response:
    """A picture or a video, in ranges where asked for; a package leads to its page, beside which its files lie."""
    with service.engine.connect() as conn:
        found = get_media(conn, sha256)
    if found is None:
        raise _missing()
    path = MediaStore(service.settings.media).path(sha256)
    if found.kind == "html":
        return RedirectResponse(f"/media/{sha256}/{INDEX}", 308)
    return _served(path, found.type, FILE_POLICY)


@router.get("/{sha256}/{path:path}", summary="A file of an HTML package", response_class=Response)
def package_file(sha256: Sha256, path: str, service: Running) -> Response:
    """To whoever knows the hash: a sandboxed frame has no origin, so what it asks for comes without any cookie."""
    return _of_package(MediaStore(service.settings.media).path(sha256), path or INDEX)


def _of_package(folder: Path, name: str) -> Response:
    found = (folder / name).resolve()
    if not found.is_relative_to(folder.resolve()) or folder.is_file():
        raise _missing()
    answer = _served(
        found, TYPES.get(found.suffix.lower().removeprefix("."), "application/octet-stream"), PACKAGE_POLICY
    )
    answer.headers["Access-Control-Allow-Origin"] = "*"  # modules and fonts of a frame without an origin
    return answer


def _served(path: Path, media_type: str, policy: str) -> Response:
    if not path.is_file():
        raise _missing()
    headers = {"Cache-Control": FOR_EVER, "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff"}
    return FileResponse(path, media_type=media_type, headers=headers)


def _missing() -> Problem:
    return Problem(404, "Not found", "There is no such file; it may have been deleted.")
