"""From which zone to which: passages counted from one zone to the next."""

from collections import Counter
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, func, select

from server.db.local_time import Hours
from server.db.spans import begins_within, cut
from server.db.tables import window_flows, windows

Query = Select[*tuple[Any, ...]]


def flows(
    conn: Connection, *, site: str, start: float, end: float, hours: Hours | None = None
) -> dict[tuple[str, str], int]:
    """Passages over [start, end) seconds by (source, target), all cameras together.

    Sources are zone ids, `ENTRY` and `LOST`, targets zone ids, `EXIT` and `LOST`; as in `contract.messages.Flow`.
    """
    span = cut(conn, site=site, start=start, end=end, hours=hours)
    queries = [_count(level.flows, level.within(level.flows, site, starts)) for level, starts in span.levels()]
    minutes = window_flows.join(windows)
    queries += [_count(minutes, begins_within(site, part), window_flows) for part in span.windows]
    found: Counter[tuple[str, str]] = Counter()
    for query in queries:
        for source, target, n in conn.execute(query):
            found[source, target] += int(n)
    return dict(sorted(found.items()))


def _count(source: FromClause, within: ColumnElement[bool], counts: FromClause | None = None) -> Query:
    f = (source if counts is None else counts).c
    return select(f.source, f.target, func.sum(f.n)).select_from(source).where(within).group_by(f.source, f.target)
