"""Players: the pages that show what is decided, and how each got its leave to. Only hashes of secrets are stored."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from server.db.screen_tables import pairings, players
from server.db.spans import to_ms


@dataclass(frozen=True, slots=True)
class PlayerRecord:
    """One player of one screen. Times are seconds UTC."""

    player: str
    site: str
    screen: str
    paired_by: str
    paired: float
    seen: float | None
    health: dict[str, Any] | None
    """What it last said of itself."""
    revoked: float | None


@dataclass(frozen=True, slots=True)
class PairingRecord:
    """A code that stands on a screen and waits for an administrator."""

    code: str
    site: str
    screen: str
    expires: float


def add_pairing(conn: Connection, secret_hash: str, pairing: PairingRecord, *, now: float) -> None:
    """Remember a code and who may ask for what becomes of it."""
    conn.execute(
        insert(pairings).values(
            code=pairing.code,
            secret_hash=secret_hash,
            site=pairing.site,
            screen=pairing.screen,
            created_ms=to_ms(now),
            expires_ms=to_ms(pairing.expires),
        )
    )


def pairing_of_code(conn: Connection, code: str, *, now: float) -> tuple[PairingRecord, str] | None:
    """The pairing that shows `code`, and the hash of its page's secret; None once it is over."""
    row = conn.execute(_pairings(now).where(pairings.c.code == code)).first()
    return (_pairing(row), row.secret_hash) if row else None


def pairing_of_secret(conn: Connection, secret_hash: str, *, now: float) -> PairingRecord | None:
    """The pairing that a page began; None once it is over."""
    row = conn.execute(_pairings(now).where(pairings.c.secret_hash == secret_hash)).first()
    return _pairing(row) if row else None


def waiting_pairings(conn: Connection, *, now: float) -> int:
    """How many codes wait."""
    query = select(func.count()).select_from(pairings)
    return int(conn.execute(query.where(pairings.c.expires_ms > to_ms(now))).scalar_one())


def forget_pairings(conn: Connection, *, now: float) -> None:
    """Strike off codes that have expired."""
    conn.execute(delete(pairings).where(pairings.c.expires_ms <= to_ms(now)))


def add_player(conn: Connection, token_hash: str, player: PlayerRecord) -> None:
    """A new player; the page's pairing is over with it."""
    conn.execute(
        insert(players).values(
            player=player.player,
            site=player.site,
            screen=player.screen,
            token_hash=token_hash,
            paired_by=player.paired_by,
            paired_ms=to_ms(player.paired),
        )
    )
    conn.execute(delete(pairings).where(pairings.c.secret_hash == token_hash))


def player_of_token(conn: Connection, token_hash: str) -> PlayerRecord | None:
    """Whose token this is, revoked or not."""
    row = conn.execute(_players().where(players.c.token_hash == token_hash)).first()
    return _player(row) if row else None


def players_of(conn: Connection, site: str, screen: str | None = None) -> list[PlayerRecord]:
    """The players of a site that are not revoked, by screen; of one screen, where given."""
    query = _players().where(players.c.site == site, players.c.revoked_ms.is_(None))
    if screen is not None:
        query = query.where(players.c.screen == screen)
    return [_player(row) for row in conn.execute(query.order_by(players.c.screen, players.c.paired_ms))]


def is_revoked(conn: Connection, player: str) -> bool:
    """Whether a player may not ask any more."""
    revoked = conn.execute(select(players.c.revoked_ms).where(players.c.player == player)).first()
    return revoked is None or revoked.revoked_ms is not None


def note_health(conn: Connection, player: str, health: dict[str, Any], *, now: float) -> None:
    """Keep what a player says of itself, and that it was seen."""
    conn.execute(update(players).where(players.c.player == player).values(health=health, seen_ms=to_ms(now)))


def revoke_player(conn: Connection, site: str, screen: str, player: str, *, now: float) -> bool:
    """Make its token worthless; False when the screen has no such player."""
    mine = (players.c.site == site) & (players.c.screen == screen) & (players.c.player == player)
    query = update(players).where(mine, players.c.revoked_ms.is_(None)).values(revoked_ms=to_ms(now))
    return conn.execute(query).rowcount == 1


def _pairings(now: float) -> Select[*tuple[Any, ...]]:
    return select(pairings).where(pairings.c.expires_ms > to_ms(now))


def _pairing(row: Row[*tuple[Any, ...]]) -> PairingRecord:
    return PairingRecord(row.code, row.site, row.screen, row.expires_ms / 1000)


def _players() -> Select[*tuple[Any, ...]]:
    return select(players)


def _player(row: Row[*tuple[Any, ...]]) -> PlayerRecord:
    return PlayerRecord(
        player=row.player,
        site=row.site,
        screen=row.screen,
        paired_by=row.paired_by,
        paired=row.paired_ms / 1000,
        seen=_seconds(row.seen_ms),
        health=row.health,
        revoked=_seconds(row.revoked_ms),
    )


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000
