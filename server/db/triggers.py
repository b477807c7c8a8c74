"""What the world outside says, such as weather = rain, each for as long as it was told for."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from server.db.screen_tables import triggers as table
from server.db.spans import to_ms

MOST = 200
"""Per site."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """One of them; it holds until `until`, seconds UTC."""

    name: str
    value: str
    set: float
    until: float


def list_triggers(conn: Connection, site: str, *, now: float) -> list[Trigger]:
    """Those that hold now, by name."""
    query = select(table.c.name, table.c.value, table.c.set_ms, table.c.until_ms)
    mine = query.where(table.c.site == site, table.c.until_ms > to_ms(now)).order_by(table.c.name)
    return [Trigger(row.name, row.value, row.set_ms / 1000, row.until_ms / 1000) for row in conn.execute(mine)]


def triggers(conn: Connection, site: str, *, now: float) -> dict[str, str]:
    """Values of those that hold now."""
    return {trigger.name: trigger.value for trigger in list_triggers(conn, site, now=now)}


def put_trigger(conn: Connection, site: str, trigger: Trigger) -> bool:
    """Set it, and forget what holds no more; False where the site has too many."""
    conn.execute(delete(table).where(table.c.site == site, table.c.until_ms <= to_ms(trigger.set)))
    delete_trigger(conn, site, trigger.name)
    if len(list_triggers(conn, site, now=trigger.set)) >= MOST:
        return False
    times = {"set_ms": to_ms(trigger.set), "until_ms": to_ms(trigger.until)}
    conn.execute(insert(table).values(site=site, name=trigger.name, value=trigger.value, **times))
    return True


def delete_trigger(conn: Connection, site: str, name: str) -> bool:
    """Forget it; False where there was none."""
    return conn.execute(delete(table).where(table.c.site == site, table.c.name == name)).rowcount > 0
