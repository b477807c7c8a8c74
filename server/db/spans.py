"""Seconds as asked for, milliseconds as stored, and the whole hours between two instants."""

from typing import NamedTuple

HOUR_MS = 3_600_000


def to_ms(t: float) -> int:
    """Seconds since 1970 UTC to whole milliseconds."""
    return round(t * 1000)


class Span(NamedTuple):
    """[start, end) cut into whole UTC hours, which the roll-up answers, and the rest, which windows answer."""

    head: tuple[int, int]
    hours: tuple[int, int]
    tail: tuple[int, int]


def cut(start: float, end: float) -> Span:
    """Cut [start, end), in seconds, at the whole hours. Parts may be empty; all are in milliseconds."""
    first, last = to_ms(start), max(to_ms(start), to_ms(end))
    up, down = -(-first // HOUR_MS) * HOUR_MS, last // HOUR_MS * HOUR_MS
    if up >= down:
        return Span((first, last), (last, last), (last, last))
    return Span((first, up), (up, down), (down, last))
