"""What a screen showed when an administrator asked: one picture per screen."""

from sqlalchemy import Connection, delete, insert, select, update

from server.db.screen_tables import screenshots as table
from server.db.spans import to_ms


def ask_screenshot(conn: Connection, site: str, screen: str, *, now: float) -> None:
    """Remember that one was asked for; the earlier picture is gone."""
    conn.execute(delete(table).where(table.c.site == site, table.c.screen == screen))
    conn.execute(insert(table).values(site=site, screen=screen, asked_ms=to_ms(now)))


def asked_at(conn: Connection, site: str, screen: str) -> float | None:
    """When one was asked for that has not come yet, seconds UTC; None where none is awaited."""
    query = select(table.c.asked_ms).where(table.c.site == site, table.c.screen == screen, table.c.t_ms.is_(None))
    found = conn.execute(query).scalar()
    return None if found is None else found / 1000


def put_screenshot(conn: Connection, site: str, screen: str, jpeg: bytes, *, now: float) -> None:
    """Keep the picture that was asked for."""
    mine = (table.c.site == site) & (table.c.screen == screen)
    conn.execute(update(table).where(mine).values(jpeg=jpeg, t_ms=to_ms(now)))


def get_screenshot(conn: Connection, site: str, screen: str) -> tuple[bytes, float] | None:
    """The JPEG and when it was taken, seconds UTC; None where there is none."""
    query = select(table.c.jpeg, table.c.t_ms).where(table.c.site == site, table.c.screen == screen)
    row = conn.execute(query).first()
    return (row.jpeg, row.t_ms / 1000) if row and row.jpeg is not None else None
