"""Who asks, and with which connection: the dependencies of every route.

    def page(db: Db, user: Viewer) -> Response: ...

Every router is included with `Depends(require("viewer"))`, so that a new route is closed unless someone opens it.
"""

from collections.abc import Callable, Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Connection

from server import auth
from server.auth import Role, User
from server.errors import AccessError
from server.service import Service, of

COOKIE = "vitrina_session"


class SignInError(AccessError):
    """Nobody is signed in: pages lead to /login, the API answers 401."""


class RoleError(AccessError):
    """Someone is signed in and may not do this."""


def connection(request: Request) -> Iterator[Connection]:
    """A connection for reading, for as long as the route runs; a streaming route takes its own, and shortly."""
    with of(request).engine.connect() as conn:
        yield conn


def current_user(request: Request) -> User:
    """Who asks, by `Authorization: Bearer vtr_…` or by the session's cookie.

    Raises:
        SignInError: neither is there, or it is not good any more.
    """
    service = of(request)
    user = _identify(request, service)
    if user is None:
        raise SignInError("Sign in first, or send a token: Authorization: Bearer vtr_…")
    return user


def require(role: Role) -> Callable[[User], User]:
    """A dependency that lets in who has at least `role`."""

    def check(user: Annotated[User, Depends(current_user)]) -> User:
        if not user.may(role):
            raise RoleError(f"This needs the role {role}; {user.name} has {user.role}.")
        return user

    return check


def require_link(role: Role) -> Callable[[User], User]:
    """A dependency that lets in tokens of the loyalty link, and who has at least `role`."""

    def check(user: Annotated[User, Depends(current_user)]) -> User:
        if user.role != "loyalty" and not user.may(role):
            raise RoleError(f"This needs the role {role} or a loyalty token; {user.name} has {user.role}.")
        return user

    return check


def _identify(request: Request, service: Service) -> User | None:
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        with service.engine.begin() as conn:
            return auth.user_of_token(conn, secret.strip(), now=service.clock())
    cookie = request.cookies.get(COOKIE)
    if cookie is None:
        return None
    with service.engine.connect() as conn:
        return auth.user_of_session(conn, cookie, now=service.clock())


Running = Annotated[Service, Depends(of)]
Db = Annotated[Connection, Depends(connection, scope="function")]
Viewer = Annotated[User, Depends(require("viewer"))]
Admin = Annotated[User, Depends(require("admin"))]
