"""Entries put where they belong, after they were held against what the site knows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from contract.loyalty import Affinity, Article, Category, Offer, Place, Placing
from server.db import affinities, catalogue, days_known, offers, planogram, programme, surveys
from server.imports.account import Account
from server.imports.entries import Entry
from server.imports.goods import Goods
from server.imports.receipts import Fault
from server.imports.sales_entries import file_sales

Put = Callable[[Connection, str, Iterable[Any]], None]

_PUT: Mapping[str, Put] = {
    "categories": catalogue.put_categories,
    "articles": catalogue.put_articles,
    "placings": planogram.put_placings,
    "places": planogram.put_places,
    "offers": offers.put_offers,
    "affinities": affinities.put_affinities,
    "periods": programme.put_periods,
    "cohorts": programme.put_cohorts,
    "counts": surveys.put_counts,
    "weather": days_known.put_weather,
    "special": days_known.put_special,
}


class Filed(NamedTuple):
    """What became of entries."""

    refused: list[Fault]
    notes: list[Fault]
    """Of what was taken."""


def file_entries(conn: Connection, account: Account, goods: Goods, entries: Sequence[Entry]) -> Filed:
    """Put entries in the place of those that say the same; of two such the later holds."""
    goods.learn(entry.told.category for entry in entries if isinstance(entry.told, Category))
    notes = [note for entry in entries for note in _notes(entry, goods)]
    rows = [entry for entry in entries if entry.part == "rows"]
    refused = file_sales(conn, account, rows) if rows else []
    for part, put in _PUT.items():
        of_part = [entry for entry in entries if entry.part == part]
        wrong = [fault for entry in of_part if (fault := _wrong_zone(entry, goods))]
        places = {fault.place for fault in wrong}
        put(conn, account.site.site, [entry.told for entry in of_part if entry.place not in places])
        refused += wrong
    return Filed(refused, notes)


def _wrong_zone(entry: Entry, goods: Goods) -> Fault | None:
    match entry.told:
        case Placing(zone=str(zone)) | Place(zone=zone) if zone not in goods.zones:
            return Fault(entry.place, "zone", f"the site has no zone {zone!r}; draw it first, or correct its name")
    return None


def _notes(entry: Entry, goods: Goods) -> list[Fault]:
    match entry.told:
        case Article(category=category) | Placing(category=category) | Affinity(category=category):
            named = [category]
        case Offer(categories=several):
            named = several
        case _:
            return []
    return [note for category in named if (note := goods.note_unknown(entry.place, category))]
