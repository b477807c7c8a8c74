"""The sign-in page, and the reader's preferences, which need no sign-in."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from server.web import render
from server.web.language import NAMES
from server.web.view import LANGUAGE_COOKIE, THEME_COOKIE, THEMES, theme_of, words_of

router = APIRouter()
YEAR_S = 365 * 86_400


def sign_in_page(request: Request, *, fault: str | None, next_path: str) -> Response:
    """The form; `fault` is `link`, `password`, `throttled` or None."""
    words = words_of(request)
    faults = {
        "link": words.gettext(
            "This login link is not good any more. Start the server again, or run “vitrina server link”."
        ),
        "password": words.gettext("Name or password is wrong."),
        "throttled": words.gettext("Too many attempts; wait some minutes."),
    }
    told = faults.get(fault or "")
    return render.page(
        "login.html", words, theme=theme_of(request), fault=told, next_path=next_path, back=request.url.path
    )


@router.post("/preferences")
def preferences(
    back: Annotated[str, Form(max_length=2000)] = "/",
    language: Annotated[str | None, Form(max_length=8)] = None,
    theme: Annotated[str | None, Form(max_length=8)] = None,
) -> Response:
    """Keep the language or the theme in a cookie and go back."""
    response = RedirectResponse(own_path(back), 303)
    if language in NAMES:
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR_S, samesite="lax")
    if theme in THEMES:
        response.set_cookie(THEME_COOKIE, theme, max_age=YEAR_S, samesite="lax")
    return response


def own_path(path: str) -> str:
    """Only a path on this server."""
    parts = urlsplit(path)
    own = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return path if own else "/"
