"""What the campaign editor's buttons do: save, hand in, approve, refuse, pause, resume, end."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from sqlalchemy import Connection
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contract.documents import inspect
from server import campaigns as life
from server.api.nudging import nudge
from server.campaign_check import check
from server.campaign_document import CampaignDocument
from server.campaigns import NoCampaignError, Step, StepError
from server.db.campaigns import CampaignRecord, ChangedMeanwhileError
from server.service import of
from server.session import RoleError, require
from server.web import campaign_form
from server.web.campaign_editor import editor, found_campaign
from server.web.campaign_verdict import verdict
from server.web.view import Page, View

router = APIRouter(dependencies=[Depends(require("merchandiser"))])

LARGEST_FORM = 256 * 1024
FIELDS_MOST = 3000


async def sent_fields(request: Request) -> dict[str, list[str]]:
    """What a form sent.

    Raises:
        HTTPException: 400, the browser went away, as it does when a newer question takes the place of one under way.
    """
    found: dict[str, list[str]] = {}
    try:
        form = await request.form(max_fields=FIELDS_MOST)
    except ClientDisconnect:
        raise HTTPException(400, "The form was not sent whole.") from None
    for key, value in form.multi_items():
        if isinstance(value, str):
            found.setdefault(key, []).append(value)
    return found


Sent = Annotated[dict[str, list[str]], Depends(sent_fields)]


@router.post("/campaigns/check", response_class=HTMLResponse, max_body_size=LARGEST_FORM)
def check_campaign(view: Page, sent: Sent) -> Response:
    """What the form would say, as a piece of the page."""
    return view.render("campaign_verdict.html", verdict=verdict(view, campaign_form.read(sent), view.param("campaign")))


@router.post("/campaigns/new", response_class=HTMLResponse, max_body_size=LARGEST_FORM)
def create_campaign(view: Page, sent: Sent) -> Response:
    """Save the draft, or say what is wrong with it."""
    document = inspect(CampaignDocument, campaign_form.read(sent))
    if isinstance(document, list):
        return editor(view, None, sent, status=422)
    return _done(
        view, None, sent, lambda conn: life.create(conn, view.site.site, document, user=view.user, now=view.at)
    )


@router.post("/campaigns/{campaign}", response_class=HTMLResponse, max_body_size=LARGEST_FORM)
def save_campaign(view: Page, campaign: str, sent: Sent) -> Response:
    """Save it, or say what is wrong with it."""
    record, based_on = found_campaign(view, campaign), _based_on(sent)
    document = inspect(CampaignDocument, campaign_form.read(sent))
    if isinstance(document, list):
        return editor(view, record, sent, status=422)

    def saving(conn: Connection) -> CampaignRecord:
        return life.save(conn, view.site.site, campaign, document, based_on=based_on, user=view.user, now=view.at)

    return _done(view, record, sent, saving)


@router.post("/campaigns/{campaign}/steps", response_class=HTMLResponse)
def take_step(view: Page, campaign: str, sent: Sent) -> Response:
    """Hand in, approve, refuse, pause, resume or end it."""
    record, step = found_campaign(view, campaign), _step(view, sent)
    fields, note = campaign_form.fields_of(record.document), campaign_form.first(sent, "note")
    trouble = _trouble(view, record, step, note)
    if trouble:
        return editor(view, record, fields, status=422, trouble=trouble)

    def taking(conn: Connection) -> CampaignRecord:
        return life.take(
            conn, view.site.site, campaign, step, based_on=_based_on(sent), user=view.user, note=note, now=view.at
        )

    return _done(view, record, fields, taking)


def _done(
    view: View,
    record: CampaignRecord | None,
    fields: campaign_form.Fields,
    doing: Callable[[Connection], CampaignRecord],
) -> Response:
    text = view.words.gettext
    try:
        with of(view.request).engine.begin() as conn:
            done = doing(conn)
    except ChangedMeanwhileError:
        trouble = text("Somebody changed it meanwhile. Load it again and look at what they did.")
        return editor(view, record, fields, status=409, trouble=trouble)
    except (StepError, NoCampaignError):
        trouble = text("Its state does not allow that any more. Load it again.")
        return editor(view, record, fields, status=409, trouble=trouble)
    nudge(view.request, view.site.site)
    return RedirectResponse(view.link(f"/campaigns/{done.id}"), 303)


def _step(view: View, sent: campaign_form.Fields) -> Step:
    asked = campaign_form.first(sent, "step")
    step = next((known for known in life.STEPS if known == asked), None)
    if step is None:
        raise HTTPException(422, "There is no such step.")
    if not view.user.may(life.STEPS[step].role):
        raise RoleError(f"This needs the role {life.STEPS[step].role}; {view.user.name} has {view.user.role}.")
    return step


def _trouble(view: View, record: CampaignRecord, step: Step, note: str) -> str:
    if step == "refuse" and not note:
        return view.words.gettext("Say why, so that its author can do better.")
    raw = record.document.model_dump(mode="json")
    if step in {"submit", "approve"} and not check(view.conn, view.site, raw, now=view.at).sound:
        return view.words.gettext("Something is wrong with it: see “What is the matter”.")
    return ""


def _based_on(sent: campaign_form.Fields) -> int:
    number = campaign_form.first(sent, "based_on")
    return int(number) if number.isdecimal() and len(number) < 10 else 0
