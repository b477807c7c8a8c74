"""How many are inside: now, from the live messages, and over time, from the windows."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, literal, select

from server.db.local_time import Hours, step_start
from server.db.local_time import Step as LocalStep
from server.db.spans import Span, begins_within, cut, timezone_of, to_ms
from server.db.tables import live, windows

DAY_S = 86_400


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


@dataclass(slots=True)
class _Sum:
    """One camera over one step."""

    presence_s: float = 0.0
    observed_s: float = 0.0
    highest: int = 0

    def add(self, presence_s: float, observed_s: float, highest: int) -> None:
        self.presence_s += presence_s
        self.observed_s += observed_s
        self.highest = max(self.highest, highest)


Query = Select[*tuple[Any, ...]]
Part = Sequence[Any]
"""Instant in ms, camera, presence_s, observed_s, occupancy_max."""


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


def occupancy(
    conn: Connection, *, site: str, start: float, end: float, step_s: int = 60, hours: Hours | None = None
) -> list[Step]:
    """Occupancy over [start, end) seconds in steps of `step_s`; steps without any window are left out.

    Steps below an hour are aligned to UTC; an hour and a day, 86,400 s, are the site's own, however long.
    """
    if step_s < 3600:
        timezone, bucket = timezone_of(conn, site), windows.c.t_start_ms // (step_s * 1000) * (step_s * 1000)
        found = conn.execute(_from_windows(site, (to_ms(start), to_ms(end)), bucket))
        parts: Iterable[Part] = (row for row in found if hours is None or hours.hold(int(row[0]), timezone))
    else:
        step: LocalStep = "day" if step_s == DAY_S else "hour"
        # With a choice of hours, even of all, nothing is answered from days.
        span = cut(conn, site=site, start=start, end=end, hours=hours or (Hours() if step == "hour" else None))
        parts = _by_local_time(conn, site, span, step)
    by_step: defaultdict[int, defaultdict[str, _Sum]] = defaultdict(lambda: defaultdict(_Sum))
    for t_ms, camera, presence_s, observed_s, highest in parts:
        by_step[int(t_ms)][camera].add(presence_s, observed_s, highest)
    return [_step(ms / 1000, list(cameras.values())) for ms, cameras in sorted(by_step.items())]


def _by_local_time(conn: Connection, site: str, span: Span, step: LocalStep) -> Iterator[Part]:
    timezone = timezone_of(conn, site)
    queries = [_from_windows(site, part, literal(part[0])) for part in span.windows]
    for level, starts in span.levels():
        t = level.totals.c
        columns = (t[level.start], t.camera, t.presence_s, t.observed_s, t.occupancy_max)
        queries.append(select(*columns).where(level.within(level.totals, site, starts)))
    for query in queries:
        for t_ms, *rest in conn.execute(query):
            yield step_start(t_ms, step, timezone), *rest


def _from_windows(site: str, part: tuple[int, int], t_ms: ColumnElement[int]) -> Query:
    w, t = windows.c, t_ms.label("t_ms")
    sums = (func.sum(w.presence_s), func.sum(w.observed_s), func.max(w.occupancy_max))
    return select(t, w.camera, *sums).where(begins_within(site, part)).group_by(t, w.camera)


def _step(t: float, cameras: Sequence[_Sum]) -> Step:
    means = [camera.presence_s / camera.observed_s for camera in cameras if camera.observed_s > 0]
    return Step(
        t=t,
        mean=sum(means) if means else None,
        highest=sum(camera.highest for camera in cameras),
        observed_s=max(camera.observed_s for camera in cameras),
    )
