"""What the loyalty programme is told: whole windows of the store's clock, the same to everybody and for ever."""

import re
from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from contract.disclosed import ROWS, Disclosed, Grain, OutSubject, Row
from server.api.period import Site
from server.api.problems import Problem
from server.api.tabular import AsTable, table_response
from server.db.boxes import boxes
from server.db.local_time import day_of
from server.db.published import first_counted
from server.db.sites import SiteRecord
from server.disclosure.telling import tell
from server.disclosure.window import Window, may_be_told, windows_between
from server.domain.suppression import SMALLEST
from server.service import Service
from server.session import Running, require_link

router = APIRouter(prefix="/sites/{site}/loyalty/out", tags=["loyalty"], dependencies=[Depends(require_link("viewer"))])

MOST_DAYS = 62
CLOCK = (
    "Windows are whole days and weeks of the store's clock, and hours come with their day: a window of one's own "
    "choice, held against another one, would tell of single people."
)
_DAY = re.compile(r"^20\d\d-\d\d-\d\d$")


class WindowBody(BaseModel):
    """A day, or a week, that was told."""

    start: datetime = Field(description="by the store's clock")
    end: datetime
    told_at: datetime = Field(description="when it was told first; it is never told otherwise")
    settled: bool = Field(description="every box had told all of this time; else it was told without what came later")


class ToldBody(BaseModel):
    """What is told of a subject."""

    site: str
    subject: OutSubject
    grain: Grain
    simulated: bool
    smallest_cell: int = Field(description="what counts fewer, nought too, is held back: null, and named in `held`")
    windows: list[WindowBody] = Field(description="one that is missing is not told yet, or nothing was counted")
    rows: list[Row]


class _Line(BaseModel):
    """A row as a table takes it."""

    model_config = ConfigDict(extra="allow")


class RangeBody(BaseModel):
    """A subject and the lengths of time its rows are about."""

    subject: OutSubject
    grains: list[Grain]


@router.get("", summary="What the loyalty programme may ask for")
def subjects(site: Site) -> list[RangeBody]:
    """Subjects and grains."""
    found: dict[OutSubject, list[Grain]] = {}
    for subject, grain in ROWS:
        found.setdefault(subject, []).append(grain)
    return [RangeBody(subject=subject, grains=grains) for subject, grains in found.items()]


@router.get("/{subject}", summary="What the loyalty programme is told", response_model=ToldBody)
def told(
    *,
    request: Request,
    site: Site,
    service: Running,
    as_table: AsTable,
    subject: Annotated[OutSubject, Path(description="what about")],
    grain: Annotated[Grain, Query(description="what one row is about")] = "day",
    from_: Annotated[
        str, Query(alias="from", description="first day, a date of the store's calendar", examples=["2026-11-01"])
    ],
    to: Annotated[
        str, Query(description="last day, with it; weeks are those whose Monday lies within", examples=["2026-11-21"])
    ],
) -> ToldBody | Response:
    """Rows of whole windows. Asking again gives the same, byte by byte, also after late figures have come."""
    _clock_aligned(request)
    if (subject, grain) not in ROWS:
        grains = ", ".join(known for of, known in ROWS if of == subject)
        raise Problem(422, "Wrong parameter", f"query.grain: {subject} is told by {grains}, not by {grain}. {CLOCK}")
    windows = _windows(site, grain, _date(from_, "from"), _date(to, "to"))
    found = list(_told(service, site, subject, grain, windows))
    rows = [row for each in found for row in each.rows]
    if as_table:
        lines, columns = [_line(row) for row in rows], tuple(ROWS[subject, grain].model_fields)
        return table_response(lines, columns, name=f"{subject}-{grain}-{site.site}", kind=as_table)
    return ToldBody(
        site=site.site,
        subject=subject,
        grain=grain,
        simulated=site.simulated,
        smallest_cell=SMALLEST,
        windows=[WindowBody(start=w.start, end=w.end, told_at=w.told_at, settled=w.settled) for w in found],
        rows=rows,
    )


def _line(row: Row) -> _Line:
    told = dict(row)
    days = " ".join(f"{name}={n}" for name, n in told.pop("days", {}).items())
    return _Line(**told | {"held": " ".join(row.held), "days": days})


def _clock_aligned(request: Request) -> None:
    """Refuse what other questions take, with the reason: it would be passed over in silence."""
    for name in ("start", "end", "hours", "weekdays", "step", "step_s"):
        if name in request.query_params:
            raise Problem(422, "Wrong parameter", f"query.{name}: not taken here. {CLOCK} Ask with from= and to=.")


def _date(text: str, name: str) -> date:
    if not _DAY.match(text):
        raise Problem(422, "Wrong parameter", f"query.{name}: expected a date such as 2026-11-01. {CLOCK}")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem(422, "Wrong parameter", f"query.{name}: there is no day {text}") from None


def _windows(site: SiteRecord, grain: Grain, first: date, last: date) -> list[Window]:
    if last < first:
        raise Problem(422, "Wrong parameter", f"query.to: {last} lies before from, {first}")
    if last - first >= timedelta(days=MOST_DAYS):
        raise Problem(422, "Wrong parameter", f"query.from: more than {MOST_DAYS} days; ask for them in pieces")
    return windows_between(first, last, "week" if grain == "week" else "day", ZoneInfo(site.timezone))


def _told(
    service: Service, site: SiteRecord, subject: OutSubject, grain: Grain, windows: list[Window]
) -> list[Disclosed]:
    """Of the windows that may be told; each in a transaction of its own, since one may have to be worked out first."""
    now = service.clock()
    with service.engine.connect() as conn:
        first_ms = first_counted(conn, site.site)
        reports = boxes(conn, site=site.site, start=now - 60, end=now, at=now)
    if first_ms is None:
        return []
    begun = day_of(first_ms, ZoneInfo(site.timezone))
    found: list[Disclosed] = []
    for window in windows:
        if window.days[-1].first >= begun and may_be_told(window, reports, now):
            with service.engine.begin() as conn:
                documents = tell(conn, site, window, now=now)
            found += [document for key, document in documents.items() if key == (subject, grain)]
    return found
