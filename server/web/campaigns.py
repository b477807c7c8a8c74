"""What is planned, and does anything clash?"""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import HTMLResponse

from server.campaign_conflicts import site_conflicts
from server.campaign_faults import Finding
from server.db.campaigns import CampaignRecord, list_campaigns
from server.db.creatives import list_creatives
from server.db.plays import count_plays
from server.web import campaign_calendar, campaign_findings, campaign_phase, campaign_words
from server.web.campaign_phase import Phase
from server.web.creative_tiles import Tile, tiles
from server.web.state import State
from server.web.view import Page, View

router = APIRouter()

Clashes = Mapping[str, list[Finding]]
"""By campaign."""


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
    plays = count_plays(view.conn, view.site.site, [record.id for record in records])
    going = [record for record in records if phases[record.id].kind not in {"over", "draft"}]
    clashes = site_conflicts(going, view.site.document)
    rows = {record.id: _row(view, record, phases[record.id], plays, clashes) for record in records}
    past = [record.id for record in records if phases[record.id].kind == "over"]
    page = CampaignsPage(
        question=view.words.gettext("What is planned, and does anything clash?"),
        answer=_answer(view, list(phases.values()), len(clashes)),
        meta=_meta(view),
        new=view.link("/campaigns/new") if view.user.may("merchandiser") else None,
        calendars=campaign_calendar.calendars(view, records, phases, plays, clashing=clashes),
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
        goal=campaign_calendar.progress(view, record, plays.get(record.id, 0)),
        held=words.percent(document.arms.nothing),
        clashes=[campaign_findings.told(words, one) for one in clashes.get(record.id, ())],
    )
