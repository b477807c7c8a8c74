"""How far a campaign reaches: on how many screens, for how many hours, in how many ten-minute slots."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from contract.segments import WEEKDAYS
from contract.site import Site
from server.campaign_document import CampaignDocument, screens_of

SLOTS_PER_HOUR = 6


@dataclass(frozen=True, slots=True)
class Reach:
    """`hours`: in which it may be on, per screen; `plays_most`: as many as fit, None without a creative."""

    screens: int
    hours: float
    slots: int
    """Ten-minute slots, over all screens."""
    plays_most: float | None


def reach(document: CampaignDocument, site: Site, *, seconds: float | None) -> Reach:
    """Over all flights; `seconds` is how long its shortest creative plays."""
    n = len(screens_of(document, site))
    hours = _hours(document, ZoneInfo(site.timezone))
    plays = None
    if seconds is not None:
        per_hour = min(3600 / seconds, document.plays_per_hour or float("inf"))
        plays = n * hours * per_hour * (document.share_of_voice or 1.0) * (1 - document.arms.nothing)
    return Reach(n, hours, round(n * hours * SLOTS_PER_HOUR), plays)


def _days(document: CampaignDocument) -> list[date]:
    """Every day of any flight, once."""
    spans = ((flight.first, (flight.last - flight.first).days + 1) for flight in document.flights)
    return sorted({first + timedelta(days=i) for first, n in spans for i in range(n)})


def _hours(document: CampaignDocument, zone: ZoneInfo) -> float:
    """Hours in which it may be on; without dayparts, days on which the clock changes have 23 or 25."""
    days = _days(document)
    if document.dayparts:
        by_weekday = [_minutes_on(document, weekday) for weekday in range(7)]
        return sum(by_weekday[day.weekday()] for day in days) / 60
    return sum(_midnight(day + timedelta(days=1), zone) - _midnight(day, zone) for day in days) / 3600


def _minutes_on(document: CampaignDocument, weekday: int) -> int:
    """Minutes of a weekday's clock in which some daypart holds."""
    on: set[int] = set()
    for part in document.dayparts:
        start, end = (_minute(clock) for clock in part.hours.split("-"))
        if WEEKDAYS[weekday] in part.weekdays:
            on |= set(range(start, end if start < end else 1440))
        if WEEKDAYS[weekday - 1] in part.weekdays and end <= start:
            on |= set(range(end))
    return len(on)


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _midnight(day: date, zone: ZoneInfo) -> float:
    return datetime.combine(day, time(), zone).timestamp()
