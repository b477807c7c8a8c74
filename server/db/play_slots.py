"""What each screen mostly showed in each ten-minute slot, as players told it."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Connection, case, func, select

from server.db.screen_tables import plays
from server.db.slots import SLOT_MS, Key
from server.db.spans import to_ms


@dataclass(frozen=True, slots=True)
class PlayedSlot:
    """Seconds by campaign (None: the default), and whether any of it was played from the player's own store."""

    seconds: dict[str | None, float]
    cached: bool

    @property
    def mostly(self) -> str | None:
        """The campaign that was on longest; None for the default."""
        return max(self.seconds, key=lambda campaign: self.seconds[campaign])


def played_slots(conn: Connection, *, site: str, start: float, end: float) -> dict[Key, PlayedSlot]:
    """By screen and slot over [start, end) seconds UTC; slots without a play are left out."""
    c = plays.c
    slot = (c.started_ms // SLOT_MS).label("slot")
    of = (c.site == site, c.started_ms >= to_ms(start), c.started_ms < to_ms(end), c.outcome != "failed")
    cached = func.max(case((c.cached, 1), else_=0))
    query = select(c.screen, slot, c.campaign, func.sum(c.seconds), cached).where(*of)
    seconds: defaultdict[Key, dict[str | None, float]] = defaultdict(dict)
    from_store: set[Key] = set()
    for screen, place, campaign, total, any_cached in conn.execute(query.group_by(c.screen, slot, c.campaign)):
        seconds[screen, place][campaign] = total
        if any_cached:
            from_store.add((screen, place))
    return {key: PlayedSlot(of_slot, key in from_store) for key, of_slot in seconds.items()}
