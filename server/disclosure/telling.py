"""What is told of a window: worked out once, all subjects of a day together, and from then on looked up.

A day's hours and the day itself come from one reading of the database. Were one worked out after late figures had
come and the other before, their difference would tell of those who came late.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection

from contract.disclosed import ROWS, Disclosed, Grain, OutSubject, Row
from server.db.boxes import boxes
from server.db.installation import seed
from server.db.published import clashes, tell_together, told
from server.db.sites import SiteRecord
from server.disclosure import experiments, exposure, forecast, funnel, segments, traffic, zones
from server.disclosure.floor import floor_day
from server.disclosure.question import Question
from server.disclosure.weeks import add_up
from server.disclosure.window import Window, complete
from server.domain.suppression import SMALLEST

Key = tuple[OutSubject, Grain]


def tell(conn: Connection, site: SiteRecord, window: Window, *, now: float) -> dict[Key, Disclosed]:
    """Everything that is told of a day or week that may be told, by subject and grain; `now` is seconds UTC.

    Nothing, where days were cut elsewhere when it was told before.
    """
    known = _known(conn, site, window)
    if known or clashes(conn, site.site, start_ms=window.start_ms, end_ms=window.end_ms):
        return known
    rows = _of_week(conn, site, window, now) if window.length == "week" else _of_day(conn, site, window)
    settled = complete(boxes(conn, site=site.site, start=window.start, end=window.end, at=now), window.end)
    told_at = datetime.fromtimestamp(now, UTC)
    documents = [_document(site, window, key, each, told_at, settled=settled) for key, each in rows.items()]
    tell_together(conn, site.site, documents)
    return _known(conn, site, window)


def keys_of(window: Window) -> list[Key]:
    """Which subjects and grains a day or a week has."""
    return [key for key in ROWS if (key[1] == "week") == (window.length == "week")]


def _known(conn: Connection, site: SiteRecord, window: Window) -> dict[Key, Disclosed]:
    at = {"first_ms": window.start_ms, "last_ms": window.start_ms + 1}
    found = {
        (subject, grain): told(conn, site=site.site, subject=subject, grain=grain, **at)
        for subject, grain in keys_of(window)
    }
    return {key: documents[0] for key, documents in found.items() if documents}


def _of_day(conn: Connection, site: SiteRecord, day: Window) -> dict[Key, Sequence[Row]]:
    asked = Question(conn, site.document, day, seed(conn))
    floor, tests = floor_day(asked), experiments.tests_of_day(asked)
    of_traffic, of_zones = traffic.by_day(asked, floor), zones.by_day(asked, floor)
    return {
        ("traffic", "hour"): traffic.by_hour(asked, floor),
        ("traffic", "day"): of_traffic,
        ("zones", "hour"): zones.by_hour(asked, floor),
        ("zones", "day"): of_zones,
        ("segments", "day"): segments.by_day(asked, floor),
        ("funnel", "day"): funnel.by_day(asked, of_traffic, of_zones),
        ("exposure", "day"): exposure.by_day(asked, floor),
        ("experiments", "slot"): experiments.by_slot(asked, tests),
        ("experiments", "day"): experiments.by_day(asked, tests, floor),
        ("forecast", "hour"): forecast.by_hour(asked),
    }


def _of_week(conn: Connection, site: SiteRecord, week: Window, now: float) -> dict[Key, Sequence[Row]]:
    days = [tell(conn, site, day, now=now) for day in week.days]
    rows = {key: [each for day in days if day for each in day[key[0], "day"].rows] for key in keys_of(week)}
    return {key: add_up(week, each) for key, each in rows.items()}


def _document(
    site: SiteRecord, window: Window, key: Key, rows: Sequence[Row], told_at: datetime, *, settled: bool
) -> Disclosed:
    subject, grain = key
    return Disclosed(
        subject=subject,
        grain=grain,
        start=window.local(window.start),
        end=window.local(window.end),
        told_at=told_at,
        settled=settled,
        simulated=site.simulated,
        smallest_cell=SMALLEST,
        rows=list(rows),
    )
