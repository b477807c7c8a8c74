"""What waits for the broker, on disk: a row is there before its eye is told so, and until it is published."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from edge.errors import DiskError

_EYES_REMEMBERED = 1000
"""Lives of eyes whose last number is known; an eye that sends again is one of the newest."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    boot_id TEXT NOT NULL, channel TEXT NOT NULL, created REAL NOT NULL, published REAL, size INTEGER NOT NULL,
    data TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS note (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS eye (eye TEXT PRIMARY KEY, n INTEGER NOT NULL, seen INTEGER NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One message. `(boot_id, seq)` is its identity for ever; `data` is JSON of the contract's part."""

    seq: int
    boot_id: str
    channel: str
    data: str
    created: float


@dataclass(frozen=True, slots=True)
class Bounds:
    """Beyond these the oldest is given up. What was published lingers `linger_s`, in case the broker forgets."""

    most_bytes: int = 200_000_000
    oldest_s: float = 14 * 86400.0
    linger_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is not published yet: messages, bytes of data, seconds UTC when the oldest was stored."""

    depth: int
    size_bytes: int
    oldest: float | None


class Outbox:
    """First in, first out, bounded by bytes and age, safe against a kill at any instant. Times are seconds UTC.

    What was published lingers unseen for a while: a broker that lost its memory is sent it again by `unpublish`.
    Every method raises `DiskError` where the disk does not take it; nothing has changed then.
    """

    def __init__(self, path: Path, *, boot_id: str, bounds: Bounds) -> None:
        self._path, self._boot_id, self._bounds = path, boot_id, bounds
        self.dropped = 0
        with self._failures():
            self._db = Database(sqlite3.connect(path))
            try:
                self._prepare()
            except BaseException:
                self.close()
                raise

    def add(
        self, channel: str, data: str, *, now: float, eye: str = "", n: int = 0, note: tuple[str, str] | None = None
    ) -> bool:
        """Store one message, and with it `note`; False where it is eye's `n`-th or an earlier one, known already."""
        with self._transaction() as db:
            if eye and not self._is_new(db, eye, n):
                return False
            db.execute(
                "INSERT INTO message (boot_id, channel, created, size, data) VALUES (?, ?, ?, ?, ?)",
                (self._boot_id, channel, now, len(data.encode()), data),
            )
            if note is not None:
                self._write_note(db, *note)
        return True

    def pending(self, *, after: int, limit: int, upto: int | None = None) -> list[Row]:
        """Up to `limit` rows to publish, oldest first, with `after` < seq <= `upto`."""
        rows = self._db.conn.execute(
            "SELECT seq, boot_id, channel, data, created FROM message "
            "WHERE published IS NULL AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
            (after, upto if upto is not None else 2**62, limit),
        )
        return [Row(*row) for row in rows]

    def publish(self, seqs: list[int], *, now: float) -> None:
        """The broker has taken these."""
        with self._transaction() as db:
            db.executemany("UPDATE message SET published = ? WHERE seq = ?", [(now, seq) for seq in seqs])

    def unpublish(self) -> int:
        """The broker has lost its memory: what lingers is to be published again. How many rows that is."""
        with self._transaction() as db:
            return db.execute("UPDATE message SET published = NULL WHERE published IS NOT NULL").rowcount

    def trim(self, *, now: float) -> int:
        """Keep the bounds; how many unpublished rows were given up for that."""
        bounds = self._bounds
        with self._transaction() as db:
            db.execute("DELETE FROM message WHERE published < ?", (now - bounds.linger_s,))
            lost = db.execute(
                "DELETE FROM message WHERE published IS NULL AND created < ?", (now - bounds.oldest_s,)
            ).rowcount
            lost += self._shrink(db)
            db.execute("DELETE FROM eye WHERE seen <= (SELECT max(seen) FROM eye) - ?", (_EYES_REMEMBERED,))
        self.dropped += lost
        return lost

    @property
    def last_seq(self) -> int:
        """The newest row there ever was."""
        (last,) = self._db.conn.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence").fetchone()
        return int(last)

    def note(self, key: str, value: str) -> None:
        """Remember `value` over restarts."""
        with self._transaction() as db:
            self._write_note(db, key, value)

    def noted(self, key: str) -> str | None:
        """What was last remembered under `key`."""
        row = self._db.conn.execute("SELECT value FROM note WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def waiting(self) -> Waiting:
        """How much is not published yet."""
        return Waiting(
            *self._db.conn.execute(
                "SELECT count(*), coalesce(sum(size), 0), min(created) FROM message WHERE published IS NULL"
            ).fetchone()
        )

    def close(self) -> None:
        """Let go of the file."""
        self._db.conn.close()

    def _prepare(self) -> None:
        self._db.enable_wal()
        self._db.conn.execute("PRAGMA synchronous = FULL")
        self._db.conn.executescript(_SCHEMA)

    def _write_note(self, db: sqlite3.Connection, key: str, value: str) -> None:
        db.execute("INSERT OR REPLACE INTO note (key, value) VALUES (?, ?)", (key, value))

    def _is_new(self, db: sqlite3.Connection, eye: str, n: int) -> bool:
        known = db.execute("SELECT n FROM eye WHERE eye = ?", (eye,)).fetchone()
        if known is not None and n <= known[0]:
            return False
        db.execute(
            "INSERT INTO eye (eye, n, seen) VALUES (?, ?, (SELECT coalesce(max(seen), 0) + 1 FROM eye)) "
            "ON CONFLICT (eye) DO UPDATE SET n = excluded.n",
            (eye, n),
        )
        return True

    def _shrink(self, db: sqlite3.Connection) -> int:
        """Give up the oldest beyond `most_bytes`, what lingers before what waits."""
        (over,) = db.execute("SELECT coalesce(sum(size), 0) - ? FROM message", (self._bounds.most_bytes,)).fetchone()
        lost = 0
        oldest_first = "SELECT seq, size, published IS NULL FROM message ORDER BY published IS NULL, seq"
        for seq, size, waits in db.execute(oldest_first).fetchall() if over > 0 else ():
            if over <= 0:
                break
            db.execute("DELETE FROM message WHERE seq = ?", (seq,))
            over, lost = over - size, lost + waits
        return lost

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._failures(), self._db.conn:
            yield self._db.conn

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise DiskError(f"outbox {self._path}: {error}; free some space or check the disk") from error


def open_outbox(path: Path, *, boot_id: str, bounds: Bounds, now: float) -> Outbox:
    """Open the outbox; a file that is damaged is put aside for a person to look at, and a new one begun.

    Raises:
        DiskError: the disk does not take it.
    """
    try:
        return Outbox(path, boot_id=boot_id, bounds=bounds)
    except sqlite3.DatabaseError:
        path.rename(path.with_name(f"{path.name}.damaged-{now:.0f}"))
        for leftover in ("-wal", "-shm"):
            path.with_name(path.name + leftover).unlink(missing_ok=True)
        return Outbox(path, boot_id=boot_id, bounds=bounds)
