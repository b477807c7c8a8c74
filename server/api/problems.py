"""Errors as `application/problem+json` (RFC 9457): what was wrong, where, and what to do."""

from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from server.session import RoleError, SignInError

MEDIA_TYPE = "application/problem+json"


class Fault(BaseModel):
    """One parameter at fault."""

    where: str = Field(description="the parameter", examples=["query.start"])
    what: str = Field(description="what was wrong and what is expected")


class ProblemBody(BaseModel):
    """RFC 9457."""

    title: str = Field(description="the kind of problem in two words", examples=["Not found"])
    status: int = Field(description="the HTTP status", examples=[404])
    detail: str = Field(description="what was wrong and what to do", examples=["There is no site 'berln'."])
    faults: list[Fault] = Field(default=[], description="the parameters at fault, for a 422")


class Problem(Exception):  # noqa: N818 - the name RFC 9457 gives it
    """Answer the request with this problem."""

    def __init__(
        self, status: int, title: str, detail: str, headers: dict[str, str] | None = None, **more: object
    ) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail, self.headers, self.more = status, title, detail, headers, more


RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {MEDIA_TYPE: {"schema": ProblemBody.model_json_schema()}}}
    for status, text in {401: "Not signed in", 403: "The role does not suffice", 422: "A parameter is wrong"}.items()
}


def install(app: FastAPI) -> None:
    """Let `app` answer errors as problems; a page that needs a sign-in leads to it instead."""
    app.exception_handler(Problem)(_problem)
    app.exception_handler(SignInError)(_sign_in)
    app.exception_handler(RoleError)(_role)
    app.exception_handler(RequestValidationError)(_validation)
    app.exception_handler(HTTPException)(_http)
    app.exception_handler(OperationalError)(_database)


def answer(status: int, title: str, detail: str, headers: dict[str, str] | None = None, **more: object) -> Response:
    """A problem as a response."""
    body = {"title": title, "status": status, "detail": detail, **more}
    return JSONResponse(body, status, headers=headers, media_type=MEDIA_TYPE)


async def _problem(_: Request, error: Problem) -> Response:
    return answer(error.status, error.title, error.detail, error.headers, **error.more)


async def _sign_in(request: Request, error: SignInError) -> Response:
    if wants_page(request):
        there = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/login?next={quote(there)}", 303)
    return answer(401, "Not signed in", str(error), {"WWW-Authenticate": "Bearer"})


async def _role(_: Request, error: RoleError) -> Response:
    return answer(403, "Not allowed", str(error))


async def _validation(_: Request, error: RequestValidationError) -> Response:
    faults = [{"where": ".".join(map(str, fault["loc"])), "what": fault["msg"]} for fault in error.errors()]
    detail = "; ".join(f"{fault['where']}: {fault['what']}" for fault in faults[:5])
    return answer(422, "Wrong parameter", detail, faults=faults)


async def _http(_: Request, error: HTTPException) -> Response:
    return answer(error.status_code, "Not served", str(error.detail), dict(error.headers or {}))


async def _database(_: Request, error: OperationalError) -> Response:
    told = str(error.orig).partition("\n")[0][:200]
    detail = f"The database does not answer ({told}); try again shortly."
    return answer(503, "Database unavailable", detail, {"Retry-After": "5"})


def wants_page(request: Request) -> bool:
    """A person's browser asks for a page, and not a program for figures."""
    return request.method == "GET" and not request.url.path.startswith("/api/") and _accepts_html(request)


def _accepts_html(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") or "authorization" not in request.headers
