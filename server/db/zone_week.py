"""How many come into zones in a mean week, by weekday and hour of the store's clock."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, func, select

from server.db.local_time import day_start
from server.db.rollup_tables import HOURS
from server.db.spans import timezone_of

Floats = npt.NDArray[np.float64]


def zone_weeks(conn: Connection, *, site: str, zones: Collection[str], until: date, weeks: int) -> dict[str, Floats]:
    """Entries (7, 24) of each zone, Monday first, mean of the whole weeks before `until`."""
    zone = timezone_of(conn, site)
    start, end = (day_start(day, zone) for day in (until - timedelta(weeks=weeks), until))
    z = HOURS.zones
    query = select(z.c.zone, z.c.hour_ms, func.sum(z.c.entries)).where(
        z.c.site == site, z.c.zone.in_(zones), z.c.hour_ms >= start, z.c.hour_ms < end
    )
    found = {each: np.zeros((7, 24)) for each in zones}
    for each, hour_ms, entries in conn.execute(query.group_by(z.c.zone, z.c.hour_ms)):
        local = datetime.fromtimestamp(hour_ms / 1000, UTC).astimezone(zone)
        found[each][local.weekday(), local.hour] += float(entries) / weeks
    return found
