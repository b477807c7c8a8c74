"""Pages for what went wrong: what failed, what is safe, what to press. Programs keep their problem documents."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from server.api.problems import answer, wants_page
from server.session import RoleError
from server.web import render
from server.web.language import Words
from server.web.view import theme_of, words_of

Handler = Callable[[Request, Any], Awaitable[Response]]
log = structlog.get_logger()


def install(app: FastAPI) -> None:
    """Show pages of `app` their errors as pages; everything else is answered as before."""
    for kind, status in ((HTTPException, None), (RoleError, 403)):
        app.exception_handler(kind)(_page_or(app.exception_handlers.get(kind), status))
    app.exception_handler(Exception)(_failed)


def _page_or(before: Any, status: int | None) -> Handler:  # noqa: ANN401 - Starlette's own type for handlers
    async def handle(request: Request, error: Any) -> Response:  # noqa: ANN401 - the kind it is installed for
        if before is None or wants_page(request):
            return error_page(request, status or error.status_code)
        answered: Response = await before(request, error)
        return answered

    return handle


async def _failed(request: Request, error: Exception) -> Response:
    """A fault of ours: a number to report it by, in the log and on the page; the traceback only in the log."""
    number = secrets.token_hex(4)
    log.error("a request failed", report=number, path=request.url.path, exc_info=error)
    if wants_page(request):
        return error_page(request, 500, report=number)
    return answer(500, "Failed", f"The server could not answer; report no. {number}. Nothing is lost.")


def error_page(request: Request, status: int, *, report: str | None = None) -> Response:
    """The page of a status."""
    words = words_of(request)
    title, text = _told(words, status)
    return render.page(
        "error.html",
        words,
        status=status,
        theme=theme_of(request),
        title=title,
        text=text,
        report=report,
        again=request.url.path if status >= 500 else None,
        back=request.url.path,
    )


def _told(words: Words, status: int) -> tuple[str, str]:
    told = {
        403: (
            words.gettext("You may not see this"),
            words.gettext("Your role does not allow it; ask an administrator."),
        ),
        404: (
            words.gettext("There is no such page"),
            words.gettext("The address is wrong, or the site or zone it names was removed. No figure is lost."),
        ),
        500: (
            words.gettext("This page could not be made"),
            words.gettext("The server met an error while it made this page. No figure is lost; counting goes on."),
        ),
    }
    other = (
        words.gettext("This was not possible"),
        words.gettext("The server did not accept the request. No figure is lost."),
    )
    return told.get(status, other)
