"""What came in, from whom, and what was wrong with it line by line.

Times are floored to a quarter of an hour, and messages that come within one are one row: else a till that sends each
receipt by itself would leave its second here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal, NamedTuple

from sqlalchemy import Connection, Row, func, insert, select, update

from server.db.installation import seed
from server.db.spans import to_ms
from server.db.trade_tables import import_faults, imports

By = Literal["rest", "mqtt", "upload", "folder"]
Status = Literal["running", "done", "partly", "refused"]
BIN_MS = 900_000
MESSAGES: frozenset[By] = frozenset({"rest", "mqtt"})


@dataclass(frozen=True, slots=True)
class Source:
    """Where something came from."""

    by: By
    name: str
    """Of the file; of a message, its sender."""
    who: str
    """The user or token; `mqtt` for the broker."""
    digest: str
    """SHA-256 of a file, hexadecimal; empty for a message."""


class Counts(NamedTuple):
    """What became of some lines."""

    lines: int = 0
    taken: int = 0
    known: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """One import."""

    id: int
    subject: str
    by: str
    name: str
    who: str
    received: float
    """Seconds UTC, start of the quarter of an hour."""
    done: float | None
    status: str
    lines: int
    taken: int
    known: int
    refused: int
    trouble: str | None


class FaultRecord(NamedTuple):
    """One line's fault."""

    line: int
    column: str
    fault: str
