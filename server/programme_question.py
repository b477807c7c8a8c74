"""Was it the programme, an offer, or something else? From a day on: cards beside no cards, this store beside others.

What moves everybody, such as season, weather or a new tram stop, moves receipts without a card as well, and other
stores. What is left is this store's own from that day on. A change made in all stores on one day leaves nothing to
compare with, and is not told from a season here: that takes a group held out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
from sqlalchemy import Connection

from contract.loyalty import Offer
from server.db import days_known, sales
from server.db.card_days import card_days
from server.db.offers import list_offers
from server.db.sites import SiteRecord, list_sites
from server.db.till_days import till_days
from server.domain.control import FEWEST_AFTER
from server.domain.elsewhere import Elsewhere, beside_others
from server.domain.programme_effect import ProgrammeEffect, programme_effect
from server.domain.store_days import Bools, Floats, Ints

BEFORE_WEEKS = 26
"""Of days before, to learn from how the other stores go with this one."""
LONGEST_WEEKS = 26
USUAL_WEEKS = 4
STORES_MOST = 12
MOST_DAYS = 0.8
"""Of this store's days, that another has to know to be compared with."""

Figure = Literal["card_receipts", "receipts", "gross", "margin"]


@dataclass(frozen=True, slots=True)
class Asked:
    """From `since` to `last`, both with, of the store's calendar; of an offer's goods where one is asked about."""

    since: date
    last: date
    offer: Offer | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """The other stores that were compared with, and what came of it."""

    stores: Sequence[str]
    rows: Mapping[Figure, Elsewhere]
    """Empty with too few days."""


def asked(conn: Connection, site: str, *, since: date | None, offer: str | None, today: date) -> Asked:
    """What was asked as far as it can be answered: an offer begins it, else a day, else it is four weeks back."""
    yesterday = today - timedelta(days=1)
    found = next((each for each in answerable(conn, site, today=today) if each.offer == offer), None)
    if found is not None:
        return Asked(found.start, min(found.end, yesterday), found)
    if since is not None and earliest(today) <= since <= latest(today):
        return Asked(since, yesterday)
    return Asked(today - timedelta(weeks=USUAL_WEEKS), yesterday)


def earliest(today: date) -> date:
    """The first day that can be asked about."""
    return today - timedelta(weeks=LONGEST_WEEKS)


def latest(today: date) -> date:
    """The last one: fewer days after it say nothing."""
    return today - timedelta(days=FEWEST_AFTER)


def answerable(conn: Connection, site: str, *, today: date) -> list[Offer]:
    """Offers that may be asked about, the newest first."""
    known = list_offers(conn, site, first=earliest(today), last=today)
    return [each for each in known if earliest(today) <= each.start <= latest(today)]


def cards_beside(conn: Connection, site: str, of: Asked) -> ProgrammeEffect | None:
    """Receipts with a card beside those without, against as many whole weeks before."""
    weeks = -(-((of.last - of.since).days + 1) // 7)
    first = of.since - timedelta(weeks=weeks)
    found = card_days(conn, site, first=first, last=of.last)
    return programme_effect(
        day=_days(first, of.last),
        card=found.card,
        other=found.other,
        left_out=_special(conn, site, first, of.last),
        since=of.since.toordinal(),
    )


def stores_beside(conn: Connection, record: SiteRecord, of: Asked) -> Chain | None:
    """This store beside others of its chain; None where no other has its days."""
    first = of.since - timedelta(weeks=BEFORE_WEEKS)
    own = _series(conn, record.site, of, first)
    known = np.isfinite(own["gross"])
    others = {
        site: series
        for site in _others(conn, record, of)
        if (np.isfinite((series := _series(conn, site, of, first))["gross"]) & known).sum() >= MOST_DAYS * known.sum()
    }
    if not others or not known.any():
        return None
    day, told = _days(first, of.last), ~_special(conn, record.site, first, of.last)
    after = day >= of.since.toordinal()
    rng = np.random.default_rng(of.since.toordinal())
    rows = {
        figure: beside_others(
            values, np.column_stack([each[figure] for each in others.values()]), after, day=day, told=told, rng=rng
        )
        for figure, values in own.items()
    }
    return Chain(list(others), {figure: row for figure, row in rows.items() if row is not None})


def _series(conn: Connection, site: str, of: Asked, first: date) -> dict[Figure, Floats]:
    """What is compared: of an offer its goods, else the cards and the store; each (d,)."""
    goods = of.offer.categories if of.offer else []
    till = till_days(conn, site, goods or [""], first=first, last=of.last)
    gross, margin = till.gross.sum(axis=1), till.margin.sum(axis=1)
    if of.offer is not None:
        return {"gross": gross, "margin": margin}
    cards = card_days(conn, site, first=first, last=of.last)
    return {"card_receipts": cards.card, "receipts": cards.all, "gross": gross}


def _others(conn: Connection, record: SiteRecord, of: Asked) -> list[str]:
    """With sales, and without the offer that is asked about."""
    selling = [
        other.site
        for other in list_sites(conn)
        if other.site != record.site and other.simulated == record.simulated and sales.span(conn, other.site)
    ]
    return [site for site in selling if of.offer is None or not _holds(conn, site, of.offer)][:STORES_MOST]


def _holds(conn: Connection, site: str, offer: Offer) -> bool:
    return any(each.offer == offer.offer for each in list_offers(conn, site, offer.start, offer.end))


def _special(conn: Connection, site: str, first: date, last: date) -> Bools:
    left_out = np.zeros((last - first).days + 1, np.bool_)
    for special in days_known.special(conn, site, first, last):
        left_out[(special.day - first).days] = True
    return left_out


def _days(first: date, last: date) -> Ints:
    return np.arange(first.toordinal(), last.toordinal() + 1)
