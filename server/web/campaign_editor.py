"""Who sees what, where and when? The form a campaign is written in, what it says, and the way to the screens."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, HTTPException
from starlette.responses import HTMLResponse, Response

from server import campaigns as life
from server.api.campaigns import Planner
from server.campaigns import Step
from server.db import campaigns as records
from server.db.campaigns import CampaignRecord
from server.db.creatives import list_creatives
from server.web import campaign_form, campaign_phase
from server.web.campaign_choices import Choices, choices
from server.web.campaign_form import Fields
from server.web.campaign_verdict import Verdict, verdict
from server.web.creative_tiles import Tile, tiles
from server.web.state import State
from server.web.view import Page, View

router = APIRouter()

HISTORY_MOST = 12


@dataclass(frozen=True, slots=True)
class LogRow:
    """Something that was done."""

    when: str
    what: str
    note: str


@dataclass(frozen=True, slots=True)
class EditorPage:
    """Everything the template shows."""

    address: str
    """Where the form goes."""
    record: CampaignRecord | None
    """None for a new one."""
    state: State | None
    fields: Fields
    verdict: Verdict
    choices: Choices
    tiles: list[Tile]
    steps: list[tuple[Step, str]]
    log: list[LogRow]
    may: bool
    trouble: str
    """What kept the last deed from being done; empty where nothing did."""
    back: str
    report: str
    copy: str


@router.get("/campaigns/new", response_class=HTMLResponse)
def new_campaign(view: Page, user: Planner) -> Response:
    """An empty form, or a copy of the campaign that `copy` names."""
    source = records.get_campaign(view.conn, view.site.site, view.param("copy") or "")
    fields = campaign_form.fields_of(source.document) if source else _blank(view.words.local(view.now).date())
    return editor(view, None, fields)


@router.get("/campaigns/{campaign}", response_class=HTMLResponse)
def edit_campaign(view: Page, campaign: str) -> Response:
    """The form, filled in; who may not plan reads it."""
    record = found_campaign(view, campaign)
    return editor(view, record, campaign_form.fields_of(record.document))


def editor(
    view: View, record: CampaignRecord | None, fields: Fields, *, status: int = 200, trouble: str = ""
) -> Response:
    """The page with these fields; `trouble` is what kept the last deed from being done."""
    open_ = record is None or record.status != "ended"
    known = list_creatives(view.conn, view.site.site, archived=True)
    chosen = set(fields.get("creatives", ()))
    page = EditorPage(
        address=view.link(f"/campaigns/{record.id}" if record else "/campaigns/new"),
        record=record,
        state=campaign_phase.phase(view.words, record, view.now).state if record else None,
        fields=fields,
        verdict=verdict(view, campaign_form.read(fields), record.id if record else None),
        choices=choices(view, fields),
        tiles=tiles(view, [one for one in known if one.archived is None or one.id in chosen], []),
        steps=_steps(view, record),
        log=_log(view, record),
        may=view.user.may("merchandiser") and open_,
        trouble=trouble,
        back=view.link("/campaigns"),
        report=view.link(f"/campaigns/{record.id}/report") if record and record.approved is not None else "",
        copy=view.link("/campaigns/new", copy=record.id) if record and view.user.may("merchandiser") else "",
    )
    return view.render("campaign_editor.html", status=status, page=page)


def _blank(today: date) -> dict[str, list[str]]:
    return {"goal_kind": ["plays"], "flight0_first": [today.isoformat()], "arm_targeted": ["60"]} | {
        key: ["20"] for key in ("arm_everyone", "arm_nothing")
    }


def _steps(view: View, record: CampaignRecord | None) -> list[tuple[Step, str]]:
    text = view.words.gettext
    names: Mapping[Step, str] = {
        "submit": text("Hand in for approval"),
        "withdraw": text("Take back"),
        "approve": text("Approve"),
        "refuse": text("Refuse"),
        "pause": text("Pause"),
        "resume": text("Resume"),
        "end": text("End"),
    }
    return [(step, names[step]) for step in life.steps_for(record, view.user)] if record else []


def _log(view: View, record: CampaignRecord | None) -> list[LogRow]:
    if record is None:
        return []
    found = records.history(view.conn, view.site.site, record.id, HISTORY_MOST)
    return [LogRow(view.words.moment(view.moment_of(one.t)), _deed(view, one), one.note) for one in found]


def _deed(view: View, entry: records.LogEntry) -> str:
    text = view.words.gettext
    deeds = {
        "saved": text("saved by %(who)s"),
        "submitted": text("handed in by %(who)s"),
        "withdrawn": text("taken back by %(who)s"),
        "approved": text("approved by %(who)s"),
        "refused": text("refused by %(who)s"),
        "paused": text("paused by %(who)s"),
        "resumed": text("resumed by %(who)s"),
        "ended": text("ended by %(who)s"),
    }
    return deeds[entry.what] % {"who": text("a login link") if entry.who == "link" else entry.who}


def found_campaign(view: View, campaign: str) -> CampaignRecord:
    """The campaign of the path, or 404."""
    record = records.get_campaign(view.conn, view.site.site, campaign)
    if record is None:
        raise HTTPException(404, f"There is no campaign {campaign!r}.")
    return record
