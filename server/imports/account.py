"""The account of one import: opened before anything is taken, added to with each piece, closed at the end."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from contract.loyalty import Subject
from server.db.imports import MESSAGES, MOST_FAULTS, Counts, FaultRecord, Source, begin, finish, record
from server.db.money import take_currency
from server.db.seen import hold, secret
from server.db.sites import SiteRecord, get_site
from server.db.spans import timezone_of
from server.imports.errors import NotTakenError
from server.imports.limits import Limits
from server.imports.receipts import Fault, Taken


@dataclass(frozen=True, slots=True)
class Delivery:
    """What comes to which site, from whom and when."""

    site: str
    subject: Subject
    source: Source
    limits: Limits


class Account:
    """Of one import; what is added goes into the transaction that stores it."""

    def __init__(self, conn: Connection, delivery: Delivery) -> None:
        self.site, self.limits = _held(conn, delivery.site), delivery.limits
        self.timezone, self.key = timezone_of(conn, delivery.site), secret(conn)
        self.id = begin(conn, delivery.site, delivery.subject, delivery.source, now=delivery.limits.now)
        self._message = delivery.source.by in MESSAGES
        self._counts, self._faults = Counts(), list[Fault]()

    def check_currency(self, conn: Connection, named: str) -> None:
        """Hold the currency against the site's, which the first document names.

        Raises:
            NotTakenError: it is another one.
        """
        known = take_currency(conn, self.site.site, named)
        if known != named:
            raise NotTakenError(f"currency: {self.site.site} tells its amounts in {known}, this is in {named}")

    def add(self, conn: Connection, counts: Counts, faults: Sequence[Fault]) -> None:
        """Record what became of a piece."""
        rows = [FaultRecord(fault.place, fault.column, fault.fault) for fault in faults]
        record(conn, self.id, counts, rows, restart=self._message)
        self._counts = Counts(*(a + b for a, b in zip(self._counts, counts, strict=True)))
        self._faults += faults[: MOST_FAULTS - len(self._faults)]

    def close(self, conn: Connection, trouble: str | None = None) -> Taken:
        """Say that it is over; returns what became of it."""
        finish(conn, self.id, now=self.limits.now, trouble=trouble)
        return Taken(self.id, *self._counts, tuple(self._faults))


def refuse(engine: Engine, delivery: Delivery, error: NotTakenError) -> None:
    """List as refused what nothing could be taken of; a site that is not there has no list."""
    with engine.begin() as conn:
        if get_site(conn, delivery.site) is None:
            return
        account = Account(conn, delivery)
        account.add(conn, Counts(lines=1, refused=1), [Fault(1, "", str(error))])
        account.close(conn, trouble=None if delivery.source.by in MESSAGES else str(error))
        error.import_id = account.id


def _held(conn: Connection, site: str) -> SiteRecord:
    hold(conn, site)
    found = get_site(conn, site)
    if found is None:
        raise NotTakenError(f"there is no site {site[:64]!r}; sites stand in server.yaml")
    return found
