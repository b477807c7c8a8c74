"""What did the campaign deliver, and what did it bring?"""

from dataclasses import dataclass

from fastapi import APIRouter, HTTPException
from markupsafe import Markup
from starlette.responses import HTMLResponse

from server.campaign_report import CampaignReport, campaign_report
from server.db.campaigns import get_campaign
from server.delivery import Delivered, Row
from server.session import Running
from server.web import effect_words
from server.web.effect_section import EffectSection, effect_section
from server.web.language import Words
from server.web.parts import Export, Figure
from server.web.report_alternatives import WhatIfRow, what_if_rows
from server.web.report_funnel import Step, funnel
from server.web.report_map import MapSection, map_section
from server.web.report_slots import SlotsSection, slots_section
from server.web.view import Page, View

router = APIRouter()


@dataclass(frozen=True, slots=True)
class TableRow:
    """One creative on one screen, or all together."""

    creative: str
    screen: str
    cells: list[str]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """Everything the template shows."""

    name: str
    question: str
    answer: Markup
    meta: str
    editor: str
    exports: list[Export]
    figures: list[Figure]
    rows: list[TableRow]
    total: TableRow
    effect: EffectSection
    slots: SlotsSection | None
    map: MapSection | None
    funnel: list[Step]
    what_if: list[WhatIfRow]
    what_if_note: str
    same: bool
    """An A/A test: the arms do the same."""


@router.get("/campaigns/{campaign}/report", response_class=HTMLResponse)
def report_page(campaign: str, view: Page, service: Running) -> HTMLResponse:
    """The page."""
    record = get_campaign(view.conn, view.site.site, campaign)
    if record is None:
        raise HTTPException(404, f"There is no campaign {campaign[:64]!r} at this site.")
    found = campaign_report(view.conn, view.site.document, record, now=service.clock(), findings=service.findings)
    return view.render("campaign_report.html", page=_page(view, found))


def _page(view: View, found: CampaignReport) -> ReportPage:
    words, whole = view.words, found.whole
    alternatives, note = what_if_rows(view, found)
    return ReportPage(
        name=found.document.name,
        question=words.gettext("What did %(name)s bring?") % {"name": found.document.name},
        answer=_answer(view, found),
        meta=_meta(view, found),
        editor=view.link(f"/campaigns/{found.record.id}"),
        exports=_exports(view, found),
        figures=_figures(view, found, whole),
        rows=[_row(view, found, row) for row in found.rows],
        total=TableRow(words.gettext("All"), "", _cells(words, whole)),
        effect=effect_section(view, found),
        slots=slots_section(view, found),
        map=map_section(view, found),
        funnel=funnel(view, found),
        what_if=alternatives,
        what_if_note=note,
        same=found.document.arms.same,
    )


def _answer(view: View, found: CampaignReport) -> Markup:
    """The verdict first, then its evidence."""
    words, effect = view.words, found.effect
    text, always = words.gettext, effect.main.on_off.always
    slots = effect_words.slots_so_far(effect, words)
    if effect.verdict == "sample_ratio_broken":
        said = text("<b>Nothing can be concluded</b>: slots did not come in the shares they were drawn in.")
        return Markup(said)  # noqa: S704 - our own text
    if always is None:
        said = text("<b>Not enough data</b> to say what it brought: %(slots)s.")
        return Markup(said) % {"slots": slots}  # noqa: S704 - our own text
    per = effect.per(effect.primary)
    decimals = effect_words.digits(effect.main.on_off, per)
    said = {
        "keep_running": text("<b>Too early to say</b>: %(value)s %(what)s, but it may be %(interval)s."),
        "stop_works": text("<b>It works</b>: %(value)s %(what)s, %(interval)s."),
        "stop_no_effect": text("<b>No effect worth having</b>: %(value)s %(what)s, %(interval)s."),
        "stop_harm": text("<b>It does harm</b>: %(value)s %(what)s, %(interval)s."),
    }[effect.verdict]
    return Markup(said) % {  # noqa: S704 - our own text
        "value": effect_words.signed(always.value * per, words, decimals),
        "what": effect_words.amount(view, found, effect.primary),
        "interval": effect_words.interval(always, per, words, decimals),
    }


def _meta(view: View, found: CampaignReport) -> str:
    words = view.words
    first, last = (words.local(view.moment_of(t)).date() for t in (found.start, max(found.end - 1, found.start)))
    span = words.day(first) if first == last else f"{words.day(first)} – {words.day(last)}"
    about = words.gettext(
        "Effects compare slots with and without, with 95 % intervals that hold however often you look"
    )
    n = len(found.effect.trial.screens)
    screens = words.ngettext("%(n)s screen", "%(n)s screens", n) % {"n": words.number(n)}
    return f"{words.sentence(span)}, {screens}. {about}."


def _exports(view: View, found: CampaignReport) -> list[Export]:
    text, base = view.words.gettext, f"/api/v1/sites/{view.site.site}/campaigns/{found.record.id}"
    exports = [
        Export(
            title,
            f"{base}/{what}?format=csv",
            figure,
            [("XLSX", f"{base}/{what}?format=xlsx"), ("JSON", f"{base}/{what}")],
        )
        for title, what, figure in (
            (text("Report"), "report", None),
            (text("Slots"), "slots", "figure-slots"),
            (text("Difference on the floor"), "difference", "figure-map" if view.param("map") else None),
        )
    ]
    return [*exports, Export(text("Effect"), None, "figure-effect")]


def _figures(view: View, found: CampaignReport, whole: Delivered) -> list[Figure]:
    words = view.words
    text, unknown = words.gettext, words.gettext("no camera tells")
    share = words.percent(whole.impressions / whole.ots) if whole.ots and whole.impressions is not None else ""
    looked = text("%(share)s of those who could see it") % {"share": share} if share else unknown
    per_look = whole.attention_s / whole.impressions if whole.impressions and whole.attention_s is not None else None
    return [
        Figure("plays", text("Plays"), words.number(whole.plays), note=_plays_note(words, whole)),
        Figure("ots", text("Could see it"), _known(words, whole.ots), note=text("opportunities to see")),
        Figure("impressions", text("Impressions"), _known(words, whole.impressions), note=looked),
        Figure(
            "attention",
            text("Attention"),
            words.seconds(whole.attention_s),
            note=text("%(time)s each") % {"time": words.seconds(per_look)} if per_look is not None else unknown,
        ),
        *_cost(words, found),
    ]


def _cost(words: Words, found: CampaignReport) -> list[Figure]:
    if found.cost is None:
        return []
    budget = found.cost.budget
    spent = words.gettext("of %(amount)s") % {"amount": words.quantity(budget.amount, budget.currency)}
    cpm = found.cost.per_thousand
    each = words.gettext("%(amount)s a thousand impressions") % {"amount": words.number(cpm, 2)} if cpm else ""
    note = ", ".join(part for part in (spent, each) if part)
    return [Figure("cost", words.gettext("Cost"), words.number(found.cost.spent, 2), budget.currency, note=note)]


def _plays_note(words: Words, whole: Delivered) -> str:
    failed = words.ngettext("%(n)s failed", "%(n)s failed", whole.failed) % {"n": words.number(whole.failed)}
    cached = words.gettext("%(n)s from cache") % {"n": words.number(whole.cached)}
    return f"{failed}, {cached}"


def _row(view: View, found: CampaignReport, row: Row) -> TableRow:
    screen = view.site.document.screen_name(row.screen)
    name = found.creatives.get(row.creative, row.creative or "–")
    return TableRow(name, screen, _cells(view.words, row.delivered))


def _cells(words: Words, of: Delivered) -> list[str]:
    attention = words.number(of.attention_s) if of.attention_s is not None else "–"
    seen = [_known(words, of.ots), _known(words, of.impressions), attention]
    return [words.number(of.plays), words.seconds(of.seconds), *seen, words.number(of.scans), words.number(of.redeemed)]


def _known(words: Words, n: int | None) -> str:
    return "–" if n is None else words.number(n)
