"""What happened in each ten-minute slot of a campaign's test: before its screens, in zones, and on landing pages.

A window counts in the slot it lies in wholly, and only after the wash-out of the slot's beginning; windows longer than
a slot belong to none.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select

from server.db.screen_tables import scans, window_screens
from server.db.spans import to_ms
from server.db.tables import window_zones, windows
from server.domain.holdout import SLOT_S, WASH_OUT_S

SLOT_MS, WASH_OUT_MS = SLOT_S * 1000, WASH_OUT_S * 1000

Key = tuple[str, int]
"""A screen or zone, and a slot as `holdout.slot_of` says."""


@dataclass(frozen=True, slots=True)
class ScreenSlot:
    """Before one screen in one slot, whatever was on it."""

    attention_s: float
    viewers: int
    ots: int
    observed_s: float
    """By the camera that watched longest."""


@dataclass(frozen=True, slots=True)
class ZoneSlot:
    """In one zone in one slot."""

    entries: int
    stops: int
    observed_s: float
    """By the camera that watched longest."""


@dataclass(frozen=True, slots=True)
class DeedSlot:
    """On the landing pages behind one screen's codes in one slot."""

    scans: int
    redeemed: int


def screen_slots(conn: Connection, *, site: str, start: float, end: float) -> dict[Key, ScreenSlot]:
    """By screen and slot over [start, end) seconds UTC; slots that nobody watched are left out."""
    w, s = windows.c, window_screens.c
    sums = [func.sum(column) for column in (s.attention_s, s.viewers, s.ots, s.shown_s)]
    query = select(s.screen, slot_column(), w.camera, *sums).join_from(window_screens, windows)
    rows = conn.execute(query.where(counted_in_slots(site, start, end)).group_by(s.screen, slot_column(), w.camera))
    return {key: _screen_slot([row[2:] for row in of]) for key, of in _by_key(rows.all()).items()}


def creative_slots(
    conn: Connection, *, site: str, creatives: Collection[str], start: float, end: float
) -> dict[tuple[str, int, str], ScreenSlot]:
    """By screen, slot and creative over [start, end) seconds UTC, while the creative was on."""
    w, s = windows.c, window_screens.c
    sums = [func.sum(column) for column in (s.attention_s, s.viewers, s.ots, s.shown_s)]
    query = select(s.screen, slot_column(), s.creative, w.camera, *sums).join_from(window_screens, windows)
    within = query.where(counted_in_slots(site, start, end), s.creative.in_(creatives))
    found: defaultdict[tuple[str, int, str], list[Any]] = defaultdict(list)
    for screen, slot, creative, *row in conn.execute(within.group_by(s.screen, slot_column(), s.creative, w.camera)):
        found[screen, slot, creative].append(row)
    return {key: _screen_slot(of) for key, of in found.items()}


def _screen_slot(cameras: Sequence[Sequence[Any]]) -> ScreenSlot:
    """Cameras together; each row is a camera, its sums of attention, viewers and ots, and how long it watched."""
    return ScreenSlot(
        attention_s=sum(row[1] for row in cameras),
        viewers=sum(int(row[2]) for row in cameras),
        ots=sum(int(row[3]) for row in cameras),
        observed_s=max(row[4] for row in cameras),
    )


def zone_slots(conn: Connection, *, site: str, start: float, end: float, zones: Collection[str]) -> dict[Key, ZoneSlot]:
    """By zone and slot over [start, end) seconds UTC; slots that nobody watched are left out."""
    w, z = windows.c, window_zones.c
    sums = [func.sum(column) for column in (z.entries, z.stops, w.observed_s)]
    query = select(z.zone, slot_column(), w.camera, *sums).join_from(window_zones, windows).where(z.zone.in_(zones))
    rows = conn.execute(query.where(counted_in_slots(site, start, end)).group_by(z.zone, slot_column(), w.camera))
    return {
        key: ZoneSlot(
            entries=sum(int(row[3]) for row in of),
            stops=sum(int(row[4]) for row in of),
            observed_s=max(row[5] for row in of),
        )
        for key, of in _by_key(rows.all()).items()
    }


def deed_slots(conn: Connection, *, site: str, campaign: str, start: float, end: float) -> dict[Key, DeedSlot]:
    """By screen and slot over [start, end) seconds UTC; slots without any are left out."""
    c = scans.c
    slot = (c.slot_ms // SLOT_MS).label("slot")
    mine = (c.site == site, c.campaign == campaign, c.slot_ms >= to_ms(start), c.slot_ms < to_ms(end))
    query = select(c.screen, slot, c.what, func.sum(c.n)).where(*mine).group_by(c.screen, slot, c.what)
    counts: defaultdict[Key, dict[str, int]] = defaultdict(dict)
    for screen, of, what, n in conn.execute(query):
        counts[screen, of][what] = int(n)
    return {key: DeedSlot(found.get("scan", 0), found.get("redeem", 0)) for key, found in counts.items()}


def slot_column() -> ColumnElement[int]:
    """The slot in which a window begins."""
    return (windows.c.t_start_ms // SLOT_MS).label("slot")


def counted_in_slots(site: str, start: float, end: float) -> ColumnElement[bool]:
    """The condition that a window counts in the slot in which it begins, within [start, end) seconds UTC."""
    w = windows.c
    return and_(
        w.site == site,
        w.t_start_ms >= to_ms(start),
        w.t_start_ms < to_ms(end),
        w.t_start_ms % SLOT_MS >= WASH_OUT_MS,
        (w.t_end_ms - 1) // SLOT_MS == w.t_start_ms // SLOT_MS,
    )


def _by_key(rows: Sequence[Any]) -> dict[Key, list[Any]]:
    found: defaultdict[Key, list[Any]] = defaultdict(list)
    for row in rows:
        found[row[0], row[1]].append(row)
    return found
