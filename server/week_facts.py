"""What one week of a store came to: the facts of its weekly report."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from sqlalchemy import Connection

from server import programme_report
from server.advice.standing import Standing, standings
from server.db import forecasts
from server.db.changes import ChangeRecord, list_changes
from server.db.forecasts import ENTRANTS, Made
from server.db.news import News, bulletin
from server.db.sites import SiteRecord
from server.domain.takings import Takings, takings
from server.funnel_report import FunnelReport, funnel_report
from server.programme_report import Period

WEEK = timedelta(days=7)
ADVICE_MOST = 3
SEED = 7
"""The same week gets the same intervals."""


@dataclass(frozen=True, slots=True)
class WeekFacts:
    """The week from a Monday on, and the one before; nan where it was not measured."""

    site: SiteRecord
    monday: date
    now: FunnelReport
    before: FunnelReport
    moved: Takings | None
    news: Sequence[News]
    advice: Sequence[Standing]
    """What is best to do now, a few."""
    concluded: Sequence[ChangeRecord]
    """Tests that ended in the week."""
    programme: Period | None
    ahead: Made | None
    """The newest forecast of who comes."""


def last_week(now: datetime) -> date:
    """The Monday of the last whole week, by a local instant."""
    return now.date() - timedelta(days=now.weekday()) - WEEK


def week_facts(conn: Connection, site: SiteRecord, monday: date) -> WeekFacts:
    """What is known of the week from `monday` on."""
    sunday = monday + timedelta(days=6)
    now = funnel_report(conn, site.document, first=monday, last=sunday)
    before = funnel_report(conn, site.document, first=monday - WEEK, last=sunday - WEEK)
    found = bulletin(conn, site.site)
    told = programme_report.periods(conn, site.site)
    return WeekFacts(
        site=site,
        monday=monday,
        now=now,
        before=before,
        moved=takings(now.days, before.days, rng=np.random.default_rng(SEED)),
        news=found.news if found else (),
        advice=[each for each in standings(conn, site.site) if each.state == "open"][:ADVICE_MOST],
        concluded=[
            change for change in list_changes(conn, site.site, "done") if monday <= change.document.after.last <= sunday
        ],
        programme=told[-1] if told else None,
        ahead=forecasts.newest(conn, site.site, ENTRANTS),
    )
