"""What the cameras counted on each of many days, as arrays: a few questions for a year, not some for each day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, select

from contract.messages import DWELL_BINS_S
from contract.site import Site
from server.db.local_time import day_start
from server.db.packing import read_tables
from server.db.rollup import DWELL_SHAPE
from server.db.rollup_tables import DAYS, HOURS, days, hours
from server.db.sites import entrance_lines
from server.db.spans import timezone_of
from server.domain.survival import staying_shares

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

OBSERVED_ENOUGH = 0.8
"""A day that was watched for less than this share of the usual is left out, not scaled up."""
WEEKS_AROUND = 4
"""What is usual is the median of the same weekday so many weeks before and after."""
LIKE_DAYS = 3
"""With fewer of the same weekday, all weekdays say what is usual."""


@dataclass(frozen=True, slots=True)
class FloorDays:
    """Of d days and z zones (in the order of the site's document); nan where it was not watched, or too little."""

    passers: Floats
    """(d,) who was in a zone of kind `street` and neither came in nor went out; nan where that is below none."""
    entrants: Floats
    """(d,)"""
    visits: Floats
    """(d, z)"""
    stops: Floats
    """(d, z)"""
    engaged: Floats
    """(d, z) visits times the share that stays `engaged_s` (Kaplan-Meier, each day by itself)."""
    presence_s: Floats
    """(d, z)"""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days in a row: ordinals (d,), and first instants (d+1,) in milliseconds, the last one that after them all."""

    ordinals: Ints
    starts_ms: Ints

    def __len__(self) -> int:
        return len(self.ordinals)

    def row_of(self, t_ms: npt.ArrayLike) -> Ints:
        """Which day holds each instant; -1 and d lie outside."""
        return np.searchsorted(self.starts_ms, np.asarray(t_ms, np.int64), side="right").astype(np.int64) - 1


def calendar(first: date, last: date, timezone: tzinfo) -> Calendar:
    """The days from `first` to `last`, both with."""
    ordinals = np.arange(first.toordinal(), last.toordinal() + 1, dtype=np.int64)
    starts = [day_start(date.fromordinal(int(day)), timezone) for day in (*ordinals, last.toordinal() + 1)]
    return Calendar(ordinals, np.array(starts, np.int64))


def floor_days(conn: Connection, site: Site, *, first: date, last: date) -> FloorDays:
    """What was counted on the days from `first` to `last`, both with.

    A line or zone that was watched for less than OBSERVED_ENOUGH of what is usual for the weekday (WEEKS_AROUND) is
    nan on that day. Of several cameras at one line or zone, the one that watched longest says for how long.
    """
    margin = timedelta(weeks=WEEKS_AROUND)
    reader = _Reader(conn, site.site, calendar(first - margin, last + margin, timezone_of(conn, site.site)))
    shown = slice(margin.days, margin.days + last.toordinal() - first.toordinal() + 1)
    lines, zones = entrance_lines(site), list(site.zones)
    crossed, watched = reader.sums("line", lines, "entered", "left")
    whole = enough(watched.mean(axis=1, keepdims=True))[:, 0] if lines else np.zeros(len(watched), np.bool_)
    entered, left = (np.where(whole, crossed[:, :, i].sum(axis=1), np.nan) for i in (0, 1))
    counted, watched = reader.sums("zone", zones, "visits", "stops", "presence_s", "entries")
    counted[~enough(watched)] = np.nan
    street = [i for i, zone in enumerate(site.zones.values()) if zone.kind == "street"]
    passers = counted[:, street, 3].sum(axis=1) - entered - left if street else np.full(len(entered), np.nan)
    engaged_s = np.array([zone.engaged_s for zone in site.zones.values()], np.float64)
    staying = reader.staying(zones, engaged_s, shown)
    visits = counted[shown, :, 0]
    return FloorDays(
        passers=np.where(passers >= 0, passers, np.nan)[shown],
        entrants=entered[shown],
        visits=visits,
        stops=counted[shown, :, 1],
        engaged=np.where(visits == 0, 0.0, visits * staying),
        presence_s=counted[shown, :, 2],
    )


def enough(watched: Floats) -> Bools:
    """(d, n) seconds that n things were watched on days in a row: whether it was enough of the usual."""
    d, n = watched.shape
    weeks = -(-d // 7)
    known = np.full((weeks * 7, n), np.nan)
    known[:d] = np.where(watched > 0, watched, np.nan)
    around = np.pad(known.reshape(weeks, 7, n), ((WEEKS_AROUND, WEEKS_AROUND), (0, 0), (0, 0)), constant_values=np.nan)
    near = np.lib.stride_tricks.sliding_window_view(around, 2 * WEEKS_AROUND + 1, axis=0)
    alike = np.count_nonzero(~np.isnan(near), axis=-1) >= LIKE_DAYS
    all_days = _median(near.transpose(0, 2, 1, 3).reshape(weeks, 1, n, -1))
    usual = np.where(alike, _median(near), all_days).reshape(-1, n)[:d]
    result: Bools = watched >= np.where(np.isnan(usual), np.inf, OBSERVED_ENOUGH * usual)
    return result & (watched > 0)


def _median(values: Floats) -> Floats:
    """Over the last axis, passing over nan; nan of nothing."""
    ordered = np.sort(values, axis=-1)  # nan comes last
    n = np.count_nonzero(~np.isnan(ordered), axis=-1, keepdims=True)
    middle = [np.take_along_axis(ordered, i, axis=-1)[..., 0] for i in (np.maximum(n - 1, 0) // 2, n // 2)]
    result: Floats = (middle[0] + middle[1]) / 2
    return result


class _Reader:
    """Sums by day: from the days that are added up, and from the hours of those that are not."""

    def __init__(self, conn: Connection, site: str, over: Calendar) -> None:
        self._conn, self._site, self._over = conn, site, over
        self._within = (int(over.starts_ms[0]), int(over.starts_ms[-1]))
        self._pending = self._pending_hours()

    def sums(self, by: str, ids: Sequence[str], *names: str) -> tuple[Floats, Floats]:
        """Of each day and line or zone, (d, ids, names) sums over cameras, and (d, ids) seconds watched."""
        rows = self._rows(by, ids, ("observed_s", *names), (0, len(self._over)))
        total = np.zeros((len(self._over), len(ids), len(names)))
        if not rows:
            return total, np.zeros(total.shape[:2])
        t_ms, key, camera, observed_s, *counts = zip(*rows, strict=True)
        day, thing = self._over.row_of(t_ms), _index(key, ids)
        np.add.at(total, (day, thing), np.array(counts, np.float64).T)
        cameras = sorted(set(camera))
        watched = np.zeros((*total.shape[:2], len(cameras)))
        np.add.at(watched, (day, thing, _index(camera, cameras)), np.array(observed_s, np.float64))
        return total, watched.max(axis=2)

    def staying(self, ids: Sequence[str], at_least_s: Floats, shown: slice) -> Floats:
        """(d, zones) share of the visits that last `at_least_s` (zones,), of the days in `shown`."""
        rows = [row for row in self._rows("zone", ids, ("dwell",), (shown.start, shown.stop)) if row[3]]
        n = shown.stop - shown.start
        cells = np.zeros((n, len(ids), *DWELL_SHAPE))
        if rows:
            t_ms, zone, _, packed = zip(*rows, strict=True)
            read_tables(cells, (self._over.row_of(t_ms) - shown.start) * len(ids) + _index(zone, ids), packed)
        shares = staying_shares(cells.reshape(-1, *DWELL_SHAPE), DWELL_BINS_S, np.tile(at_least_s, n))
        return shares.reshape(n, len(ids))

    def _rows(self, by: str, ids: Sequence[str], names: Sequence[str], between: tuple[int, int]) -> list[Any]:
        """Start, id, camera and `names` of each row of lines or zones, from the day rows between[0] to before [1]."""
        first, last = (int(self._over.starts_ms[i]) for i in between)
        found: list[Any] = []
        for level in (DAYS, HOURS):
            c = getattr(level, f"{by}s").c
            start = c[level.start]
            query = select(start, c[by], c.camera, *(c[name] for name in names))
            query = query.where(c.site == self._site, start >= first, start < last, c[by].in_(ids))
            if level is DAYS:
                found += self._conn.execute(query).all()
            elif pending := [t for t in self._pending if first <= t < last]:
                found += self._conn.execute(query.where(start.in_(pending))).all()
        return found

    def _pending_hours(self) -> list[int]:
        """First instants of the hours whose days are not added up yet."""
        d, h, (first, last) = days.c, hours.c, self._within
        ready = select(d.day_ms).where(d.site == self._site, d.day_ms >= first, d.day_ms < last)
        known = select(h.hour_ms).where(h.site == self._site, h.hour_ms >= first, h.hour_ms < last).distinct()
        starts = np.array(self._conn.execute(known).scalars().all(), np.int64)
        day = self._over.starts_ms[self._over.row_of(starts)]
        done = np.array(self._conn.execute(ready).scalars().all(), np.int64)
        return [int(t) for t in starts[~np.isin(day, done)]]


def _index(keys: Sequence[str], ids: Sequence[str]) -> Ints:
    at = {key: i for i, key in enumerate(ids)}
    return np.array([at[key] for key in keys], np.int64)
