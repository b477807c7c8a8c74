"""One way in for all that till and loyalty programme tell, whether by REST, MQTT, upload or folder.

A message is taken in one transaction. A file is taken in pieces, so that what the boxes send never waits long for the
database; what breaks off is sent again, and what was taken of it changes nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection, Engine

from contract.loyalty import Receipt, Subject
from contract.money import hundredths
from server.db.imports import Counts, Source, taken_before
from server.db.seen import keyed_hash, remember, seen
from server.imports.account import Account, Delivery, refuse
from server.imports.checks import Group, grouped
from server.imports.entries import Document, Entry, read_document, read_item
from server.imports.errors import NotTakenError
from server.imports.filing import file_entries
from server.imports.goods import Goods
from server.imports.limits import DAY_S, Limits
from server.imports.receipts import Fault, Item, Line, Taken
from server.imports.till import Till

RECEIPTS, ITEMS = 2000, 4000
"""Of a file, in one transaction."""
MESSAGE_DAYS = 30.0
"""A message is remembered for so long; brokers keep it for a week."""
SAME_FILE = "this very file was taken before, and nothing since would make it tell anything new"

Some = TypeVar("Some")


def take(
    engine: Engine, site: str, subject: Subject, raw: object, *, source: Source, limits: Limits, message: str = ""
) -> Taken:
    """Take a message's document, whose JSON is `raw`; one of which `message` is the id is taken once.

    Faults of the answer say in `column` where in the document they are, such as `receipts.3.lines.0.gross`.

    Raises:
        NotTakenError: nothing was taken; it is listed as refused.
    """
    delivery = Delivery(site, subject, source, limits)
    try:
        with engine.begin() as conn:
            return _take_document(conn, Account(conn, delivery), subject, raw, message)
    except NotTakenError as error:
        refuse(engine, delivery, error)
        raise


def take_receipts(
    engine: Engine, site: str, rows: Iterable[Line | Fault], *, currency: str, source: Source, limits: Limits
) -> Taken:
    """Take the lines of a file of receipts, in its order; memory does not grow with the file.

    Raises:
        NotTakenError: nothing was taken; it is listed as refused.
    """
    account = _open(engine, Delivery(site, "receipts", source, limits), currency)
    if isinstance(account, Taken):
        return account
    with engine.connect() as conn:
        till = Till(account, Goods(conn, site, account.site.document))
    for groups in _pieces(grouped(rows), RECEIPTS):
        ready = till.prepare(groups)
        with engine.begin() as conn:
            till.take(conn, ready)
    with engine.begin() as conn:
        return account.close(conn)


def take_items(
    engine: Engine, site: str, subject: Subject, rows: Iterable[Item | Fault], *, currency: str | None, source: Source,
    limits: Limits,
) -> Taken:  # fmt: skip
    """Take the entries of a file of another subject than receipts, in its order.

    Raises:
        NotTakenError: nothing was taken; it is listed as refused.
    """
    account = _open(engine, Delivery(site, subject, source, limits), currency)
    if isinstance(account, Taken):
        return account
    with engine.connect() as conn:
        goods = Goods(conn, site, account.site.document)
    for piece in _pieces(rows, ITEMS):
        read = [read_item(subject, row) if isinstance(row, Item) else row for row in piece]
        with engine.begin() as conn:
            _file(conn, account, goods, read)
    with engine.begin() as conn:
        return account.close(conn)


def _open(engine: Engine, delivery: Delivery, currency: str | None) -> Account | Taken:
    """The account of a new file; what became of it if it is known."""
    try:
        with engine.begin() as conn:
            before = taken_before(conn, delivery.site, delivery.subject, delivery.source.digest)
            account = Account(conn, delivery)
            if currency is not None:
                account.check_currency(conn, currency)
            if before is None:
                return account
            lines = before.counts.lines
            account.add(conn, Counts(lines=lines, known=lines), [Fault(0, "", SAME_FILE)])
            return account.close(conn)
    except NotTakenError as error:
        refuse(engine, delivery, error)
        raise


def _take_document(conn: Connection, account: Account, subject: Subject, raw: object, message: str) -> Taken:
    document = read_document(subject, raw)
    if document.currency is not None:
        account.check_currency(conn, document.currency)
    if message and not _is_new(conn, account, message):
        n = len(document.entries) + len(document.faults)
        account.add(conn, Counts(lines=n, known=n), [])
        return account.close(conn)
    goods = Goods(conn, account.site.site, account.site.document, _articles(document))
    if subject == "receipts":
        till = Till(account, goods)
        till.take(conn, till.prepare(_groups(document)))
    else:
        _file(conn, account, goods, [*document.entries, *document.faults])
    return _with_paths(account.close(conn), document)


def _is_new(conn: Connection, account: Account, message: str) -> bool:
    digest, site = keyed_hash(account.key, "message", message), account.site.site
    if seen(conn, site, [digest]):
        return False
    until = account.limits.oldest + MESSAGE_DAYS * DAY_S
    remember(conn, site, {digest: datetime.fromtimestamp(until, UTC).date()})
    return True


def _file(conn: Connection, account: Account, goods: Goods, read: Iterable[Entry | Fault]) -> None:
    entries, faults = list[Entry](), list[Fault]()
    for each in read:
        entries.append(each) if isinstance(each, Entry) else faults.append(each)
    filed = file_entries(conn, account, goods, entries)
    refused = len(faults) + len(filed.refused)
    n = len(entries) + len(faults)
    account.add(conn, Counts(n, n - refused, 0, refused), [*faults, *filed.refused, *filed.notes])


def _articles(document: Document) -> set[str]:
    """Articles whose category is to be looked up."""
    receipts = [entry.told for entry in document.entries if isinstance(entry.told, Receipt)]
    return {line.sku for receipt in receipts for line in receipt.lines if line.sku and line.category is None}


def _groups(document: Document) -> Iterator[Group]:
    for entry in document.entries:
        if isinstance(entry.told, Receipt):
            yield [*_lines_of(entry.place, entry.told)]
    yield from ([fault] for fault in document.faults)


def _lines_of(place: int, receipt: Receipt) -> Iterator[Line]:
    for line in receipt.lines:
        yield Line(
            place=place,
            receipt=receipt.id,
            t=receipt.t.timestamp(),
            has_card=receipt.has_card,
            returned=receipt.kind == "return",
            category=line.category or "",
            sku=line.sku or "",
            quantity=line.quantity,
            gross_c=hundredths(line.gross),
            margin_c=None if line.margin is None else hundredths(line.margin),
            discount_c=hundredths(line.discount),
            offer=line.offer or "",
            coupon=line.coupon or "",
        )


def _with_paths(taken: Taken, document: Document) -> Taken:
    def path(fault: Fault) -> str:
        return ".".join(filter(None, (document.path(fault.place), fault.column)))

    return replace(taken, faults=tuple(fault._replace(column=path(fault)) for fault in taken.faults))


def _pieces(rows: Iterable[Some], size: int) -> Iterator[list[Some]]:
    rows = iter(rows)
    while piece := list(islice(rows, size)):
        yield piece
