"""One day of the floor by hour and in all, and what is held back so that neither gives the other away."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from contract.messages import DWELL_BINS_S
from server.db.footfall import entries_by_step
from server.db.rollup import DWELL_SHAPE
from server.db.sites import entrance_lines
from server.db.zones import ZoneTotals, zone_totals
from server.disclosure.question import Question
from server.domain.suppression import Bools, Held, Table, hold_back, hold_back_part
from server.domain.survival import staying_shares

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Series:
    """Counts of something by hour of a day, arrays (h,), and what of them is held back."""

    table: Table
    watched_s: Floats
    """Where it is 0 nothing was measured, and nothing is held back."""
    held: Held

    def told(self, hour: int) -> int | None:
        """Its count; None where it was not watched."""
        return int(self.table.cells[hour]) if self.watched_s[hour] > 0 else None


@dataclass(frozen=True, slots=True)
class ZoneDay:
    """One zone."""

    visits: Series
    engaged: Series
    presence_s: Floats
    """(h,)"""


@dataclass(frozen=True, slots=True)
class FloorDay:
    """`entrants` and `passers` are None where nothing counted them."""

    entrants: Series | None
    passers: Series | None
    zones: dict[str, ZoneDay]
    few: bool
    """So few came, or nobody knows how many, that nothing of the day may be told of people."""


def floor_day(asked: Question) -> FloorDay:
    """Count, and say what is held back. A day is made of its hours, so that no late figure lies between them."""
    starts = [t / 1000 for t in (*asked.day.hours, asked.day.end_ms)]
    by_hour = [zone_totals(asked.conn, site=asked.site.site, start=a, end=b) for a, b in pairwise(starts)]
    crossed = _crossed(asked)
    entrants = _series(asked, "entrants", crossed[0], crossed[2])
    few = _few(asked, entrants)
    zones = {
        key: _zone(asked, key, [hour.get(key) for hour in by_hour], few)
        for key, zone in asked.site.zones.items()
        if zone.kind != "street" and any(key in hour for hour in by_hour)  # streets are told as passers-by
    }
    return FloorDay(entrants, _passers(asked, by_hour, crossed), zones, few.total)


def _few(asked: Question, entrants: Series | None) -> Held:
    """Hours in which too few came in for visits to be told, or nobody knows how many, though the doors have lines."""
    h = len(asked.day.hours)
    if not asked.site.lines:
        return Held(np.zeros(h, np.bool_), total=False)
    if entrants is None:
        return Held.all(h)
    return Held(entrants.held.cells | (entrants.watched_s <= 0), entrants.held.total)


def _crossed(asked: Question) -> Floats:
    """(3, h) who came in by the entrances, who went out, and seconds watched."""
    lines, hours = entrance_lines(asked.site), asked.day.hours
    start, end, found = asked.day.start, asked.day.end, np.zeros((3, len(hours)))
    for count in entries_by_step(asked.conn, site=asked.site.site, lines=lines, start=start, end=end, step="hour"):
        found[:, hours.index(round(count.start * 1000))] = count.entered, count.left, count.observed_s
    return found


def _passers(asked: Question, by_hour: Sequence[dict[str, ZoneTotals]], crossed: Floats) -> Series | None:
    """Entries to zones of kind `street` less everybody who went through the entrances; none where that is below 0."""
    street = [key for key, zone in asked.site.zones.items() if zone.kind == "street"]
    seen = [[hour[key] for key in street if key in hour] for hour in by_hour]
    passed = np.array([sum(zone.entries for zone in hour) for hour in seen], np.float64)
    watched_s = np.array([min((zone.observed_s for zone in hour), default=0.0) for hour in seen])
    return _series(asked, "passers", np.maximum(0.0, passed - crossed[0] - crossed[1]), watched_s)


def _series(asked: Question, name: str, counts: Floats, watched_s: Floats) -> Series | None:
    """By hour, with the day's sum; None where it was not watched all day."""
    if not watched_s.any():
        return None
    cells, seen = counts.astype(np.int64), watched_s > 0
    table = Table(cells, int(cells[seen].sum()))
    held = hold_back(Table(cells[seen], table.total), np.zeros(seen.sum(), np.bool_), asked.draws(name))
    return Series(table, watched_s, _spread(held, seen))


def _zone(asked: Question, key: str, hours: Sequence[ZoneTotals | None], few: Held) -> ZoneDay:
    """Hours that were not watched are no part of the tables: everybody knows that they hold nothing."""
    watched_s = np.array([hour.observed_s if hour else 0.0 for hour in hours])
    seen = watched_s > 0
    visits, engaged = _visits(hours, asked.site.zones[key].engaged_s)
    whole, part = Table(visits.cells[seen], visits.total), Table(engaged.cells[seen], engaged.total)
    told = hold_back(whole, few.cells[seen], asked.draws(f"visits {key}"))
    of_whole = Held.all(len(whole)) if few.total else told
    of_part = hold_back_part(part, whole, of_whole, asked.draws(f"engaged {key}"))
    return ZoneDay(
        Series(visits, watched_s, _spread(of_whole, seen)),
        Series(engaged, watched_s, _spread(of_part, seen)),
        np.array([hour.presence_s if hour else 0.0 for hour in hours]),
    )


def _visits(hours: Sequence[ZoneTotals | None], engaged_s: float) -> tuple[Table, Table]:
    """All visits, and those of at least `engaged_s` (Kaplan-Meier, each hour by itself, and the day by itself)."""
    dwell = np.array([hour.dwell if hour else np.zeros(DWELL_SHAPE) for hour in hours])
    visits = np.array([hour.visits if hour else 0 for hour in hours], np.int64)
    counts = np.append(visits, visits.sum())
    every = np.concatenate([dwell, dwell.sum(axis=0, keepdims=True)])
    shares = np.nan_to_num(staying_shares(every, DWELL_BINS_S, np.full(len(every), engaged_s)))
    engaged = np.round(counts * shares).astype(np.int64)
    return Table(visits, int(visits.sum())), Table(engaged[:-1], int(engaged[-1]))


def _spread(held: Held, seen: Bools) -> Held:
    """Over all hours: those that were not watched have nothing to hold back."""
    cells = np.zeros(len(seen), np.bool_)
    cells[seen] = held.cells
    return Held(cells, held.total)
