"""The parameters every question shares: which site, and from when to when."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Path, Query
from pydantic import BaseModel, BeforeValidator, Field

from contract.ids import Id
from server.api.problems import Problem
from server.db.local_time import WEEKDAYS, Hours, read_hours
from server.db.sites import SiteRecord, get_site
from server.session import Db, Running

LONGEST = timedelta(days=400)

SiteId = Annotated[Id, Path(description="the site's id", examples=["demo"])]


def found_site(site: SiteId, db: Db) -> SiteRecord:
    """The site of the path.

    Raises:
        Problem: 404.
    """
    record = get_site(db, site)
    if record is None:
        raise Problem(404, "Not found", f"There is no site {site!r}; GET /api/v1/sites lists them.")
    return record


Site = Annotated[SiteRecord, Depends(found_site)]


def _iso(value: object) -> object:
    """Refuse what is no date: a bare number would pass as seconds since 1970, a far year overflows."""
    if isinstance(value, str) and not re.match(r"20\d\d-\d\d-\d\d", value):
        raise ValueError("expected ISO 8601 between 2000 and 2099, such as 2026-11-22T09:00:00+01:00")
    return value


Instant = Annotated[datetime, BeforeValidator(_iso)]


@dataclass(frozen=True, slots=True)
class Period:
    """[start, end) in seconds UTC."""

    start: float
    end: float


class PeriodBody(BaseModel):
    """The period an answer is about."""

    start: datetime = Field(description="first instant, local time", examples=["2026-11-22T00:00:00+01:00"])
    end: datetime = Field(description="first instant after it", examples=["2026-11-23T00:00:00+01:00"])
    hours: list[int] | None = Field(default=None, description="only these hours of the day, local time; null: all")
    weekdays: list[str] | None = Field(default=None, description="only these weekdays; null: all")


def asked_period(
    site: Site,
    service: Running,
    start: Annotated[
        Instant | None,
        Query(
            description="ISO 8601; without an offset it is the site's local time. Default: today's midnight there.",
            examples=["2026-11-22T09:00:00+01:00"],
        ),
    ] = None,
    end: Annotated[Instant | None, Query(description="ISO 8601, exclusive. Default: now.")] = None,
) -> Period:
    """The period asked for.

    Raises:
        Problem: 422, the period is empty or too long.
    """
    zone = ZoneInfo(site.timezone)
    now = datetime.fromtimestamp(service.clock(), zone)
    first = _aware(start, zone) or now.replace(hour=0, minute=0, second=0, microsecond=0)
    last = _aware(end, zone) or now
    if first.astimezone(UTC) >= last.astimezone(UTC):
        raise Problem(422, "Wrong parameter", f"query.end: {last.isoformat()} is not after start {first.isoformat()}")
    if last - first > LONGEST:
        raise Problem(422, "Wrong parameter", f"query.start: the period is longer than {LONGEST.days} days")
    return Period(first.timestamp(), last.timestamp())


Asked = Annotated[Period, Depends(asked_period)]


def asked_hours(
    hours: Annotated[
        str | None,
        Query(
            max_length=100,
            description="only these hours of the day, local time: `9-12,17` is 9:00 to 13:00 and 17:00 to 18:00",
        ),
    ] = None,
    weekdays: Annotated[str | None, Query(max_length=100, description="only these weekdays: `mon-fri,sun`")] = None,
) -> Hours | None:
    """The choice of hours and weekdays asked for.

    Raises:
        Problem: 422, it is none.
    """
    try:
        return read_hours(hours, weekdays)
    except ValueError as error:
        raise Problem(422, "Wrong parameter", f"query.hours or query.weekdays: {error}") from None


AskedHours = Annotated[Hours | None, Depends(asked_hours)]


def _aware(t: datetime | None, zone: ZoneInfo) -> datetime | None:
    if t is None or t.tzinfo is not None:
        return t
    return t.replace(tzinfo=zone)


def local(t: float, site: SiteRecord) -> datetime:
    """An instant in the site's time zone."""
    return datetime.fromtimestamp(t, ZoneInfo(site.timezone))


def period_body(period: Period, site: SiteRecord, hours: Hours | None = None) -> PeriodBody:
    """The period as answers carry it."""
    return PeriodBody(
        start=local(period.start, site),
        end=local(period.end, site),
        hours=sorted(hours.hours_of_day) if hours else None,
        weekdays=[WEEKDAYS[i] for i in sorted(hours.weekdays)] if hours else None,
    )
