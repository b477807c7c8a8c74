"""Coming in and going out: the login link, the password, the session's cookie."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from server import auth
from server.auth import Throttle
from server.db.access import end_session
from server.service import Service
from server.session import COOKIE, Running

router = APIRouter(include_in_schema=False)

Next = Annotated[str, Query(alias="next", max_length=2000)]


@router.get("/login")
def login(
    request: Request,
    service: Running,
    token: Annotated[str | None, Query(max_length=200)] = None,
    next_path: Next = "/",
) -> Response:
    """Exchange a login link for a session; without one, show the form."""
    if token is None:
        return _form(request, None, next_path, 200)
    with service.engine.begin() as conn:
        secret = auth.sign_in_by_link(conn, token, now=service.clock(), lasts_s=_lasts_s(service))
    if secret is None:
        return _form(request, "link", next_path, 403)
    return _enter(request, service, secret, next_path)


@router.post("/login")
def password(
    request: Request,
    service: Running,
    name: Annotated[str, Form(max_length=80)],
    password: Annotated[str, Form(max_length=1000)],
    next_path: Annotated[str, Form(alias="next", max_length=2000)] = "/",
) -> Response:
    """Sign in by name and password."""
    now, throttle = service.clock(), _throttle(request)
    key = f"{request.client.host if request.client else ''} {name}"
    wait_s = throttle.wait_s(key, now=now)
    if wait_s > 0:
        response = _form(request, "throttled", next_path, 429)
        response.headers["Retry-After"] = str(int(wait_s) + 1)
        return response
    with service.engine.begin() as conn:
        secret = auth.sign_in_by_password(conn, name=name, password=password, now=now, lasts_s=_lasts_s(service))
    if secret is None:
        throttle.failed(key, now=now)
        return _form(request, "password", next_path, 403)
    return _enter(request, service, secret, next_path)


@router.post("/logout")
def logout(request: Request, service: Running) -> Response:
    """End the session, here and on the server."""
    cookie = request.cookies.get(COOKIE)
    if cookie is not None:
        with service.engine.begin() as conn:
            end_session(conn, auth.digest(cookie))
    response = RedirectResponse("/login", 303)
    response.delete_cookie(COOKIE)
    return response


def _throttle(request: Request) -> Throttle:
    found: Throttle = request.app.state.throttle
    return found


def _form(request: Request, fault: str | None, next_path: str, status: int) -> Response:
    response: Response = request.app.state.sign_in_page(request, fault=fault, next_path=next_path)
    response.status_code = status
    return response


def _lasts_s(service: Service) -> float:
    return service.settings.access.session_days * 86_400.0


def _enter(request: Request, service: Service, secret: str, next_path: str) -> Response:
    response = RedirectResponse(_own_path(next_path), 303)
    public = service.settings.web.public_url or str(request.base_url)
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(_lasts_s(service)),
        httponly=True,
        samesite="lax",
        secure=public.startswith("https:"),
    )
    return response


def _own_path(path: str) -> str:
    """Only a path on this server: a link that signs in must not lead away."""
    parts = urlsplit(path)
    plain = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if plain and not parts.scheme and not parts.netloc else "/"
