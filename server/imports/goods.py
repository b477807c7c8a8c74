"""What the site knows of its goods while something is taken in."""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection

from contract.site import Site
from server.db.catalogue import category_of, names
from server.db.planogram import categories_placed
from server.imports.receipts import Fault

NOTED_MOST = 1000


class Goods:
    """The catalogue and the planogram, as they are when an import begins; of articles all, or only `skus`."""

    def __init__(self, conn: Connection, site: str, document: Site, skus: Collection[str] | None = None) -> None:
        self._categories = set(names(conn, site))
        self._placed = categories_placed(conn, site)
        self._category_of = category_of(conn, site, skus)
        self._noted: set[str] = set()
        self.zones = frozenset(document.zones)

    def category_of(self, sku: str) -> str | None:
        """The category of an article; None for one that the catalogue does not have."""
        return self._category_of.get(sku)

    def learn(self, named: Iterable[str]) -> None:
        """Categories that this very import adds to the catalogue."""
        self._categories.update(named)

    def note_unknown(self, place: int, category: str) -> Fault | None:
        """What is to be known of a category that the catalogue, if there is one, does not have; told once."""
        if self._categories and category not in self._categories:
            return self._note(place, category, "catalogue")
        return None

    def note_unplaced(self, place: int, category: str) -> Fault | None:
        """As `note_unknown`, also where the planogram, if there is one, has no place for what was sold."""
        if self._placed and category not in self._placed:
            return self.note_unknown(place, category) or self._note(place, category, "planogram")
        return self.note_unknown(place, category)

    def _note(self, place: int, category: str, what: str) -> Fault | None:
        if category in self._noted or len(self._noted) >= NOTED_MOST:
            return None
        self._noted.add(category)
        return Fault(place, "category", f"{category!r} is unknown to the {what}: it is taken, but cannot be placed")
