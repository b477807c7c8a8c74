"""Receipts taken once each: held against the time and the catalogue, then against what was taken before, then added."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from server.db.imports import Counts
from server.db.sales_told import days_told
from server.db.seen import hold, keyed_hash, remember, seen
from server.imports.account import Account
from server.imports.checks import Group, checked, entries
from server.imports.goods import Goods
from server.imports.ledger import Calendar, Sold, add_up
from server.imports.receipts import Fault

REMEMBERED = 100_000
"""Receipts of this file by which one is found whose lines do not stand together."""
TOLD_AS_SALES = "of this day the shop told its sales already; it tells a day by receipts or by sales, not by both"
TWICE = "this receipt came before and is taken once; if its lines do not stand together in the file, sort it"


@dataclass(slots=True)
class Ready:
    """A piece of a file, or a message, as far as it goes without the database."""

    receipts: dict[bytes, Sold] = field(default_factory=dict)
    """By keyed hash."""
    counts: Counts = field(default_factory=Counts)
    faults: list[Fault] = field(default_factory=list)


class Till:
    """Takes one import's receipts, piece by piece."""

    def __init__(self, account: Account, goods: Goods) -> None:
        self._account, self._goods = account, goods
        self._calendar = Calendar(account.timezone)
        self._lately, self._before = set[bytes](), set[bytes]()

    def prepare(self, groups: Iterable[Group]) -> Ready:
        """Check receipts, and hash their ids."""
        ready = Ready()
        lines = known = refused = 0
        for group in groups:
            n = entries(group)
            lines += n
            found = checked(group, self._goods, self._account.limits)
            if isinstance(found, list):
                refused += n
                ready.faults += found
            elif self._is_first(digest := keyed_hash(self._account.key, "receipt", group[0].receipt)):
                ready.receipts[digest] = found
            else:
                known += n
                ready.faults.append(Fault(group[0].place, "", TWICE))
        ready.counts = Counts(lines, 0, known, refused)
        return ready

    def take(self, conn: Connection, ready: Ready) -> None:
        """Add those that are new, and record what became of all, in the caller's transaction."""
        site = self._account.site.site
        hold(conn, site)
        known = {digest: ready.receipts[digest] for digest in seen(conn, site, ready.receipts)}
        fresh = {digest: sold for digest, sold in ready.receipts.items() if digest not in known}
        refused = self._told_as_sales(conn, fresh)
        for digest in refused:
            del fresh[digest]
        remember(conn, site, {digest: self._calendar.day(sold.bin_s) for digest, sold in fresh.items()})
        add_up(conn, site, list(fresh.values()), self._calendar)
        counts = ready.counts._replace(
            taken=_entries(fresh), known=ready.counts.known + _entries(known),
            refused=ready.counts.refused + _entries(refused),
        )  # fmt: skip
        faults = [Fault(sold.lines[0].place, "t", TOLD_AS_SALES) for sold in refused.values()]
        self._account.add(conn, counts, [*ready.faults, *faults, *self._notes(fresh.values())])

    def _is_first(self, digest: bytes) -> bool:
        if digest in self._lately or digest in self._before:
            return False
        if len(self._lately) >= REMEMBERED:
            self._before, self._lately = self._lately, set()
        self._lately.add(digest)
        return True

    def _told_as_sales(self, conn: Connection, receipts: dict[bytes, Sold]) -> dict[bytes, Sold]:
        days = {self._calendar.day(bin_s) for bin_s in {sold.bin_s for sold in receipts.values()}}
        told = days_told(conn, self._account.site.site, days, self._account.timezone)
        if not told:
            return {}
        return {digest: sold for digest, sold in receipts.items() if self._calendar.day(sold.bin_s) in told}

    def _notes(self, receipts: Iterable[Sold]) -> list[Fault]:
        first: dict[str, int] = {}
        for sold in receipts:
            for line in sold.lines:
                first.setdefault(line.category, line.place)
        return [note for category, place in first.items() if (note := self._goods.note_unplaced(place, category))]


def _entries(receipts: dict[bytes, Sold]) -> int:
    return sum(entries(sold.lines) for sold in receipts.values())
