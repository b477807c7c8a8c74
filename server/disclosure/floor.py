"""One day of the floor by hour and in all, and what is held back so that neither gives the other away."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from contract.messages import DWELL_BINS_S
from server.db.footfall import entries_by_step
from server.db.sites import entrance_lines
from server.db.zones import ZoneTotals, zone_totals
from server.disclosure.question import Question
from server.domain.suppression import Bools, Held, Ints, Table, hold_back, hold_back_part
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
    """One zone: `presence_s` (h,), and the day's own."""

    visits: Series
    engaged: Series
    presence_s: Floats
    day_presence_s: float


@dataclass(frozen=True, slots=True)
class FloorDay:
    """`entrants` and `passers` are None where nothing counted them."""

    entrants: Series | None
    passers: Series | None
    zones: dict[str, ZoneDay]

    @property
    def few(self) -> bool:
        """So few came that nothing of the day may be told of people."""
        return self.entrants is not None and self.entrants.held.total


def floor_day(asked: Question) -> FloorDay:
    """Count, and say what is held back."""
    starts = [t / 1000 for t in (*asked.day.hours, asked.day.end_ms)]
    by_hour = [zone_totals(asked.conn, site=asked.site.site, start=a, end=b) for a, b in pairwise(starts)]
    of_day = zone_totals(asked.conn, site=asked.site.site, start=asked.day.start, end=asked.day.end)
    crossed = _crossed(asked)
    entrants = _series(asked, "entrants", crossed[0], crossed[2])
    zones = {
        key: _zone(asked, key, [hour.get(key) for hour in by_hour], of_day[key], entrants)
        for key, zone in asked.site.zones.items()
        if key in of_day and zone.kind != "street"  # told as passers-by
    }
    return FloorDay(entrants, _passers(asked, by_hour, crossed), zones)


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


def _series(asked: Question, name: str, counts: Floats, watched_s: Floats, few: Bools | None = None) -> Series | None:
    """By hour, with the day's sum; None where it was not watched all day."""
    if not watched_s.any():
        return None
    cells, seen = counts.astype(np.int64), watched_s > 0
    table = Table(cells, int(cells[seen].sum()))
    withheld = np.zeros(len(cells), np.bool_) if few is None else few
    held = hold_back(Table(cells[seen], table.total), withheld[seen], asked.draws(name))
    return Series(table, watched_s, _spread(held, seen))


def _zone(
    asked: Question, key: str, hours: Sequence[ZoneTotals | None], day: ZoneTotals, entrants: Series | None
) -> ZoneDay:
    visits = _array([hour.visits if hour else 0 for hour in hours])
    watched_s = np.array([hour.observed_s if hour else 0.0 for hour in hours])
    engaged, of_day = _engaged(asked, key, [*hours, day])
    few = entrants.held.cells if entrants else None
    series = _series(asked, f"visits {key}", visits.astype(np.float64), watched_s, few)
    if series is None or (entrants and entrants.held.total):
        series = Series(Table(visits, day.visits), watched_s, Held.all(len(hours)))
    seen, parts = watched_s > 0, Table(engaged, of_day)
    held = hold_back_part(
        Table(engaged[seen], of_day),
        Table(visits[seen], series.table.total),
        Held(series.held.cells[seen], series.held.total),
        asked.draws(f"engaged {key}"),
    )
    presence_s = np.array([hour.presence_s if hour else 0.0 for hour in hours])
    return ZoneDay(series, Series(parts, watched_s, _spread(held, seen)), presence_s, day.presence_s)


def _engaged(asked: Question, key: str, totals: Sequence[ZoneTotals | None]) -> tuple[Ints, int]:
    """Visits of at least the zone's `engaged_s` (Kaplan-Meier, each total by itself); of the last one apart."""
    known = [total for total in totals if total is not None]
    at_least_s = np.full(len(known), asked.site.zones[key].engaged_s)
    shares = staying_shares(np.array([total.dwell for total in known]), DWELL_BINS_S, at_least_s)
    engaged = iter(np.nan_to_num(np.array([total.visits for total in known]) * shares).round().astype(int).tolist())
    counts = [next(engaged) if total is not None else 0 for total in totals]
    return _array(counts[:-1]), counts[-1]


def _spread(held: Held, seen: Bools) -> Held:
    """Over all hours: those that were not watched have nothing to hold back."""
    cells = np.zeros(len(seen), np.bool_)
    cells[seen] = held.cells
    return Held(cells, held.total)


def _array(counts: Sequence[int]) -> Ints:
    return np.array(counts, np.int64)
