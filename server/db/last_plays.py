"""What each screen was last heard to play."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from server.db.screen_tables import plays
from server.db.spans import to_ms

LOOK_BACK_S = 86_400.0


@dataclass(frozen=True, slots=True)
class LastPlay:
    """The end of a screen's newest play."""

    creative: str | None
    ended: float
    """Seconds UTC."""
    heard: float
    cached: bool


def last_plays(conn: Connection, *, site: str, at: float) -> dict[str, LastPlay]:
    """By screen, of those that started in the day before `at`, seconds UTC."""
    c = plays.c
    newest = (
        select(c.screen, func.max(c.started_ms).label("started_ms"))
        .where(c.site == site, c.started_ms >= to_ms(at - LOOK_BACK_S), c.started_ms <= to_ms(at))
        .group_by(c.screen)
        .subquery()
    )
    query = select(c.screen, c.creative, c.started_ms, c.seconds, c.received_ms, c.cached).join(
        newest, (c.screen == newest.c.screen) & (c.started_ms == newest.c.started_ms) & (c.site == site)
    )
    return {
        screen: LastPlay(creative, started_ms / 1000 + seconds, received_ms / 1000, cached)
        for screen, creative, started_ms, seconds, received_ms, cached in conn.execute(query)
    }
