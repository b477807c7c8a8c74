"""What categories, offers, zones, screens and stores are called."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from contract.site import Site
from server.db import catalogue
from server.db.offers import list_offers
from server.db.sites import list_sites
from server.web.language import Words


@dataclass(frozen=True, slots=True)
class TradeNames:
    """Of one site; what has no name is called by its id."""

    site: Site
    categories: Mapping[str, str]
    offers: Mapping[str, str]
    stores: Mapping[str, str]

    def category(self, key: str) -> str:
        """Coffee."""
        return self.categories.get(key) or self.site_like(key)

    def offer(self, key: str) -> str:
        """20 % off ground coffee."""
        return self.offers.get(key) or self.site_like(key)

    def zone(self, key: str) -> str:
        """Aisle 3."""
        known = self.site.zones.get(key)
        return (known.name if known else "") or key

    def screen(self, key: str) -> str:
        """By the entrance."""
        return self.site.screen_name(key)

    def store(self, key: str) -> str:
        """Harbour Street 14; with its id where another store is called the same."""
        name = self.stores.get(key) or key
        return f"{name} ({key})" if list(self.stores.values()).count(name) > 1 else name

    @staticmethod
    def site_like(key: str) -> str:
        """An id as people would write it."""
        return key.replace("_", " ")


def inside(words: Words, name: str) -> str:
    """A name within a sentence: aisle 3 for Aisle 3, but Coca-Cola as it is; undeclined in Russian, so «Ряд 3»."""
    if words.code == "ru":
        return quoted(words, name)
    return name[:1].lower() + name[1:] if name[1:] == name[1:].lower() else name


def quoted(words: Words, name: str) -> str:
    """“20 % off ground coffee”, «Скидка 20 % на кофе»."""
    return f"«{name}»" if words.code == "ru" else f"“{name}”"


def trade_names(conn: Connection, site: Site) -> TradeNames:
    """As the catalogue, the offers and the site documents have them now."""
    offers = {offer.offer: offer.name for offer in list_offers(conn, site.site)}
    stores = {record.site: record.name for record in list_sites(conn)}
    return TradeNames(site, catalogue.names(conn, site.site), offers, stores)
