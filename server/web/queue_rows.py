"""The queues of a site in brief: who waits now, how long people waited, and how far that is from its limit."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from server.db.occupancy import Occupancy
from server.db.zones import ZoneTotals
from server.web.dwell import median_words, stay_of
from server.web.figures import strokes
from server.web.plan import name_of
from server.web.view import View
from server.web.zone_rows import queue_of


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One queue."""

    name: str
    href: str
    waiting: str
    wait: str
    over: bool
    """The median wait is beyond its limit."""
    bullet: Markup
    arrivals: str


def queue_rows(view: View, totals: Mapping[str, ZoneTotals], now: Occupancy) -> list[QueueRow]:
    """The zones of kind `queue`, in the document's order."""
    known = view.site.document.zones
    return [_row(view, key, totals.get(key), now) for key, zone in known.items() if zone.kind == "queue"]


def _row(view: View, key: str, total: ZoneTotals | None, now: Occupancy) -> QueueRow:
    zone, words = view.site.document.zones[key], view.words
    stay = stay_of(total) if total else None
    found = queue_of(stay) if stay else None
    wait, limit = stay.median_s if stay else None, zone.longest_wait_s
    over = wait is not None and limit is not None and wait > limit
    bullet = Markup("")
    if wait is not None and limit is not None:
        told = words.gettext("%(wait)s of %(limit)s") % {"wait": words.seconds(wait), "limit": words.seconds(limit)}
        bullet = strokes.bullet(wait, limit, label=told)
    return QueueRow(
        name=name_of(zone, key),
        href=view.link("/zones", zone=key),
        waiting="–" if now.stale else words.number(now.zones.get(key, 0)),
        wait=median_words(stay, words) if stay else "–",
        over=over,
        bullet=bullet,
        arrivals=words.number(found.arrivals_per_h) if found else "–",
    )
