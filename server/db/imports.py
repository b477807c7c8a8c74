"""What came in, from whom, and what was wrong with it line by line.

Times are floored to a quarter of an hour, and messages that come within one are one row: else a till that sends each
receipt by itself would leave its second here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, case, false, func, insert, select, update

from contract.loyalty import Subject
from server.db.seen import keyed_hash, secret
from server.db.spans import to_ms
from server.db.trade_tables import import_faults, imports

By = Literal["rest", "mqtt", "upload", "folder"]
Status = Literal["running", "done", "partly", "refused"]
BIN_MS = 900_000
MESSAGES: frozenset[By] = frozenset({"rest", "mqtt"})
MOST_FAULTS = 1000
"""Kept of one import."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where something came from."""

    by: By
    name: str
    """Of the file; of a message, its sender."""
    who: str
    """The user or token; `mqtt` for the broker."""
    digest: str = ""
    """SHA-256 of a file, hexadecimal; empty for a message."""


class Counts(NamedTuple):
    """What became of some lines."""

    lines: int = 0
    taken: int = 0
    known: int = 0
    refused: int = 0


class FaultRecord(NamedTuple):
    """What was wrong with one line, or is to be known of it."""

    line: int
    """Of the file; of messages, running on from one to the next."""
    column: str
    fault: str


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """One import."""

    id: int
    subject: Subject
    by: By
    name: str
    who: str
    received: float
    """Seconds UTC, start of a quarter of an hour; as `done`."""
    done: float | None
    """None: still running, or broken off."""
    status: Status
    counts: Counts
    trouble: str | None
    """Why nothing of it could be read."""


def begin(conn: Connection, site: str, subject: str, source: Source, *, now: float) -> int:
    """The id of a new import, or of that which messages of this sender go to in this quarter of an hour."""
    received_ms = to_ms(now) // BIN_MS * BIN_MS
    told = {"site": site, "subject": subject, "by": source.by, "name": source.name[:200], "who": source.who[:80]}
    if source.by in MESSAGES:
        same = [imports.c[name] == value for name, value in (told | {"received_ms": received_ms}).items()]
        known = conn.execute(select(imports.c.id).where(*same)).scalar()
        if known is not None:
            return int(known)
    digest = keyed_hash(secret(conn), "file", source.digest).hex() if source.digest else ""
    counts = Counts()._asdict()
    new = insert(imports).values(**told, digest=digest, received_ms=received_ms, status="running", **counts)
    return int(conn.execute(new.returning(imports.c.id)).scalar_one())


def record(conn: Connection, import_id: int, counts: Counts, faults: Iterable[FaultRecord], *, restart: bool) -> None:
    """Add to an import what became of more of it; with `restart`, its lines are counted on from those it has."""
    c = imports.c
    before = int(conn.execute(select(c.lines).where(c.id == import_id)).scalar_one()) if restart else 0
    of_import = import_faults.c.import_id == import_id
    kept = int(conn.execute(select(func.count()).select_from(import_faults).where(of_import)).scalar_one())
    rows = _by_line(conn, import_id, faults, before)[: max(0, MOST_FAULTS - kept)]
    if rows:
        conn.execute(insert(import_faults), rows)
    added = {name: c[name] + n for name, n in counts._asdict().items()}
    conn.execute(update(imports).where(c.id == import_id).values(added))


def finish(conn: Connection, import_id: int, *, now: float, trouble: str | None = None) -> None:
    """Say that it is over, and how it ended."""
    c = imports.c
    nothing: ColumnElement[bool] = (c.taken == 0) & (c.known == 0)
    whole = c.refused == 0 if trouble is None else false()
    status = case((whole, "done"), (nothing, "refused"), else_="partly")
    values = {"status": status, "done_ms": to_ms(now) // BIN_MS * BIN_MS, "trouble": trouble}
    conn.execute(update(imports).where(c.id == import_id).values(values))


def taken_before(conn: Connection, site: str, subject: str, digest: str) -> ImportRecord | None:
    """The import by which the very same file was taken wholly, if taking it again would change nothing.

    Receipts are taken once for ever; of everything else a later file may have taken the place of an earlier one.
    """
    c = imports.c
    wanted = keyed_hash(secret(conn), "file", digest).hex()
    query = select(imports).where(c.site == site, c.subject == subject).order_by(c.id.desc())
    if subject == "receipts":
        query = query.where(c.digest == wanted, c.status == "done")
    row = conn.execute(query.limit(1)).first()
    return _import(row) if row is not None and (row.digest, row.status) == (wanted, "done") else None


def list_imports(conn: Connection, site: str, *, subject: str | None = None, limit: int = 100) -> list[ImportRecord]:
    """The newest imports, newest first."""
    c = imports.c
    query = select(imports).where(c.site == site).order_by(c.received_ms.desc(), c.id.desc()).limit(limit)
    if subject is not None:
        query = query.where(c.subject == subject)
    return [_import(row) for row in conn.execute(query)]


def get_import(conn: Connection, site: str, import_id: int) -> ImportRecord | None:
    """One import of the site; None when there is none of this id."""
    c = imports.c
    row = conn.execute(select(imports).where(c.site == site, c.id == import_id)).first()
    return _import(row) if row else None


def faults(conn: Connection, import_id: int) -> list[FaultRecord]:
    """What was wrong with an import, by line; at most `MOST_FAULTS`."""
    c = import_faults.c
    query = select(c.line, c.column, c.fault).where(c.import_id == import_id).order_by(c.line)
    return [FaultRecord(*row) for row in conn.execute(query)]


def _by_line(conn: Connection, import_id: int, told: Iterable[FaultRecord], before: int) -> list[dict[str, Any]]:
    """A line has one row, whatever is wrong with it."""
    lines: dict[int, list[FaultRecord]] = {}
    for fault in told:
        lines.setdefault(before + fault.line, []).append(fault)
    c = import_faults.c
    there = set(conn.execute(select(c.line).where(c.import_id == import_id, c.line.in_(lines))).scalars())
    return [
        {
            "import_id": import_id,
            "line": line,
            "column": ", ".join(dict.fromkeys(each.column for each in of_line))[:80],
            "fault": "; ".join(dict.fromkeys(each.fault for each in of_line))[:1000],
        }
        for line, of_line in lines.items()
        if line not in there
    ]


def _import(row: Row[*tuple[Any, ...]]) -> ImportRecord:
    return ImportRecord(
        id=row.id,
        subject=row.subject,
        by=row.by,
        name=row.name,
        who=row.who,
        received=row.received_ms / 1000,
        done=None if row.done_ms is None else row.done_ms / 1000,
        status=row.status,
        counts=Counts(row.lines, row.taken, row.known, row.refused),
        trouble=row.trouble,
    )
