"""Segments of the audience: visits by day, in tens, for segments lie inside each other in ways nobody looks through."""

from contract.disclosed import SegmentRow
from server.db.segment_shares import Counted, segment_days
from server.disclosure.floor import FloorDay
from server.disclosure.question import Question, row
from server.domain.suppression import in_tens, tells_nobody


def by_day(asked: Question, floor: FloorDay) -> list[SegmentRow]:
    """Segments as they are defined now, of which boxes let counts go on this day."""
    digests = {key: segment.digest for key, segment in asked.site.segments.items()}
    start, end = asked.day.start, asked.day.end
    found = segment_days(asked.conn, site=asked.site.site, segments=digests, start=start, end=end)
    return [
        _row(asked, key, digests[key], days[asked.day.first], few=floor.few)
        for key, days in found.items()
        if asked.day.first in days
    ]


def _row(asked: Question, segment: str, digest: str, counted: Counted, *, few: bool) -> SegmentRow:
    draws = asked.draws("segment", segment, digest)
    visits, of = in_tens(counted.n, draws), in_tens(counted.of, draws)
    told = visits is not None and of is not None and tells_nobody(visits, of) and tells_nobody(counted.n, counted.of)
    figures = {"visits": visits or 0, "of_visits": of or 0}
    held = set() if told and not few else set(figures)
    return row(SegmentRow, asked.day, asked.day.start, figures, held, segment=segment, digest=digest)
