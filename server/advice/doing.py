"""What people do with advice: plan a test of it, set it aside, call a test off, or note a change of their own."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from server.advice.plan import as_change
from server.change_document import ChangeDocument, Promise
from server.db.advice import AdviceRecord, last_round
from server.db.changes import ChangeRecord, NewChange, add_change, get_change, list_changes
from server.db.sites import SiteRecord, list_sites
from server.errors import ServerError

EARLIEST_YEARS = 2
"""A change of one's own lies back so far at most: nothing is known of days before."""


class PlanError(ServerError):
    """A test cannot be planned so; the message says why."""


def plan_test(
    conn: Connection,
    site: SiteRecord,
    record: AdviceRecord,
    *,
    name: str,
    day: date,
    days: int | None,
    by: str,
    now: float,
) -> ChangeRecord:
    """Turn an advice into a planned change on `day`.

    Raises:
        PlanError: there is nothing to judge it by, it is being tested already, or the day is over.
    """
    if record.trial is None or record.advice.evidence is None:
        raise PlanError("there are too few days of margins to judge it by; see needs_days")
    if any(change.advice == record.key for change in list_changes(conn, site.site, "planned", "running")):
        raise PlanError("it is being tested already; call that test off first")
    today = today_at(site, now)
    if day < today:
        raise PlanError(f"day {day} is over; a test is planned for today ({today}) or later")
    basis = last_round(conn, site.site)
    factor = basis.basis.factor if basis else 1.0
    promised = Promise(effect=record.advice.effect, factor=factor) if record.advice.effect else None
    document = as_change(record.advice, record.trial, day=day, days=days)
    return _add(conn, site, NewChange(name[:160], document, record.key, promised), by=by, now=now)


def note_change(
    conn: Connection, site: SiteRecord, name: str, document: ChangeDocument, *, by: str, now: float
) -> ChangeRecord:
    """Keep a change that came from no advice, past or to come.

    Raises:
        PlanError: it names a zone or a store that is not there, or lies too far back.
    """
    zones = [zone for zone in (document.origin, document.target, *document.zones) if zone is not None]
    if unknown := [zone for zone in zones if zone not in site.document.zones]:
        raise PlanError(f"zone {unknown[0]!r} is not at {site.site!r}")
    stores = {record.site for record in list_sites(conn)} - {site.site}
    if unknown := sorted(set(document.stores) - stores):
        raise PlanError(f"stores: {unknown[0]!r} is none of the other stores")
    if (today_at(site, now) - document.day).days > EARLIEST_YEARS * 366:
        raise PlanError(f"day {document.day} lies more than {EARLIEST_YEARS} years back")
    return _add(conn, site, NewChange(name, document), by=by, now=now)


def today_at(site: SiteRecord, now: float) -> date:
    """The day of the store's own calendar."""
    return datetime.fromtimestamp(now, ZoneInfo(site.timezone)).date()


def _add(conn: Connection, site: SiteRecord, new: NewChange, *, by: str, now: float) -> ChangeRecord:
    number = add_change(conn, site.site, new, author=by, today=today_at(site, now), now=now)
    found = get_change(conn, site.site, number)
    assert found is not None  # noqa: S101 - added just now
    return found
