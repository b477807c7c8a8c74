"""Looks for what changed by itself: the store, its zones and its categories over the last months."""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
from sqlalchemy import Connection

from contract.site import Site
from server.db import catalogue, days_known, offers, planogram, sales
from server.db.changes import list_changes
from server.db.news import Bulletin, Cause, Happened, News, Subject
from server.db.store_days import store_days
from server.domain.breaks import Finding, find_breaks
from server.domain.store_days import Floats, StoreDays

WEEKS = 16
NEAR = timedelta(days=9)
"""What began so long before a break, or a week after, may be why."""
FEWEST = 5.0
"""A series of fewer a day is noise."""

Key = tuple[Subject, str]


def look_round(conn: Connection, site: Site, *, today: date, now: float) -> Bulletin:
    """Over the weeks before `today`, as known at `now` seconds UTC."""
    days = store_days(conn, site, first=today - timedelta(weeks=WEEKS), last=today - timedelta(days=1))
    series = _series(conn, days)
    named = {f"{subject}/{of}": values for (subject, of), values in series.items()}
    rng = np.random.default_rng(today.toordinal())
    found = find_breaks(named, days.day, days.closed | days.special, rng=rng)
    keys = dict(zip(named, series, strict=True))
    causes = list(_happened(conn, site, days))
    return Bulletin(now, len(series), tuple(_news(keys[each.series], each, causes) for each in found))


def _series(conn: Connection, days: StoreDays) -> dict[Key, Floats]:
    """Those that are worth a look; of zones and categories, their part of the store's, so that traffic is no news."""
    found: dict[Key, Floats] = {("entrants", ""): days.entrants, ("receipts", ""): days.receipts}
    found["basket", ""] = _over(days.gross, days.receipts)
    found["card_share", ""] = _card_share(conn, days)
    for i, zone in enumerate(days.zones):
        found["zone_visits", zone] = _over(_enough(days.visits[:, i]), days.entrants)
        found["zone_engaged", zone] = _over(_enough(days.engaged[:, i]), days.visits[:, i])
    for i, category in enumerate(days.categories):
        found["category_receipts", category] = _over(_enough(days.sold[:, i]), days.receipts)
    return {key: values for key, values in found.items() if np.isfinite(values).any()}


def _enough(counts: Floats) -> Floats:
    known = counts[np.isfinite(counts)]
    return counts if len(known) and known.mean() >= FEWEST else np.full(len(counts), np.nan)


def _over(above: Floats, below: Floats) -> Floats:
    rate: Floats = np.full(len(above), np.nan)
    return np.divide(above, below, out=rate, where=np.isfinite(below) & (below > 0))


def _card_share(conn: Connection, days: StoreDays) -> Floats:
    first, last = (date.fromordinal(int(day)) for day in (days.day[0], days.day[-1]))
    found = np.full(len(days), np.nan)
    for each in sales.by_day(conn, days.site, first, last):
        if each.category == sales.WHOLE_STORE and each.sums.receipts:
            found[each.day.toordinal() - int(days.day[0])] = each.sums.card_receipts / each.sums.receipts
    return found


def _happened(conn: Connection, site: Site, days: StoreDays) -> Iterator[tuple[frozenset[str], Happened]]:
    """What began, and the zones and categories it is about; none for the whole store."""
    names = catalogue.names(conn, site.site)
    for offer in offers.list_offers(conn, site.site):
        yield frozenset(offer.categories), _cause("offer", offer.name, offer.start)
        yield frozenset(offer.categories), _cause("offer", offer.name, offer.end + timedelta(days=1))
    for placing in planogram.placings(conn, site.site):
        about = frozenset({placing.category} | ({placing.zone} if placing.zone else set()))
        yield about, _cause("placing", names.get(placing.category, placing.category), placing.since)
    for special in days_known.special(conn, site.site):
        yield frozenset(), _cause("special_day", special.name, special.day)
    for change in list_changes(conn, site.site):
        document = change.document
        about = frozenset(filter(None, (document.origin, document.target, *document.zones, *document.categories)))
        yield about, _cause("change", change.name, document.day)


def _cause(cause: Cause, what: str, day: date) -> Happened:
    return Happened(cause, what, day)


def _news(key: Key, found: Finding, causes: list[tuple[frozenset[str], Happened]]) -> News:
    subject, of = key
    day = date.fromordinal(found.day)
    near = [
        each
        for about, each in causes
        if found.kind == "break" and -NEAR <= each.day - day <= NEAR and (of in about or not (of and about))
    ]
    happened = tuple(sorted(set(near), key=lambda each: (each.day, each.what)))[:3]
    return News(subject, of, found.kind, day, found.change, found.weeks, happened)
