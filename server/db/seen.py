"""What was taken already, known by a keyed hash: neither an id nor an order nor a time of the day is kept."""

from collections.abc import Collection, Mapping
from datetime import date
from hashlib import blake2b
from typing import Literal

from sqlalchemy import Connection, select, update

from server.db.installation import seed
from server.db.tables import sites
from server.db.trade_tables import receipts_seen
from server.db.upserts import insert_columns

Kind = Literal["receipt", "message", "file"]
ASKED = 500
"""Hashes in one question."""


def hold(conn: Connection, site: str) -> None:
    """Let nobody else write what is told of the site until the transaction ends; goes before the questions."""
    conn.execute(update(sites).where(sites.c.site == site).values(site=site))


def secret(conn: Connection) -> bytes:
    """The key of the hashes."""
    return seed(conn).encode()


def keyed_hash(key: bytes, kind: Kind, name: str) -> bytes:
    """12 bytes that say nothing to who does not have the key."""
    return blake2b(name.encode(), digest_size=12, key=key, person=kind.encode()).digest()


def seen(conn: Connection, site: str, hashes: Collection[bytes]) -> set[bytes]:
    """Those of `hashes` that were taken before."""
    c, wanted = receipts_seen.c, sorted(hashes)
    parts = (wanted[i : i + ASKED] for i in range(0, len(wanted), ASKED))
    queries = (select(c.digest).where(c.site == site, c.digest.in_(part)) for part in parts)
    return {digest for query in queries for digest in conn.execute(query).scalars()}


def remember(conn: Connection, site: str, hashes: Mapping[bytes, date]) -> None:
    """Remember `hashes`, none of which is known, and the day after which each may be forgotten."""
    ordered = sorted(hashes)  # neighbours on the disk
    insert_columns(conn, receipts_seen, ([site] * len(ordered), ordered, [hashes[digest] for digest in ordered]))
