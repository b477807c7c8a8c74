"""Roles, secrets and passwords. Of a secret only its hash is stored; a wrong password takes as long as a right one."""

import hashlib
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

from pwdlib import PasswordHash
from sqlalchemy import Connection

from server.db import access
from server.errors import AccessError

Role = Literal["viewer", "merchandiser", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
"""Each may do what the ones before it may."""
Scope = Role | Literal["loyalty"]
SCOPES: tuple[Scope, ...] = (*ROLES, "loyalty")
"""What a token may be for: `loyalty` stands beside the ladder, and reaches the loyalty link and nothing else."""

TOKEN_PREFIX = "vtr_"  # noqa: S105 - the mark that secret scanners look for, not a secret
SHORTEST_PASSWORD = 10
TOUCH_EVERY_S = 60.0
"""`last_used` of a token is kept to the minute, so that reading does not mean writing."""

_PASSWORDS = PasswordHash.recommended()


@cache
def _nobody() -> str:
    """A hash to check against where there is no user, made once and late: it takes a twentieth of a second."""
    return _PASSWORDS.hash(secrets.token_hex(16))


@dataclass(frozen=True, slots=True)
class User:
    """Who asks."""

    name: str
    role: Scope
    by: Literal["session", "token"]

    def may(self, role: Role) -> bool:
        """Whether they have at least `role`."""
        return self.role != "loyalty" and ROLES.index(self.role) >= ROLES.index(role)


def known_role(role: str) -> Role:
    """Check a role's name.

    Raises:
        AccessError: there is no such role.
    """
    for known in ROLES:
        if role == known:
            return known
    raise AccessError(f"no role {role!r}; there are {', '.join(ROLES)}")


def known_scope(role: str) -> Scope:
    """Check what a token is for.

    Raises:
        AccessError: there is no such role.
    """
    return "loyalty" if role == "loyalty" else known_role(role)


def digest(secret: str) -> str:
    """What is stored of a random secret. SHA-256 is enough for 256 random bits; passwords get argon2."""
    return hashlib.sha256(secret.encode()).hexdigest()


def create_token(conn: Connection, *, name: str, role: Scope, now: float) -> tuple[int, str]:
    """A new API token: its id, and its secret, which nobody sees again."""
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    return access.add_token(conn, digest(secret), name=name, role=role, now=now), secret


def user_of_token(conn: Connection, secret: str, *, now: float) -> User | None:
    """Whom an API token stands for; None when it is unknown or revoked."""
    token = access.find_token(conn, digest(secret))
    if token is None or token.revoked is not None:
        return None
    if token.last_used is None or now - token.last_used >= TOUCH_EVERY_S:
        access.touch_token(conn, token.id, now=now)
    return User(token.name, known_scope(token.role), "token")


def create_link(conn: Connection, *, role: Role, now: float, lasts_s: float) -> str:
    """The secret of a new login link, good for `lasts_s` seconds."""
    secret = secrets.token_urlsafe(32)
    access.add_link(conn, digest(secret), role=role, now=now, lasts_s=lasts_s)
    return secret


def sign_in_by_link(conn: Connection, secret: str, *, now: float, lasts_s: float) -> str | None:
    """Exchange a login link for a session's secret; None when the link is unknown or has expired."""
    role = access.find_link(conn, digest(secret), now=now)
    return _open(conn, "link", role, now, lasts_s) if role else None


def sign_in_by_password(conn: Connection, *, name: str, password: str, now: float, lasts_s: float) -> str | None:
    """Open a session; returns its secret, None when name or password is wrong, after the same time in both cases."""
    user = access.find_user(conn, name)
    right = _PASSWORDS.verify(password, user.password_hash if user else _nobody())
    return _open(conn, user.name, user.role, now, lasts_s) if user and right else None


def user_of_session(conn: Connection, secret: str, *, now: float) -> User | None:
    """Whose session this is; None when it has ended."""
    found = access.find_session(conn, digest(secret), now=now)
    return User(found[0], known_role(found[1]), "session") if found else None


def add_user(conn: Connection, *, name: str, password: str, role: Role, now: float) -> None:
    """Add a user, or give them a new password and role.

    Raises:
        AccessError: the password is too short.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise AccessError(f"the password has {len(password)} characters; give at least {SHORTEST_PASSWORD}")
    access.put_user(conn, access.UserRecord(name, _PASSWORDS.hash(password), role), now=now)


def _open(conn: Connection, name: str, role: str, now: float, lasts_s: float) -> str:
    secret = secrets.token_urlsafe(32)
    access.add_session(conn, digest(secret), name=name, role=role, now=now, lasts_s=lasts_s)
    return secret


class Throttle:
    """At most `most` failures per key within `within_s` seconds; remembers at most `keys` keys, newest first."""

    def __init__(self, *, most: int = 10, within_s: float = 300.0, keys: int = 10_000) -> None:
        self._most, self._within_s, self._keys = most, within_s, keys
        self._failures: OrderedDict[str, list[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, key: str, *, now: float) -> float:
        """Seconds until `key` may try again; 0 when it may now."""
        with self._lock:
            recent = [t for t in self._failures.get(key, []) if now - t < self._within_s]
            return max(0.0, recent[0] + self._within_s - now) if len(recent) >= self._most else 0.0

    def failed(self, key: str, *, now: float) -> None:
        """Note a failure."""
        with self._lock:
            recent = [t for t in self._failures.pop(key, []) if now - t < self._within_s]
            self._failures[key] = [*recent, now][-self._most :]
            while len(self._failures) > self._keys:
                self._failures.popitem(last=False)
