"""How long each camera watched, how much of that with a picture that fits, and how visits went from one to the next."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, case, func, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from contract.messages import Handovers
from server.db.local_time import Hours
from server.db.spans import begins_within, cut
from server.db.tables import windows


@dataclass(frozen=True, slots=True)
class CameraObserved:
    """What one camera says about its own work over a period."""

    observed_s: float = 0.0
    """Seconds that analysed frames stand for."""
    moved_s: float = 0.0
    """Of these, while the picture did not fit the calibration: places on the floor are not to be relied on."""
    presence_s: float = 0.0
    """Person-seconds in its whole view, or in the cells it is responsible for."""
    handovers: Handovers = field(default_factory=Handovers)
    """How visits went over to it from other cameras."""


def observed(
    conn: Connection, *, site: str, start: float, end: float, hours: Hours | None = None
) -> dict[str, CameraObserved]:
    """By camera over [start, end) seconds; a camera that no window carried is left out."""
    span, w = cut(conn, site=site, start=start, end=end, hours=hours), windows.c
    queries = []
    for level, starts in span.levels():
        t = level.totals.c
        queries.append(_sums(t, t.moved_s).where(level.within(level.totals, site, starts)))
    moved_s = case((w.moved, w.observed_s), else_=0.0)
    queries += [_sums(w, moved_s).where(begins_within(site, part)) for part in span.windows]
    found: defaultdict[str, CameraObserved] = defaultdict(CameraObserved)
    for query in queries:
        for row in conn.execute(query):
            found[row.camera] = _plus(found[row.camera], row)
    return dict(sorted(found.items()))


def _sums(t: ReadOnlyColumnCollection[str, Any], moved_s: ColumnElement[float]) -> Select[*tuple[Any, ...]]:
    added = (t.observed_s, t.presence_s, t.handovers_taken, t.handovers_guessed, t.handovers_missed)
    sums = (func.sum(column).label(column.name) for column in added)
    return select(t.camera, func.sum(moved_s).label("moved_s"), *sums).group_by(t.camera)


def _plus(a: CameraObserved, row: Row[*tuple[Any, ...]]) -> CameraObserved:
    return CameraObserved(
        observed_s=a.observed_s + row.observed_s,
        moved_s=a.moved_s + row.moved_s,
        presence_s=a.presence_s + row.presence_s,
        handovers=Handovers(
            taken=a.handovers.taken + int(row.handovers_taken),  # PostgreSQL adds up integers to Decimal
            guessed=a.handovers.guessed + int(row.handovers_guessed),
            missed=a.handovers.missed + int(row.handovers_missed),
        ),
    )
