"""What is known of a loyalty programme: its newest period, its cohorts, whom it reaches when, and its answers."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from math import nan

from sqlalchemy import Connection

from contract.loyalty import Affinity, ProgrammePeriod
from contract.site import Site
from server.db import affinities, programme, sales, surveys
from server.db.sales import WHOLE_STORE
from server.db.zone_week import zone_weeks
from server.domain import nps
from server.domain.likes import Liking, Reached, reached
from server.domain.nps import Answers
from server.domain.programme import Cohort, CohortMonth, Figures, Sums, cohorts, figures

EVERYONE = "all"
PERIODS_MOST = 26
WEEKS = 4
"""Of the mean week that is reached."""
SURVEY_DAYS = 91


@dataclass(frozen=True, slots=True)
class Period:
    """One period of one segment, and its ratios."""

    start: date
    end: date
    segment: str
    sums: Sums
    figures: Figures


@dataclass(frozen=True, slots=True)
class Question:
    """A survey's question, and its answers of the last quarter."""

    survey: str
    question: str
    name: str
    answers: Answers
    score: nps.Score | None
    """None where it is no NPS question."""


def periods(conn: Connection, site: str) -> list[Period]:
    """Of all members, those as long as the newest, the newest last."""
    told = programme.periods(conn, site, EVERYONE)
    if not told:
        return []
    newest = max(told, key=lambda each: (each.end, -_days(each)))
    alike = [each for each in told if _alike(each, newest)]
    return [_period(each) for each in alike[-PERIODS_MOST:]]


def segments(conn: Connection, site: str, newest: Period) -> list[Period]:
    """Every segment in the newest period, all members first."""
    told = programme.periods(conn, site)
    same = [each for each in told if (each.start, each.end) == (newest.start, newest.end)]
    return [_period(each) for each in sorted(same, key=lambda each: (each.segment != EVERYONE, each.segment))]


def known_cohorts(conn: Connection, site: str) -> list[Cohort]:
    """The newest first."""
    return cohorts(
        CohortMonth(
            each.joined, each.month, each.members, each.active, None if each.margin is None else float(each.margin)
        )
        for each in programme.cohorts(conn, site)
    )


def whom_we_reach(conn: Connection, site: Site, *, today: date) -> list[Reached]:
    """Likings above the usual, and the screens that those who have them pass."""
    zones = {key: screen.zone for key, screen in site.screens.items() if screen.zone}
    weeks = zone_weeks(conn, site=site.site, zones=set(zones.values()), until=today, weeks=WEEKS)
    passing = {screen: weeks[zone] for screen, zone in zones.items()}
    return reached(
        map(_liking, affinities.list_affinities(conn, site.site)), passing, _card_share(conn, site.site, today)
    )


def answers(conn: Connection, site: str, *, today: date) -> list[Question]:
    """Every question asked in the last quarter."""
    counted: defaultdict[tuple[str, str, str, bool], defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for each in surveys.counts(conn, site, today - timedelta(days=SURVEY_DAYS), today):
        counted[each.survey, each.question, each.name, each.nps][each.answer] += each.n
    return [
        Question(survey, question, name, dict(found), nps.score(found) if is_nps else None)
        for (survey, question, name, is_nps), found in counted.items()
    ]


def _card_share(conn: Connection, site: str, today: date) -> float | None:
    days = sales.by_day(conn, site, today - timedelta(weeks=WEEKS), today - timedelta(days=1))
    whole = [each.sums for each in days if each.category == WHOLE_STORE]
    receipts = sum(each.receipts for each in whole)
    return sum(each.card_receipts for each in whole) / receipts if receipts else None


def _liking(told: Affinity) -> Liking:
    hours = (told.from_hour, told.to_hour)
    return Liking(told.segment, told.category, tuple(told.weekdays), hours, told.share, told.receipts)


def _days(of: ProgrammePeriod) -> int:
    return (of.end - of.start).days + 1


def _alike(one: ProgrammePeriod, other: ProgrammePeriod) -> bool:
    """Months differ in length by three days at most, weeks and quarters are told apart from them by far."""
    return abs(_days(one) - _days(other)) <= 3 * (_days(other) > 14)


def _period(told: ProgrammePeriod) -> Period:
    sums = Sums(
        days=_days(told),
        members=told.members,
        active=told.active,
        joined=told.joined,
        returned=told.returned,
        lapsed=told.lapsed,
        card_receipts=told.card_receipts,
        receipts=told.receipts,
        card_gross=float(told.card_gross),
        gross=float(told.gross),
        card_margin=nan if told.card_margin is None else float(told.card_margin),
        points_issued=told.points_issued,
        points_redeemed=told.points_redeemed,
        rewards_issued=told.rewards_issued,
        rewards_redeemed=told.rewards_redeemed,
        cost=float(told.cost),
    )
    return Period(told.start, told.end, told.segment, sums, figures(sums))
