"""What happened in each ten-minute slot of a campaign's test: before its screens, in zones, and on landing pages.

A window counts in the slot it lies in wholly, and only after the wash-out of the slot's beginning; windows longer than
a slot belong to none.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, and_, func, select

from server.db.screen_tables import scans, window_screens
from server.db.spans import to_ms
from server.db.tables import window_zones, windows
from server.domain.holdout import SLOT_S, WASH_OUT_S

SLOT_MS, WASH_OUT_MS = SLOT_S * 1000, WASH_OUT_S * 1000

Columns = tuple[Column[Any], ...]
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


def screen_slots(
    conn: Connection, *, site: str, screens: Collection[str], start: float, end: float
) -> dict[Key, ScreenSlot]:
    """By screen and slot over [start, end) seconds UTC; slots that nobody watched are left out."""
    s = window_screens.c
    sums = _sums(site, start, end, keys=(s.screen,), added=(s.attention_s, s.viewers, s.ots), observed=s.shown_s)
    rows = conn.execute(_over_cameras(sums.where(s.screen.in_(screens)), 2))
    return {(screen, slot): _screen_slot(counted) for screen, slot, *counted in rows}


def creative_slots(
    conn: Connection, *, site: str, creatives: Collection[str], start: float, end: float
) -> dict[tuple[str, int, str], ScreenSlot]:
    """By screen, slot and creative over [start, end) seconds UTC, while the creative was on."""
    s = window_screens.c
    keys, added = (s.screen, s.creative), (s.attention_s, s.viewers, s.ots)
    sums = _sums(site, start, end, keys=keys, added=added, observed=s.shown_s)
    rows = conn.execute(_over_cameras(sums.where(s.creative.in_(creatives)), 3))
    return {(screen, slot, creative): _screen_slot(counted) for screen, creative, slot, *counted in rows}


def _screen_slot(counted: Sequence[Any]) -> ScreenSlot:
    attention_s, viewers, ots, observed_s = counted
    return ScreenSlot(attention_s, int(viewers), int(ots), observed_s)  # PostgreSQL adds up integers to Decimal


def zone_slots(conn: Connection, *, site: str, start: float, end: float, zones: Collection[str]) -> dict[Key, ZoneSlot]:
    """By zone and slot over [start, end) seconds UTC; slots that nobody watched are left out."""
    z = window_zones.c
    keys, added = (z.zone,), (z.entries, z.stops)
    sums = _sums(site, start, end, keys=keys, added=added, observed=windows.c.observed_s)
    rows = conn.execute(_over_cameras(sums.where(z.zone.in_(zones)), 2))
    return {(zone, slot): ZoneSlot(int(entries), int(stops), seconds) for zone, slot, entries, stops, seconds in rows}


Query = Select[*tuple[Any, ...]]


def _sums(
    site: str, start: float, end: float, *, keys: Columns, added: Columns, observed: ColumnElement[float]
) -> Query:
    """By `keys`, slot and camera: what is `added` up, and how long the camera watched."""
    sums = [func.sum(column).label(f"added_{i}") for i, column in enumerate(added)]
    by = (*keys, slot_column())
    query = select(*by, *sums, func.sum(observed).label("observed_s")).join_from(keys[0].table, windows)
    return query.where(counted_in_slots(site, start, end)).group_by(*by, windows.c.camera)


def _over_cameras(by_camera: Query, keys: int) -> Query:
    """Cameras together, by the first `keys` columns: counts add up, the longest watch stays."""
    columns = list(by_camera.subquery().c)
    by, counts = columns[:keys], columns[keys:-1]
    return select(*by, *(func.sum(column) for column in counts), func.max(columns[-1])).group_by(*by)


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
