"""Footfall: crossings of the entrance lines."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select

from server.db.spans import HOUR_MS, cut
from server.db.tables import hour_lines, window_lines, windows


@dataclass(frozen=True, slots=True)
class HourCount:
    """Crossings of some lines within one UTC hour."""

    hour_start: float
    """Seconds UTC, a whole hour."""
    entered: int
    left: int
    observed_s: float
    """Seconds the lines were watched, the mean over the lines asked for; at most 3600."""


@dataclass(frozen=True, slots=True)
class LineTotal:
    """Crossings of one line over a period."""

    entered: int
    left: int
    observed_s: float
    """Seconds the line was watched by the camera that watched it longest."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What one camera counted at one line within one hour or a piece of it."""

    hour_ms: int
    line: str
    camera: str
    entered: int
    left: int
    observed_s: float


def entries_by_hour(conn: Connection, *, site: str, lines: Sequence[str], start: float, end: float) -> list[HourCount]:
    """Crossings per UTC hour over [start, end) seconds, of `lines` together; hours without any window are left out."""
    by_hour: defaultdict[int, list[_Part]] = defaultdict(list)
    for part in _parts(conn, site, lines, start, end):
        by_hour[part.hour_ms].append(part)
    return [
        HourCount(hour_ms / 1000, *_count(parts), sum(_observed(parts).values()) / len(lines))
        for hour_ms, parts in sorted(by_hour.items())
    ]


def line_totals(conn: Connection, *, site: str, lines: Sequence[str], start: float, end: float) -> dict[str, LineTotal]:
    """Crossings over [start, end) seconds by line; a line that no window carried is left out."""
    by_line: defaultdict[str, list[_Part]] = defaultdict(list)
    for part in _parts(conn, site, lines, start, end):
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


def _parts(conn: Connection, site: str, lines: Sequence[str], start: float, end: float) -> list[_Part]:
    if not lines:
        return []
    span, h = cut(start, end), hour_lines.c
    whole = select(h.hour_ms, h.line, h.camera, h.entered, h.left, h.observed_s).where(
        h.site == site, h.hour_ms >= span.hours[0], h.hour_ms < span.hours[1], h.line.in_(lines)
    )
    rows = [
        *conn.execute(whole),
        *_from_windows(conn, site, lines, span.head),
        *_from_windows(conn, site, lines, span.tail),
    ]
    return [_Part(int(hour), line, camera, int(i), int(o), float(s)) for hour, line, camera, i, o, s in rows]


def _from_windows(
    conn: Connection, site: str, lines: Sequence[str], ms: tuple[int, int]
) -> Sequence[Row[*tuple[Any, ...]]]:
    if ms[0] >= ms[1]:
        return []
    w, c = windows.c, window_lines.c
    hour = (w.t_start_ms // HOUR_MS * HOUR_MS).label("hour_ms")
    query = (
        select(hour, c.line, w.camera, func.sum(c.entered), func.sum(c.left), func.sum(w.observed_s))
        .join_from(window_lines, windows)
        .where(w.site == site, w.t_start_ms >= ms[0], w.t_start_ms < ms[1], c.line.in_(lines))
        .group_by(hour, c.line, w.camera)
    )
    return conn.execute(query).all()
