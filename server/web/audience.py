"""Who comes? The segments in words, who of them is there now, and which share of the visits they make."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import HTMLResponse

from contract.segments import Segment
from server.control_room import OnScreen
from server.domain.campaigns import Crowd
from server.domain.drift import Drift
from server.segment_watch import segment_drifts, yesterday
from server.web import parts, segment_shares, segment_words
from server.web import period as periods
from server.web.language import Words
from server.web.parts import Export, Picker
from server.web.reason_words import band_words
from server.web.segment_panel import Pair, SegmentPanel, pair, segment_panel
from server.web.segment_shares import SegmentShares
from server.web.trait_tables import TraitTable, trait_tables
from server.web.view import Page, View

router = APIRouter()


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """One segment of the list."""

    key: str
    name: str
    href: str
    selected: bool
    explained: str
    sensitive: bool
    now: list[tuple[str, str]]
    """(screen, band)."""
    share: str
    interval: str
    course: Markup
    drift: str
    drifted: bool


@dataclass(frozen=True, slots=True)
class AudiencePage:
    """Everything the template shows."""

    question: str
    answer: Markup
    meta: str
    periods: Picker
    exports: list[Export]
    rows: list[SegmentRow]
    panel: SegmentPanel | None
    pair: Pair | None
    traits: list[TraitTable]
    """Shown while nothing is chosen."""


@router.get("/audience", response_class=HTMLResponse)
def audience(view: Page, request: Request) -> HTMLResponse:
    """The page."""
    on: dict[str, OnScreen] = request.app.state.director.now(view.site.site)
    return view.render("audience.html", page=_page(view, {screen: each.crowd for screen, each in on.items()}))


def _page(view: View, crowds: Mapping[str, Crowd]) -> AudiencePage:
    segments, shares = view.site.document.segments, segment_shares.read_shares(view)
    drifts = segment_drifts(view.conn, view.site.document, yesterday(view.site.document, view.at))
    chosen, other = view.param("segment"), view.param("with")
    both = chosen in segments and other in segments and chosen != other
    return AudiencePage(
        question=view.words.gettext("Who comes, and where do they go?"),
        answer=_answer(view, shares, drifts),
        meta=_meta(view),
        periods=parts.span_picker(view),
        exports=[parts.table(view, view.words.gettext("Audience"), "audience")],
        rows=[_row(view, key, crowds, shares.get(key), drifts.get(key)) for key in segments],
        panel=segment_panel(view, chosen, shares) if chosen is not None and chosen in segments and not both else None,
        pair=pair(view, (chosen or "", other or ""), shares) if both else None,
        traits=[] if chosen in segments else trait_tables(view),
    )


def _answer(view: View, shares: Mapping[str, SegmentShares], drifts: Mapping[str, Drift]) -> Markup:
    words, segments = view.words, view.site.document.segments
    told = {key: share for key, found in shares.items() if (share := found.share) is not None}
    if not segments:
        return Markup(words.gettext("This store does not tell its audience apart."))  # noqa: S704 - our own text
    if not told:
        text = words.gettext("<b>Not enough data</b> in this time: no segment has a count large enough to be told.")
        return Markup(text)  # noqa: S704 - our own text
    most = max(told, key=lambda key: told[key].value)
    text = words.gettext("<b>%(name)s: %(share)s</b> of the visits, the largest of %(n)s segments.")
    named = {"name": segment_words.name(segments[most], most), "share": words.percent(told[most].value)}
    said = Markup(text) % (named | {"n": words.number(len(segments))})  # noqa: S704 - our own text
    off = [key for key, drift in drifts.items() if drift.clear]
    return said + " " + _off(view, off[0], drifts[off[0]]) if off else said


def _off(view: View, key: str, drift: Drift) -> Markup:
    words = view.words
    text = words.gettext("<b>%(name)s</b>: %(share)s yesterday, usual is %(usual)s.")
    name = segment_words.name(view.site.document.segments[key], key)
    numbers = {"share": words.percent(drift.share), "usual": words.percent(drift.usual)}
    return Markup(text) % ({"name": name} | numbers)  # noqa: S704 - our own text


def _meta(view: View) -> str:
    words = view.words
    span = words.sentence(periods.span(view.period, words))
    basis = words.gettext("shares of visits; segments overlap; counts under 5 stay in the box")
    return f"{span}, {basis}."


def _row(
    view: View, key: str, crowds: Mapping[str, Crowd], found: SegmentShares | None, drift: Drift | None
) -> SegmentRow:
    words, segment = view.words, view.site.document.segments[key]
    chosen = view.param("segment") == key
    whole, name = found.whole if found else None, segment_words.name(segment, key)
    return SegmentRow(
        key=key,
        name=name,
        href=view.link(segment=None if chosen else key, **{"with": None}),
        selected=chosen or view.param("with") == key,
        explained=segment_words.explain(segment, view.site.document, words),
        sensitive=segment.sensitive,
        now=_now(view, key, segment, crowds),
        share=segment_shares.written(whole, words),
        interval=segment_shares.interval(whole, words),
        course=segment_shares.course(found, name) if found else Markup(""),
        drift=_drift(words, drift),
        drifted=bool(drift and drift.clear),
    )


def _now(view: View, key: str, segment: Segment, crowds: Mapping[str, Crowd]) -> list[tuple[str, str]]:
    """Of those before each screen; a box tells only bands, and nothing of segments that it cannot know."""
    if not segment.when.of_people:
        return []
    site = view.site.document
    return [
        (site.screen_name(screen), band_words(crowd.now.get(key, "few"), view.words))
        for screen, crowd in crowds.items()
        if crowd.known and screen in site.screens
    ]


def _drift(words: Words, drift: Drift | None) -> str:
    """Yesterday against the usual, where it can be judged."""
    if drift is None:
        return words.gettext("no usual yet")
    if not drift.clear:
        return words.gettext("as usual")
    numbers = {"share": words.percent(drift.share), "usual": words.percent(drift.usual)}
    return words.gettext("%(share)s yesterday, usual %(usual)s") % numbers
