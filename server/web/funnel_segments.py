"""Which segments get how far: their part of the visits at the entrance, where goods stand, and at the tills."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.suppression import SMALLEST
from server.funnel_report import SEGMENT_PLACES, SegmentPlace, SegmentStep
from server.web import funnel_words
from server.web.funnel_table import Cell
from server.web.view import View


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """One segment."""

    name: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class SegmentTable:
    """Places from the door to the till, as far as any segment was counted there."""

    head: list[str]
    rows: list[SegmentRow]


def segment_table(view: View, found: Sequence[SegmentStep]) -> SegmentTable | None:
    """The table; None where no segment was counted."""
    steps = {(step.segment, step.step): step for step in found}
    places = [place for place in SEGMENT_PLACES if any(step.step == place for step in found)]
    segments = [(key, segment.name or key) for key, segment in view.site.document.segments.items()]
    rows = [
        SegmentRow(name, [_cell(view, steps.get((key, place))) for place in places])
        for key, name in segments
        if any((key, place) in steps for place in places)
    ]
    return SegmentTable([_place(view, place) for place in places], rows) if rows else None


def _place(view: View, place: SegmentPlace) -> str:
    text = view.words.gettext
    return {"entrance": text("At the entrance"), "category": text("Where goods stand"), "queue": text("At the tills")}[
        place
    ]


def _cell(view: View, step: SegmentStep | None) -> Cell:
    words = view.words
    if step is None:
        return Cell("–")
    if step.share is None:
        return Cell(words.gettext("held back, fewer than %(n)s") % {"n": SMALLEST})
    return Cell(funnel_words.percent(words, step.share.value), funnel_words.interval(words, step.share))
