"""How many are inside: now, from the live messages, and over time, from the windows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select

from server.db.spans import HOUR_MS, to_ms
from server.db.tables import hours, live, windows


@dataclass(frozen=True, slots=True)
class CameraNow:
    """What one camera last said."""

    box: str
    camera: str
    t: float
    """Seconds UTC of the statement."""
    occupancy: int
    zones: dict[str, int]
    stale: bool
    """It has expired: the value is the last one known."""


@dataclass(frozen=True, slots=True)
class Occupancy:
    """Who is inside now, as counts. Where views overlap, a person counts in each of them."""

    total: int | None
    """Over the cameras that are up to date; over all of them when none is; None when none ever spoke."""
    zones: dict[str, int]
    t: float | None
    """Seconds UTC of the newest statement that went into it."""
    stale: bool
    """No camera is up to date: the figures are the last ones known."""
    cameras: list[CameraNow]


@dataclass(frozen=True, slots=True)
class Step:
    """Occupancy over one step of time."""

    t: float
    """Seconds UTC, start of the step."""
    mean: float | None
    """presence_s / observed_s, added over the cameras; None when nothing was observed."""
    highest: int
    """The cameras' maxima added up: at most so many were inside at once."""
    observed_s: float
    """Seconds watched by the camera that watched longest."""


def now(conn: Connection, *, site: str, at: float) -> Occupancy:
    """The newest counts at `at` seconds UTC."""
    rows = conn.execute(select(live).where(live.c.site == site).order_by(live.c.box, live.c.camera))
    cameras = [
        CameraNow(r.box, r.camera, r.t_ms / 1000, r.occupancy, dict(r.zones), r.expires_ms <= to_ms(at)) for r in rows
    ]
    used = [camera for camera in cameras if not camera.stale] or cameras
    zones: defaultdict[str, int] = defaultdict(int)
    for camera in used:
        for zone, count in camera.zones.items():
            zones[zone] += count
    return Occupancy(
        total=sum(camera.occupancy for camera in used) if used else None,
        zones=dict(zones),
        t=max((camera.t for camera in used), default=None),
        stale=all(camera.stale for camera in cameras),
        cameras=cameras,
    )


def occupancy(conn: Connection, *, site: str, start: float, end: float, step_s: int = 60) -> list[Step]:
    """Occupancy over [start, end) seconds in steps of `step_s`, aligned to UTC; steps without any window are left out.

    Whole hours as the step are read from the roll-up, and then cover each hour that begins within the period.
    """
    step_ms = step_s * 1000
    table, t_ms = (hours.c, hours.c.hour_ms) if step_ms % HOUR_MS == 0 else (windows.c, windows.c.t_start_ms)
    bucket = (t_ms // step_ms * step_ms).label("bucket")
    query = (
        select(bucket, func.sum(table.presence_s), func.sum(table.observed_s), func.max(table.occupancy_max))
        .where(table.site == site, t_ms >= to_ms(start), t_ms < to_ms(end))
        .group_by(bucket, table.camera)
        .order_by(bucket)
    )
    by_step: defaultdict[int, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    for row in conn.execute(query):
        by_step[int(row[0])].append(row)
    return [_step(ms / 1000, rows) for ms, rows in by_step.items()]


def _step(t: float, rows: Sequence[Row[*tuple[Any, ...]]]) -> Step:
    means = [float(presence_s) / float(observed_s) for _, presence_s, observed_s, _ in rows if observed_s > 0]
    return Step(
        t=t,
        mean=sum(means) if means else None,
        highest=sum(int(row[3]) for row in rows),
        observed_s=max(float(row[2]) for row in rows),
    )
