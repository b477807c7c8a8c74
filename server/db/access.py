"""Who may come in: users, sessions, login links and API tokens. Only hashes of secrets are stored."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from server.db.spans import to_ms
from server.db.tables import api_tokens, login_links, sessions, users


@dataclass(frozen=True, slots=True)
class UserRecord:
    """Someone with a password."""

    name: str
    password_hash: str
    role: str


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """An API token, without its secret. Times are seconds UTC."""

    id: int
    name: str
    role: str
    created: float
    last_used: float | None
    revoked: float | None


def find_user(conn: Connection, name: str) -> UserRecord | None:
    """The user of this name."""
    row = conn.execute(select(users.c.name, users.c.password_hash, users.c.role).where(users.c.name == name)).first()
    return UserRecord(*row) if row else None


def put_user(conn: Connection, user: UserRecord, *, now: float) -> None:
    """Add the user, or give them a new password and role; their sessions end."""
    conn.execute(delete(users).where(users.c.name == user.name))
    conn.execute(delete(sessions).where(sessions.c.name == user.name))
    conn.execute(
        insert(users).values(name=user.name, password_hash=user.password_hash, role=user.role, created_ms=to_ms(now))
    )


def add_session(conn: Connection, token_hash: str, *, name: str, role: str, now: float, lasts_s: float) -> None:
    """Open a session."""
    conn.execute(
        insert(sessions).values(
            token_hash=token_hash, name=name, role=role, created_ms=to_ms(now), expires_ms=to_ms(now + lasts_s)
        )
    )


def find_session(conn: Connection, token_hash: str, *, now: float) -> tuple[str, str] | None:
    """Name and role of a session that has not expired."""
    s = sessions.c
    row = conn.execute(select(s.name, s.role).where(s.token_hash == token_hash, s.expires_ms > to_ms(now))).first()
    return (row.name, row.role) if row else None


def end_session(conn: Connection, token_hash: str) -> None:
    """Sign out."""
    conn.execute(delete(sessions).where(sessions.c.token_hash == token_hash))


def add_link(conn: Connection, token_hash: str, *, role: str, now: float, lasts_s: float) -> None:
    """Add a login link."""
    conn.execute(
        insert(login_links).values(
            token_hash=token_hash, role=role, created_ms=to_ms(now), expires_ms=to_ms(now + lasts_s)
        )
    )


def find_link(conn: Connection, token_hash: str, *, now: float) -> str | None:
    """Role of a link that has not expired."""
    c = login_links.c
    return conn.execute(select(c.role).where(c.token_hash == token_hash, c.expires_ms > to_ms(now))).scalar()


def revoke_links(conn: Connection) -> int:
    """Make all login links worthless; returns how many there were."""
    return conn.execute(delete(login_links)).rowcount


def add_token(conn: Connection, token_hash: str, *, name: str, role: str, now: float) -> int:
    """Add an API token; returns its id."""
    query = insert(api_tokens).values(name=name, token_hash=token_hash, role=role, created_ms=to_ms(now))
    return int(conn.execute(query.returning(api_tokens.c.id)).scalar_one())


def find_token(conn: Connection, token_hash: str) -> TokenRecord | None:
    """The token of this hash, revoked or not."""
    row = conn.execute(_tokens().where(api_tokens.c.token_hash == token_hash)).first()
    return _token(row) if row else None


def list_tokens(conn: Connection) -> list[TokenRecord]:
    """All tokens, oldest first."""
    return [_token(row) for row in conn.execute(_tokens().order_by(api_tokens.c.id))]


def touch_token(conn: Connection, token: int, *, now: float) -> None:
    """Note that the token was used."""
    conn.execute(update(api_tokens).where(api_tokens.c.id == token).values(last_used_ms=to_ms(now)))


def revoke_token(conn: Connection, token: int, *, now: float) -> bool:
    """Make the token worthless; False when there is none of this id that still worked."""
    c = api_tokens.c
    query = update(api_tokens).where(c.id == token, c.revoked_ms.is_(None)).values(revoked_ms=to_ms(now))
    return conn.execute(query).rowcount == 1


def _tokens() -> Select[*tuple[Any, ...]]:
    c = api_tokens.c
    return select(c.id, c.name, c.role, c.created_ms, c.last_used_ms, c.revoked_ms)


def _token(row: Row[*tuple[Any, ...]]) -> TokenRecord:
    used, revoked = _seconds(row.last_used_ms), _seconds(row.revoked_ms)
    return TokenRecord(row.id, row.name, row.role, row.created_ms / 1000, used, revoked)


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000
