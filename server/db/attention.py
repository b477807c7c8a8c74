"""What creatives were worth on their screens, as cameras saw it."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from server.db.screen_tables import window_screens
from server.db.spans import begins_within, to_ms
from server.db.tables import windows


@dataclass(frozen=True, slots=True)
class Attention:
    """One creative on one screen over a period, all cameras together."""

    shown_s: float
    """Seconds it was on while the camera that watched longest was watching."""
    ots: int
    """Opportunities to see: people who were in the screen's zone while it was on."""
    viewers: int
    """Of them, those who turned towards the screen for a second or more."""
    attention_s: float
    """Person-seconds turned towards the screen."""


def attention(
    conn: Connection, *, site: str, creatives: Collection[str], start: float, end: float
) -> dict[tuple[str, str], Attention]:
    """By creative and screen over [start, end) seconds UTC; what no camera saw is left out."""
    s, w = window_screens.c, windows.c
    sums = (func.sum(s.shown_s), func.sum(s.ots), func.sum(s.viewers), func.sum(s.attention_s))
    query = select(s.creative, s.screen, w.camera, *sums).join_from(window_screens, windows)
    within = query.where(begins_within(site, (to_ms(start), to_ms(end))), s.creative.in_(creatives))
    found: defaultdict[tuple[str, str], list[tuple[float, int, int, float]]] = defaultdict(list)
    for creative, screen, _, shown_s, ots, viewers, attention_s in conn.execute(
        within.group_by(s.creative, s.screen, w.camera)
    ):
        found[creative, screen].append((shown_s, int(ots), int(viewers), attention_s))
    return {key: _together(cameras) for key, cameras in sorted(found.items())}


def _together(cameras: list[tuple[float, int, int, float]]) -> Attention:
    shown_s, ots, viewers, attention_s = zip(*cameras, strict=True)
    return Attention(max(shown_s), sum(ots), sum(viewers), sum(attention_s))
