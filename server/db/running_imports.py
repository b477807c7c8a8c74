"""Files that were being taken when that was broken off."""

from sqlalchemy import Connection, case, update

from server.db.spans import to_ms
from server.db.trade_tables import imports


def break_off(conn: Connection, *, now: float, trouble: str, site: str | None = None) -> int:
    """Say of every file that is being taken, at `site` or anywhere, that it was broken off; returns how many."""
    c = imports.c
    running = c.by.in_(("upload", "folder")) & (c.status == "running")
    where = running if site is None else running & (c.site == site)
    ended = case((c.taken + c.known > 0, "partly"), else_="refused")
    values = {"status": ended, "done_ms": to_ms(now), "trouble": trouble}
    return conn.execute(update(imports).where(where).values(values)).rowcount
