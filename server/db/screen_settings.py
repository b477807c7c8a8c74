"""What an administrator set for each screen."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from server.db.screen_tables import screen_settings as table


@dataclass(frozen=True, slots=True)
class ScreenSettings:
    """`default_creative` plays when nothing else may; None: the player's own house picture."""

    default_creative: str | None = None
    screenshots: bool = False
    """Whether an administrator may ask what it shows."""


def all_settings(conn: Connection, site: str) -> dict[str, ScreenSettings]:
    """By screen; a screen that is missing has the defaults."""
    query = select(table.c.screen, table.c.default_creative, table.c.screenshots).where(table.c.site == site)
    return {screen: ScreenSettings(creative, shots) for screen, creative, shots in conn.execute(query)}


def get_settings(conn: Connection, site: str, screen: str) -> ScreenSettings:
    """Of one screen."""
    return all_settings(conn, site).get(screen, ScreenSettings())


def put_settings(conn: Connection, site: str, screen: str, settings: ScreenSettings) -> None:
    """Set them."""
    conn.execute(delete(table).where(table.c.site == site, table.c.screen == screen))
    values = {"default_creative": settings.default_creative, "screenshots": settings.screenshots}
    conn.execute(insert(table).values(site=site, screen=screen, **values))
