"""The page of a screen's player: open to anyone, the same for every screen, and good without the server.

It tells nothing: what it may show it learns with a token, once an administrator has typed in the code it shows.
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as PathParameter
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from contract.ids import Id
from server.web.language import NAMES
from server.web.render import environment

STATIC = Path(__file__).parent / "static"
TEMPLATES = STATIC.parent / "templates"
PAGE = "/screens/shell"
"""Under this address the worker keeps the page, whichever screen it was opened for."""
PACKAGE_PAGE = "/screens/package.html"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "frame-src 'self'; connect-src 'self'; worker-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
PACKAGE_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' data: blob:; style-src 'unsafe-inline' data: blob:; "
    "img-src data: blob:; media-src data: blob:; font-src data: blob:; connect-src 'none'; frame-src 'none'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
"""For the frame that runs HTML packages: scripts of theirs run, in a sandbox, and reach nothing outside."""

router = APIRouter()


@router.get("/screens/worker.js")
def worker() -> Response:
    """The service worker, told what belongs to the player and in which version: a change of any file renews all."""
    shell = {"version": version(), "page": PAGE, "files": shell_files()}
    source = f"self.SHELL = {json.dumps(shell)};\n{(STATIC / 'player' / 'worker.js').read_text(encoding='utf-8')}"
    return Response(source, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@router.get(PACKAGE_PAGE)
def package_page() -> Response:
    """The frame in which HTML packages run."""
    headers = {"Content-Security-Policy": PACKAGE_POLICY, "Cache-Control": "no-cache"}
    return HTMLResponse((STATIC / "player" / "package.html").read_text(encoding="utf-8"), headers=headers)


@router.get("/screens/{screen}", response_class=HTMLResponse)
def page(screen: Annotated[Id, PathParameter()]) -> Response:
    """The player."""
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
    return HTMLResponse(_page(), headers=headers)


def version() -> str:
    """Of the player: changes with any of its files."""
    files = [*_files(), *(TEMPLATES / name for name in ("player.html", "player_words.html"))]
    return _version(tuple((path, path.stat().st_mtime_ns) for path in files))


def shell_files() -> list[str]:
    """What the worker keeps: addresses of the page, of its modules and styles."""
    return [PAGE, PACKAGE_PAGE, *(f"/static/player/{path.name}" for path in _files() if path.name != "worker.js")]


def _files() -> list[Path]:
    return sorted(path for path in (STATIC / "player").iterdir() if path.suffix in {".js", ".css", ".html"})


@cache
def _version(files: tuple[tuple[Path, int], ...]) -> str:
    found = hashlib.sha256()
    for path, _ in files:
        found.update(path.read_bytes())
    return found.hexdigest()[:12]


def _page() -> str:
    """The page says everything in all languages at once: nobody chose one, and who reads it may be a technician."""
    words = ((code, environment(code).get_template("player_words.html")) for code in NAMES)
    spoken = [Markup(template.render(code=code)) for code, template in words]  # noqa: S704 - a template's own output
    return environment("en").get_template("player.html").render(spoken=spoken, version=version())
