"""Everything measured of a store's days, in one frame: floor, till, planogram, offers, weather, holidays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Column, Connection, Table, select

from contract.loyalty import Offer
from contract.site import Site
from server.db.floor_days import floor_days
from server.db.till_days import till_days
from server.db.trade_tables import categories, offers, placings, sales_days, special_days, weather
from server.domain.store_days import StoreDays

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

HARDLY = 0.1
"""A day with less than this share of the median day's people and receipts counts as closed."""


def store_days(conn: Connection, site: Site, *, first: date, last: date) -> StoreDays:
    """The days from `first` to `last`, both with, of the site's own calendar.

    Not measured is nan: a zone or entrance that was watched for less than 80 % of what is usual for that weekday
    (`server.db.floor_days`) is left out and not scaled up; a day of which nothing was imported has no sales
    (`server.db.till_days`). `categories` are those of the catalogue, of the planogram and of what was sold, in order;
    `zones` those of the document. An offer without categories holds for all. `closed`: the calendar says so, or there
    were less than a tenth of the median day's people and receipts.

    Raises:
        ValueError: `last` lies before `first`.
    """
    if last < first:
        raise ValueError(f"last {last} lies before first {first}")
    asked = _Asked(conn, site.site, first, last)
    names, zones = asked.categories(), list(site.zones)
    floor = floor_days(conn, site, first=first, last=last)
    till = till_days(conn, site.site, ["", *names], first=first, last=last)
    promoted = asked.offers()
    special, shut = asked.special()
    temperature_c, rain_mm = asked.weather()
    return StoreDays(
        site=site.site,
        day=np.arange(first.toordinal(), last.toordinal() + 1, dtype=np.int64),
        categories=tuple(names),
        zones=tuple(zones),
        offers=tuple(offer.offer for offer in promoted),
        passers=floor.passers,
        entrants=floor.entrants,
        receipts=till.receipts[:, 0],
        gross=till.gross[:, 0],
        margin=till.margin[:, 0],
        sold=till.receipts[:, 1:],
        quantity=till.quantity[:, 1:],
        category_gross=till.gross[:, 1:],
        category_margin=till.margin[:, 1:],
        discount=till.discount[:, 1:],
        visits=floor.visits,
        stops=floor.stops,
        engaged=floor.engaged,
        presence_s=floor.presence_s,
        place=asked.place(names, zones),
        offered=asked.offered(promoted, names),
        closed=shut | _hardly_any(floor.entrants, till.receipts[:, 0]),
        special=special,
        temperature_c=temperature_c,
        rain_mm=rain_mm,
    )


def _hardly_any(*counts: Floats) -> Bools:
    """(d,) no count of the day comes to HARDLY of its median; a day without any count is one, too."""
    busy = np.zeros(len(counts[0]), np.bool_)
    for count in counts:
        known = count[count > 0]
        busy |= count >= HARDLY * (np.median(known) if known.size else np.inf)
    return ~busy


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which days are asked for, of which site."""

    conn: Connection
    site: str
    first: date
    last: date

    def __len__(self) -> int:
        return self.last.toordinal() - self.first.toordinal() + 1

    def _row(self, day: date) -> int:
        """Its place among the days; what lies before is the first, what lies after comes after the last."""
        return min(max(day.toordinal() - self.first.toordinal(), 0), len(self))

    def _rows(self, table: Table, *columns: Column[Any]) -> list[Any]:
        c = table.c
        query = select(*columns).where(c.site == self.site, c.day >= self.first, c.day <= self.last)
        return list(self.conn.execute(query))

    def categories(self) -> list[str]:
        """Of the catalogue, of the planogram, and of what was sold on these days."""
        known = set[str]()
        for table in (categories, placings):
            known |= set(self.conn.execute(select(table.c.category).where(table.c.site == self.site)).scalars())
        c = sales_days.c
        within = (c.site == self.site, c.day >= self.first, c.day <= self.last, c.offer == "")
        known |= set(self.conn.execute(select(c.category).where(*within).distinct()).scalars())
        return sorted(known - {""})

    def place(self, names: Sequence[str], zones: Sequence[str]) -> Ints:
        """(d, c) where each category stood; a zone that the document does not know is nowhere."""
        place = np.full((len(self), len(names)), -1, np.int64)
        c = placings.c
        query = select(c.category, c.since, c.zone).where(c.site == self.site, c.since <= self.last)
        for category, since, zone in self.conn.execute(query.order_by(c.since)):
            place[self._row(since) :, names.index(category)] = zones.index(zone) if zone in zones else -1
        return place

    def offers(self) -> list[Offer]:
        """Those that held on any of the days, by id."""
        c = offers.c
        query = select(c.document).where(c.site == self.site, c.start <= self.last, c.end >= self.first)
        return [Offer.model_validate(row) for row in self.conn.execute(query.order_by(c.offer)).scalars()]

    def offered(self, promoted: Sequence[Offer], names: Sequence[str]) -> Bools:
        """(d, c, o) whether each offer held for each category."""
        offered = np.zeros((len(self), len(names), len(promoted)), np.bool_)
        for i, offer in enumerate(promoted):
            held = np.isin(names, offer.categories or names)
            offered[self._row(offer.start) : self._row(offer.end) + 1, held, i] = True
        return offered

    def special(self) -> tuple[Bools, Bools]:
        """(d,) not like its weekday; and closed by the calendar."""
        special, closed = np.zeros((2, len(self)), np.bool_)
        for day, shut in self._rows(special_days, special_days.c.day, special_days.c.closed):
            special[self._row(day)], closed[self._row(day)] = True, shut
        return special, closed

    def weather(self) -> tuple[Floats, Floats]:
        """(d,) temperature and rain, measured or foretold."""
        found = np.full((2, len(self)), np.nan)
        c = weather.c
        for day, temperature_c, rain_mm in self._rows(weather, c.day, c.temperature_c, c.rain_mm):
            found[:, self._row(day)] = temperature_c, rain_mm
        return found[0], found[1]
