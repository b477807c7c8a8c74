"""Advice as the newest round gave it, and what people said to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from server.db.advice_tables import advice as table
from server.db.advice_tables import advice_runs, changes
from server.db.spans import to_ms
from server.db.trade_tables import imports
from server.domain.advice import Advice
from server.domain.trial import Trial


@dataclass(frozen=True, slots=True)
class Proposal:
    """An advice, and what a test of it would take; None where nothing could be judged."""

    advice: Advice
    trial: Trial | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """What a round was made from."""

    first: date
    last: date
    days: int
    """With receipts."""
    receipts: int
    stores: int
    """Others of the chain that could be compared with."""
    factor: float = 1.0
    """What tested advice brought, times what it had promised; effects are corrected by it."""
    tested: int = 0
    """Tests the factor is from."""
    taken: int = 0
    """Entries that tills and programme had told by then."""


@dataclass(frozen=True, slots=True)
class Round:
    """The newest round of a site."""

    t: float
    """Seconds UTC."""
    basis: Basis


@dataclass(frozen=True, slots=True)
class AdviceRecord:
    """One advice. `rank` is its place in the newest round, from 0; None: it is not given any more."""

    key: str
    advice: Advice
    trial: Trial | None
    rank: int | None
    first: float
    changed: float
    set_aside_by: str | None
    set_aside: float | None


_PROPOSAL, _BASIS = TypeAdapter(Proposal), TypeAdapter(Basis)


def list_advice(conn: Connection, site: str) -> list[AdviceRecord]:
    """All that is known, in the order of the newest round; what is not given any more comes last."""
    rows = conn.execute(select(table).where(table.c.site == site).order_by(table.c.first_ms, table.c.key))
    records = [_record(row) for row in rows]
    return sorted(records, key=lambda record: (record.rank is None, record.rank or 0))


def open_advice(conn: Connection, site: str) -> int:
    """How many of the newest round are neither set aside nor tried yet."""
    tried = select(changes.c.advice).where(changes.c.site == table.c.site, changes.c.advice == table.c.key)
    mine = (table.c.site == site) & table.c.rank.is_not(None) & table.c.set_aside_ms.is_(None) & ~tried.exists()
    return conn.execute(select(func.count()).select_from(table).where(mine)).scalar_one()


def get_advice(conn: Connection, site: str, key: str) -> AdviceRecord | None:
    """One advice."""
    row = conn.execute(select(table).where(table.c.site == site, table.c.key == key)).first()
    return _record(row) if row else None


def last_round(conn: Connection, site: str) -> Round | None:
    """The newest round; None before the first."""
    row = conn.execute(select(advice_runs).where(advice_runs.c.site == site)).first()
    return Round(row.t_ms / 1000, _BASIS.validate_python(row.basis)) if row else None


def entries_taken(conn: Connection, site: str) -> int:
    """How many entries tills and programme told that were new; imports do not say by the minute when they came."""
    return int(conn.execute(select(func.sum(imports.c.taken)).where(imports.c.site == site)).scalar() or 0)


def put_round(conn: Connection, site: str, proposals: Sequence[Proposal], basis: Basis, *, now: float) -> None:
    """Let these be the newest round, best first; what is given no more loses its rank and keeps its row."""
    mine = table.c.site == site
    known: dict[str, Any] = {row.key: row.document for row in conn.execute(select(table).where(mine))}
    given = [proposal.advice.key for proposal in proposals]
    lost = mine & table.c.rank.is_not(None) & table.c.key.not_in(given)
    conn.execute(update(table).where(lost).values(rank=None, changed_ms=to_ms(now)))
    for rank, proposal in enumerate(proposals):
        key, document = proposal.advice.key, _document(proposal)
        if key not in known:
            times = {"first_ms": to_ms(now), "changed_ms": to_ms(now)}
            conn.execute(insert(table).values(site=site, key=key, document=document, rank=rank, **times))
            continue
        changed = {"changed_ms": to_ms(now)} if known[key] != document else {}
        conn.execute(update(table).where(mine, table.c.key == key).values(document=document, rank=rank, **changed))
    conn.execute(delete(advice_runs).where(advice_runs.c.site == site))
    told = _BASIS.dump_python(basis, mode="json")
    conn.execute(insert(advice_runs).values(site=site, t_ms=to_ms(now), basis=told))


def set_aside(conn: Connection, site: str, key: str, *, by: str, now: float) -> bool:
    """Not now; False where there is no such advice."""
    return _say(conn, site, key, {"set_aside_by": by, "set_aside_ms": to_ms(now)})


def take_up(conn: Connection, site: str, key: str) -> bool:
    """Back in the list; False where there is no such advice."""
    return _say(conn, site, key, {"set_aside_by": None, "set_aside_ms": None})


def forget_advice(conn: Connection, *, before: float) -> int:
    """Delete what is not given any more since `before`, seconds UTC, and was never tried; how many."""
    tried = select(changes.c.advice).where(changes.c.site == table.c.site, changes.c.advice == table.c.key)
    old = (table.c.rank.is_(None)) & (table.c.changed_ms < to_ms(before)) & ~tried.exists()
    return conn.execute(delete(table).where(old)).rowcount


def _say(conn: Connection, site: str, key: str, values: Mapping[str, Any]) -> bool:
    mine = (table.c.site == site) & (table.c.key == key)
    return conn.execute(update(table).where(mine).values(values)).rowcount > 0


def _document(proposal: Proposal) -> Any:  # noqa: ANN401 - JSON
    document: dict[str, Any] = _PROPOSAL.dump_python(proposal, mode="json")
    document["advice"]["reasons"] = {
        name: value
        for name, value in proposal.advice.reasons.items()
        if isinstance(value, str) or isfinite(value)  # JSON has no nan
    }
    return document


def _record(row: Row[*tuple[Any, ...]]) -> AdviceRecord:
    proposal = _PROPOSAL.validate_python(row.document)
    return AdviceRecord(
        key=row.key,
        advice=proposal.advice,
        trial=proposal.trial,
        rank=row.rank,
        first=row.first_ms / 1000,
        changed=row.changed_ms / 1000,
        set_aside_by=row.set_aside_by,
        set_aside=None if row.set_aside_ms is None else row.set_aside_ms / 1000,
    )
