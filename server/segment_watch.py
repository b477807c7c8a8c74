"""Whether the audience drifts: yesterday's share of each segment against the same weekday of the weeks before."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from contract.site import Site
from server.db.segment_shares import Counted, segment_days
from server.domain.alarms import Condition, Key
from server.domain.drift import Drift, Visits, drifts

WEEKS = 12
"""That are looked back."""
LOOK_AGAIN_S = 3600.0
"""Cells come late, but not by the second."""


class SegmentWatch:
    """Remembers what it found, because a day that is over changes little."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[float, list[Condition]]] = {}

    def conditions(self, conn: Connection, site: Site, now: float) -> list[Condition]:
        """Segments that are clearly off, at `now` seconds UTC."""
        if not site.segments:
            return []
        looked, found = self._found.get(site.site, (float("-inf"), []))
        if not looked <= now < looked + LOOK_AGAIN_S:
            found = [
                Condition(Key("segment_drift", segment), drift.share, drift.usual)
                for segment, drift in segment_drifts(conn, site, yesterday(site, now)).items()
                if drift.clear
            ]
            self._found[site.site] = (now, found)
        return found


def yesterday(site: Site, now: float) -> date:
    """The site's last whole day at `now` seconds UTC."""
    return datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(site.timezone)).date() - timedelta(days=1)


def segment_drifts(conn: Connection, site: Site, day: date) -> dict[str, Drift]:
    """Every segment's share on one of the site's days against the weeks before; those that cannot be judged are out."""
    zone, digests = ZoneInfo(site.timezone), {key: segment.digest for key, segment in site.segments.items()}
    weeks = [day - timedelta(weeks=i) for i in range(WEEKS + 1)]
    start, end = (datetime.combine(at, time(), zone).timestamp() for at in (weeks[-1], day + timedelta(days=1)))
    days = segment_days(conn, site=site.site, segments=digests, start=start, end=end)
    return drifts(
        {
            segment: (_visits(of_day.get(day, Counted())), [_visits(of_day.get(at, Counted())) for at in weeks[1:]])
            for segment, of_day in days.items()
        }
    )


def _visits(counted: Counted) -> Visits:
    return Visits(counted.n, counted.of)
