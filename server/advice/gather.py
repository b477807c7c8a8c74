"""Everything a round of advice is worked out from, out of the database: one store, and those it is compared with."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from contract.loyalty import Offer, Placing
from contract.site import Site
from server.advice.neighbours import neighbours
from server.db import catalogue, planogram, sales
from server.db.baskets import together
from server.db.offers import list_offers
from server.db.sites import SiteRecord, list_sites
from server.db.store_days import store_days
from server.domain.baskets import Baskets
from server.domain.shelves import Goods, Place
from server.domain.store_days import StoreDays

PAST_DAYS = 400
BASKET_WEEKS = 13
STORES_MOST = 12
"""Others of the chain that are looked at; more would hardly be closer to this one."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """One store's past, its shelves, and the same days of other stores."""

    site: Site
    own: StoreDays
    others: Mapping[str, StoreDays]
    baskets: Baskets
    places: Sequence[Place]
    goods: Sequence[Goods]
    adjacency: Collection[tuple[str, str]]
    offers: Sequence[Offer]
    placings: Sequence[Placing]

    @property
    def screens(self) -> dict[str, str]:
        """The zone each screen is seen from."""
        return {key: screen.zone for key, screen in self.site.screens.items() if screen.zone is not None}


def gather(conn: Connection, record: SiteRecord, *, today: date, needed: Collection[str] = ()) -> Gathered:
    """The days up to yesterday, for today is not over.

    Args:
        conn: to the database.
        record: the store.
        today: of its calendar.
        needed: stores that tests are held against: they are read, however many others there are.
    """
    last = today - timedelta(days=1)
    first = last - timedelta(days=PAST_DAYS - 1)
    known = sales.span(conn, record.site)
    first = min(max(first, known[0]), last) if known else last
    shelves = planogram.placed(conn, record.site, today)
    placed = planogram.placings(conn, record.site)
    return Gathered(
        site=record.document,
        own=store_days(conn, record.document, first=first, last=last),
        others={other.site: store_days(conn, other, first=first, last=last) for other in _others(conn, record, needed)},
        baskets=together(conn, [record.site], last - timedelta(weeks=BASKET_WEEKS)),
        places=[
            Place(each.zone, each.shelf_m, frozenset(each.has), each.feature)
            for each in planogram.places(conn, record.site)
        ],
        goods=[
            Goods(
                category=each.category,
                shelf_m=shelves[each.category].shelf_m if each.category in shelves else None,
                needs="" if each.needs == "nothing" else each.needs,
                movable=each.movable,
            )
            for each in catalogue.categories(conn, record.site)
        ],
        adjacency=neighbours(record.document),
        offers=list_offers(conn, record.site, first, today),
        placings=placed,
    )


def _others(conn: Connection, record: SiteRecord, needed: Collection[str]) -> list[Site]:
    """Those with sales, the needed ones first."""
    selling = [
        other
        for other in list_sites(conn)
        if other.site != record.site and other.simulated == record.simulated and sales.span(conn, other.site)
    ]
    ranked = sorted(selling, key=lambda other: (other.site not in needed, other.site))
    return [other.document for other in ranked[: max(STORES_MOST, len(needed))]]
