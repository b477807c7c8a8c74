"""The staff that the next 14 days take, hour by hour, and as a calendar."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import groupby

from sqlalchemy import Connection

from contract.site import Site
from server.db import forecasts
from server.db.footfall import line_totals
from server.db.forecasts import ENTRANTS
from server.db.sites import entrance_lines
from server.db.zones import zone_totals
from server.domain.staffing import Norms, Staff, needed

MEASURED = timedelta(days=28)
"""How far back who queues is looked for."""


@dataclass(frozen=True, slots=True)
class StaffHour:
    """One hour: who is expected, and what it takes at the middle and at the high of 80 %."""

    start: datetime
    expected: float
    high: float
    usual: Staff
    busy: Staff


def queueing_share(conn: Connection, site: Site, *, now: float) -> float | None:
    """People who came into a queue zone over people who came in, over MEASURED; None where one is not counted."""
    start = now - MEASURED.total_seconds()
    queues = [key for key, zone in site.zones.items() if zone.kind == "queue"]
    totals = line_totals(conn, site=site.site, lines=entrance_lines(site), start=start, end=now)
    came = sum(line.entered for line in totals.values())
    zones = zone_totals(conn, site=site.site, start=start, end=now)
    queued = sum(zones[key].entries for key in queues if key in zones)
    return queued / came if came and queues else None


def staff_plan(conn: Connection, site: Site, norms: Norms, *, timezone: tzinfo) -> list[StaffHour]:
    """Hours of the newest forecast in which somebody is expected; empty where there is no forecast."""
    made = forecasts.newest(conn, site.site, ENTRANTS)
    if made is None:
        return []
    hours = zip(made.hour_ms, made.hours.tolist(), strict=True)
    plan = [
        StaffHour(
            start=datetime.fromtimestamp(t_ms / 1000, UTC).astimezone(timezone),
            expected=cells[0],
            high=cells[2],
            usual=needed(cells[0], norms),
            busy=needed(cells[2], norms),
        )
        for t_ms, cells in hours
    ]
    return [hour for hour in plan if hour.usual != Staff(0, 0)]


def calendar(plan: Sequence[StaffHour], *, site: str, name: str, made: datetime) -> str:
    """The plan as iCalendar (RFC 5545): one event for hours in a row that take the same staff."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Vitrina//Staff//EN"]
    for hours in _runs(plan):
        first, last = hours[0], hours[-1]
        staff = first.usual
        lines += [
            "BEGIN:VEVENT",
            f"UID:staff-{site}-{_utc(first.start)}@vitrina",
            f"DTSTAMP:{_utc(made)}",
            f"DTSTART:{_utc(first.start)}",
            f"DTEND:{_utc(last.start + timedelta(hours=1))}",
            f"SUMMARY:{staff.floor + staff.tills} staff: {staff.floor} on the floor\\, {staff.tills} at tills",
            f"LOCATION:{_text(name)}",
            "END:VEVENT",
        ]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def _runs(plan: Sequence[StaffHour]) -> Iterator[list[StaffHour]]:
    """Hours of one day in a row with the same staff."""
    numbered = list(enumerate(plan))
    for _, run in groupby(numbered, lambda pair: (pair[1].usual, pair[1].start.timestamp() - 3600 * pair[0])):
        yield [hour for _, hour in run]


def _utc(t: datetime) -> str:
    return t.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    return value.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;").replace("\n", " ")
