"""What is planned, and does anything clash?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import HTMLResponse

from server.campaign_conflicts import site_conflicts
from server.campaign_faults import Finding
from server.db.campaigns import CampaignRecord, list_campaigns
from server.db.creatives import list_creatives
from server.db.plays import count_plays
from server.web import campaign_findings, campaign_phase, campaign_words
from server.web.campaign_phase import Phase
from server.web.creative_tiles import Tile, tiles
from server.web.figures.calendar import Bar, Row, Scale, calendar
from server.web.state import State
from server.web.view import Page, View

router = APIRouter()

Clashes = Mapping[str, list[Finding]]
"""By campaign."""

AHEAD, BEHIND = timedelta(weeks=5), timedelta(weeks=2)
"""What the calendar shows at least."""
FARTHEST = timedelta(weeks=26)
ENDS_SOON = timedelta(days=3)
WIDTHS = ((1192.0, 190.0), (358.0, 118.0))
"""Of the drawing and of its names, px: for wide windows and for phones."""


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """One campaign in the table."""

    name: str
    href: str
    report: str
    state: State
    when: str
    where: str
    goal: str
    held: str
    clashes: list[str]
    """With whom, and why."""


@dataclass(frozen=True, slots=True)
class CampaignsPage:
    """Everything the template shows."""

    question: str
    answer: Markup
    meta: str
    new: str | None
    """Address of the editor; None where the reader may not plan."""
    calendars: list[Markup]
    """Wide and narrow; none without anything to draw."""
    rows: list[CampaignRow]
    past: list[CampaignRow]
    creatives: list[Tile]


@router.get("/campaigns", response_class=HTMLResponse)
def campaigns_page(view: Page) -> HTMLResponse:
    """The page."""
    records = list_campaigns(view.conn, view.site.site)
    phases = {record.id: campaign_phase.phase(view.words, record, view.now) for record in records}
    plays = count_plays(view.conn, view.site.site)
    going = [record for record in records if phases[record.id].kind not in {"over", "draft"}]
    clashes = site_conflicts(going, view.site.document)
    rows = {record.id: _row(view, record, phases[record.id], plays, clashes) for record in records}
    past = [record.id for record in records if phases[record.id].kind == "over"]
    page = CampaignsPage(
        question=view.words.gettext("What is planned, and does anything clash?"),
        answer=_answer(view, list(phases.values()), len(clashes)),
        meta=_meta(view),
        new=view.link("/campaigns/new") if view.user.may("merchandiser") else None,
        calendars=_calendars(view, records, phases, plays, clashes),
        rows=[row for key, row in rows.items() if key not in past],
        past=[rows[key] for key in past],
        creatives=tiles(view, list_creatives(view.conn, view.site.site), records),
    )
    return view.render("campaigns.html", page=page)


def _answer(view: View, phases: list[Phase], clashing: int) -> Markup:
    words = view.words
    if all(phase.kind == "over" for phase in phases):
        return Markup(words.gettext("<b>Nothing</b> is planned."))  # noqa: S704 - our own text
    counts = [sum(phase.kind == kind for phase in phases) for kind in ("now", "waits", "planned")] + [clashing]
    texts = [
        words.ngettext("<b>%(n)s campaign</b> is on", "<b>%(n)s campaigns</b> are on", counts[0]),
        words.ngettext("<b>%(n)s</b> waits for approval", "<b>%(n)s</b> wait for approval", counts[1]),
        words.ngettext("<b>%(n)s</b> is still to come", "<b>%(n)s</b> are still to come", counts[2]),
        words.ngettext("<b>%(n)s</b> clashes with another", "<b>%(n)s</b> clash", counts[3]),
    ]
    told = [text % {"n": words.number(n)} for text, n in zip(texts, counts, strict=True) if n]
    if not counts[0]:
        told.insert(0, words.gettext("<b>No campaign</b> is on"))
    return Markup(", ".join(told) + ".")  # noqa: S704 - our own texts and numbers


def _meta(view: View) -> str:
    words = view.words
    return f"{words.sentence(words.moment(view.now))}. " + words.gettext(
        "Each campaign leaves a part of its ten-minute slots to the default, so that its effect can be told."
    )


def _row(view: View, record: CampaignRecord, phase: Phase, plays: Mapping[str, int], clashes: Clashes) -> CampaignRow:
    words, document = view.words, record.document
    return CampaignRow(
        name=document.name,
        href=view.link(f"/campaigns/{record.id}"),
        report=view.link(f"/campaigns/{record.id}/report") if record.approved is not None else "",
        state=phase.state,
        when=words.sentence(campaign_words.when(words, document)),
        where=campaign_words.places(words, document, view.site.document),
        goal=_progress(view, record, plays.get(record.id, 0)),
        held=words.percent(document.arms.nothing),
        clashes=[campaign_findings.told(words, one) for one in clashes.get(record.id, ())],
    )


def _progress(view: View, record: CampaignRecord, plays: int) -> str:
    words, goal = view.words, record.document.goal
    if goal.kind == "plays" and goal.amount is not None:
        return words.gettext("%(n)s of %(goal)s plays") % {"n": words.number(plays), "goal": words.number(goal.amount)}
    told = words.ngettext("%(n)s play", "%(n)s plays", plays) % {"n": words.number(plays)}
    return f"{campaign_words.goal_named(words, goal.kind)}, {told}"


def _calendars(
    view: View, records: list[CampaignRecord], phases: Mapping[str, Phase], plays: Mapping[str, int], clashes: Clashes
) -> list[Markup]:
    scale = _scale(view, [record for record in records if phases[record.id].kind != "over"])
    rows = [
        _calendar_row(view, record, phases[record.id], plays.get(record.id, 0), clash=record.id in clashes)
        for record in records
    ]
    drawn = [row for row in rows if any(bar.end > scale.start and bar.start < scale.end for bar in row.bars)]
    label = view.words.gettext("Campaigns by day")
    return [calendar(drawn, scale, label=label, width=width, left=left) for width, left in WIDTHS] if drawn else []


def _scale(view: View, records: list[CampaignRecord]) -> Scale:
    """From a Monday to a Monday: what is planned, within what can be drawn."""
    words, today = view.words, view.words.local(view.now).date()
    days = [day for record in records for flight in record.document.flights for day in (flight.first, flight.last)]
    start = max(min([*days, today - BEHIND]), today - FARTHEST / 4)
    end = min(max([*days, today + AHEAD]), today + FARTHEST)
    start -= timedelta(days=start.weekday())
    end += timedelta(days=7 - end.weekday())
    weeks = (end - start).days // 7
    every = 1 if weeks <= 8 else 2 if weeks <= 16 else 4
    mondays = [start + timedelta(weeks=i) for i in range(0, weeks, every)]
    ticks = [(midnight(view, day), words.dates(day, day)) for day in mondays]
    return Scale(midnight(view, start), midnight(view, end), ticks, view.at, words.gettext("now"))


def _calendar_row(view: View, record: CampaignRecord, phase: Phase, plays: int, *, clash: bool) -> Row:
    words, document = view.words, record.document
    where = campaign_words.places(words, document, view.site.document)
    flights = sorted(document.flights, key=lambda flight: flight.first)
    note = _note(view, record, phase, plays)
    bars = [
        Bar(
            midnight(view, flight.first),
            midnight(view, flight.last + timedelta(days=1)),
            phase.kind,
            inside=where,
            note=note if flight is flights[-1] else "",
        )
        for flight in flights
    ]
    lines = [document.name, phase.state.word, words.sentence(campaign_words.when(words, document)), where]
    return Row(document.name, view.link(f"/campaigns/{record.id}"), bars, "\n".join(lines), clash)


def _note(view: View, record: CampaignRecord, phase: Phase, plays: int) -> str:
    words = view.words
    last = max(flight.last for flight in record.document.flights)
    if phase.kind in {"waits", "draft", "paused"}:
        return phase.state.word.lower()
    if phase.kind == "now" and midnight(view, last + timedelta(days=1)) - view.at < ENDS_SOON.total_seconds():
        return words.gettext("ends on %(day)s") % {"day": words.day(last)}
    return _progress(view, record, plays) if phase.kind == "now" else ""


def midnight(view: View, day: date) -> float:
    """The day's first instant at the site, seconds UTC."""
    return datetime.combine(day, time(), view.words.timezone).timestamp()
