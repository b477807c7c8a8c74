"""Shares of gender and age as tables: as counted, and set right for how the networks err."""

from dataclasses import dataclass

from markupsafe import Markup

from contract.messages import Trait
from contract.segments import SMALLEST_CELL
from server.domain.traits import TraitShare
from server.trait_readings import TraitReading, read_traits
from server.web import segment_words
from server.web.figures import strokes
from server.web.language import Words
from server.web.view import View


@dataclass(frozen=True, slots=True)
class TraitRow:
    """One class."""

    name: str
    href: str
    counted: str
    share: str
    whisker: Markup


@dataclass(frozen=True, slots=True)
class TraitTable:
    """One trait. `note` says how much the figures are worth; `rows` are none where they are held back."""

    title: str
    note: str
    rows: list[TraitRow]


def trait_tables(view: View) -> list[TraitTable]:
    """Of the page's period; none where no box tells gender or age."""
    readings = read_traits(view.conn, view.site.document, smallest=SMALLEST_CELL, **view.span)
    return [_table(view, reading) for reading in readings]


def _table(view: View, reading: TraitReading) -> TraitTable:
    top = max([share.high for share in reading.shares.values()], default=1.0)
    return TraitTable(
        title=_title(reading.trait, view.words),
        note=_note(reading, view.words),
        rows=[_row(view, segment, share, top) for segment, share in reading.shares.items()],
    )


def _title(trait: Trait, words: Words) -> str:
    return words.gettext("Gender, estimated") if trait == "gender" else words.gettext("Age, estimated")


def _note(reading: TraitReading, words: Words) -> str:
    if reading.held_back == "too few":
        return words.gettext("Held back: a class has fewer than %(n)s visits in this time.") % {"n": SMALLEST_CELL}
    if reading.held_back == "boxes disagree":
        return words.gettext(
            "The boxes say differently how their networks err: their counts cannot be set right together."
        )
    known = {
        "measured": words.gettext("corrected by errors that were measured here"),
        "published": words.gettext("corrected by errors that the network's makers published"),
        "assumed": words.gettext("corrected by errors that are assumed, not measured"),
    }
    text = words.gettext("n %(n)s visits; %(known)s. Not fit for anything about one person.")
    return text % {"n": words.number(reading.n), "known": known[reading.how_known]}


def _row(view: View, segment: str, share: TraitShare, top: float) -> TraitRow:
    words = view.words
    low, high = (words.number(end * 100, 1) for end in (share.low, share.high))
    label = words.gettext("%(low)s to %(high)s %%") % {"low": low, "high": high}
    return TraitRow(
        name=segment_words.name(view.site.document.segments[segment], segment),
        href=view.link(segment=segment),
        counted=words.percent(share.counted),
        share=words.percent(share.share),
        whisker=strokes.whisker(share.low, share.share, share.high, top=top, label=label),
    )
