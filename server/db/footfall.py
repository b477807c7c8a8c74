"""Footfall: crossings of the entrance lines."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, literal, select

from server.db.local_time import Hours, Step, step_start
from server.db.spans import begins_within, cut, timezone_of
from server.db.tables import window_lines, windows


@dataclass(frozen=True, slots=True)
class HourCount:
    """Crossings of some lines within one of the site's hours."""

    hour_start: float
    """Seconds UTC: a full hour by the site's clock."""
    entered: int
    left: int
    observed_s: float
    """Seconds the lines were watched, the mean over the lines asked for; at most 3600."""


@dataclass(frozen=True, slots=True)
class StepCount:
    """Crossings of some lines within one hour, day, week or month of the site."""

    start: float
    """Seconds UTC, its first instant, which may lie before the period asked for."""
    entered: int
    left: int
    observed_s: float
    """Seconds the lines were watched, the mean over the lines asked for."""


@dataclass(frozen=True, slots=True)
class LineTotal:
    """Crossings of one line over a period."""

    entered: int
    left: int
    observed_s: float
    """Seconds the line was watched by the camera that watched it longest."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What one camera counted at one line within one day, hour or piece of an hour."""

    t_ms: int
    line: str
    camera: str
    entered: int
    left: int
    observed_s: float


def entries_by_hour(conn: Connection, *, site: str, lines: Sequence[str], start: float, end: float) -> list[HourCount]:
    """Crossings per hour over [start, end) seconds, of `lines` together; hours without any window are left out."""
    counts = entries_by_step(conn, site=site, lines=lines, start=start, end=end, step="hour")
    return [HourCount(c.start, c.entered, c.left, c.observed_s) for c in counts]


def entries_by_step(
    conn: Connection,
    *,
    site: str,
    lines: Sequence[str],
    start: float,
    end: float,
    step: Step,
    hours: Hours | None = None,
) -> list[StepCount]:
    """Crossings per step over [start, end) seconds, of `lines` together; steps without any window are left out.

    Steps are the site's own: a day from midnight to midnight, a week from Monday, a month from the first. The first
    and the last count only what lies within the period.
    """
    timezone = timezone_of(conn, site)
    # With a choice of hours, even of all, nothing is answered from days.
    chosen = hours or (Hours() if step == "hour" else None)
    by_step: defaultdict[int, list[_Part]] = defaultdict(list)
    for part in _parts(conn, site=site, lines=lines, start=start, end=end, hours=chosen):
        by_step[step_start(part.t_ms, step, timezone)].append(part)
    return [
        StepCount(t_ms / 1000, *_count(parts), sum(_observed(parts).values()) / len(lines))
        for t_ms, parts in sorted(by_step.items())
    ]


def line_totals(
    conn: Connection, *, site: str, lines: Sequence[str], start: float, end: float, hours: Hours | None = None
) -> dict[str, LineTotal]:
    """Crossings over [start, end) seconds by line; a line that no window carried is left out."""
    by_line: defaultdict[str, list[_Part]] = defaultdict(list)
    for part in _parts(conn, site=site, lines=lines, start=start, end=end, hours=hours):
        by_line[part.line].append(part)
    return {line: LineTotal(*_count(parts), _observed(parts)[line]) for line, parts in by_line.items()}


def _count(parts: Iterable[_Part]) -> tuple[int, int]:
    return sum(part.entered for part in parts), sum(part.left for part in parts)


def _observed(parts: Iterable[_Part]) -> dict[str, float]:
    """Seconds by line, of the camera that watched it longest: two cameras at one door do not make two hours."""
    watched: defaultdict[tuple[str, str], float] = defaultdict(float)
    for part in parts:
        watched[part.line, part.camera] += part.observed_s
    longest: dict[str, float] = {}
    for (line, _), seconds in watched.items():
        longest[line] = max(seconds, longest.get(line, 0.0))
    return longest


def _parts(
    conn: Connection, *, site: str, lines: Sequence[str], start: float, end: float, hours: Hours | None
) -> list[_Part]:
    if not lines:
        return []
    span = cut(conn, site=site, start=start, end=end, hours=hours)
    queries: list[Select[*tuple[Any, ...]]] = []
    for level, starts in span.levels():
        c = level.lines.c
        columns = (c[level.start], c.line, c.camera, c.entered, c.left, c.observed_s)
        queries.append(select(*columns).where(level.within(level.lines, site, starts), c.line.in_(lines)))
    queries += [_from_windows(site, lines, part) for part in span.windows]
    rows = (row for query in queries for row in conn.execute(query))
    return [_Part(int(t_ms), line, camera, int(i), int(o), float(s)) for t_ms, line, camera, i, o, s in rows]


def _from_windows(site: str, lines: Sequence[str], part: tuple[int, int]) -> Select[*tuple[Any, ...]]:
    w, c = windows.c, window_lines.c
    sums = (func.sum(c.entered), func.sum(c.left), func.sum(w.observed_s))
    return (
        select(literal(part[0]), c.line, w.camera, *sums)
        .join_from(window_lines, windows)
        .where(begins_within(site, part), c.line.in_(lines))
        .group_by(c.line, w.camera)
    )
