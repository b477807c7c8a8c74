"""What the buttons of advice and tests do: plan, set aside, take up again, call off, note a change, work out now."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from server.advice.doing import PlanError, note_change, plan_test
from server.advice.round import Rounds
from server.db import advice as records
from server.db import changes
from server.db.advice import AdviceRecord
from server.session import Running, require
from server.web import advice_words, change_form, trials
from server.web.landing_pages import form_fields
from server.web.trade_names import trade_names
from server.web.view import Page, View

router = APIRouter(dependencies=[Depends(require("merchandiser"))])


Sent = Annotated[dict[str, str], Depends(form_fields)]


@router.post("/advice")
def work_out(view: Page, rounds: Annotated[Rounds, Depends(Rounds.of)]) -> Response:
    """Ask for a round."""
    rounds.ask(view.site.site)
    return RedirectResponse(view.link("/advice", asked="1"), 303)


@router.post("/advice/{key}/test")
def plan(view: Page, key: str, sent: Sent, service: Running) -> Response:
    """Plan the test that the panel showed."""
    record, names = _found(view, key), trade_names(view.conn, view.site.document)
    days = sent.get("days", "")
    try:
        day = date.fromisoformat(sent.get("day", ""))
    except ValueError:
        raise HTTPException(422, "day: expected a date such as 2026-11-30") from None
    try:
        with service.engine.begin() as conn:
            change = plan_test(
                conn,
                view.site,
                record,
                name=advice_words.title(view.words, record.advice, names),
                day=day,
                days=int(days) if days.isdecimal() and len(days) < 4 else None,
                by=view.user.name,
                now=view.at,
            )
    except PlanError as error:
        raise HTTPException(409, str(error)) from None
    return RedirectResponse(f"{view.link('/tests')}#change-{change.id}", 303)


@router.post("/advice/{key}/aside")
def aside(view: Page, key: str, service: Running) -> Response:
    """Not now."""
    _found(view, key)
    with service.engine.begin() as conn:
        records.set_aside(conn, view.site.site, key, by=view.user.name, now=view.at)
    return RedirectResponse(view.link("/advice"), 303)


@router.post("/advice/{key}/back")
def back(view: Page, key: str, service: Running) -> Response:
    """In the list again."""
    _found(view, key)
    with service.engine.begin() as conn:
        records.take_up(conn, view.site.site, key)
    return RedirectResponse(view.link("/advice", advice=key), 303)


@router.post("/tests", response_class=HTMLResponse)
def note(view: Page, sent: Sent, service: Running) -> Response:
    """Keep a change of one's own, or say what is wrong with it."""
    names, found = trade_names(view.conn, view.site.document), change_form.read(view, sent)
    if isinstance(found, list):
        return trials.shown(view, change_form.sent_back(view, names, sent, found), status=422)
    name, document = found
    try:
        with service.engine.begin() as conn:
            change = note_change(conn, view.site, name, document, by=view.user.name, now=view.at)
    except PlanError as error:
        return trials.shown(view, change_form.sent_back(view, names, sent, [f"{error}."]), status=422)
    return RedirectResponse(f"{view.link('/tests')}#change-{change.id}", 303)


@router.post("/tests/{change}/cancel")
def cancel(view: Page, change: int, service: Running) -> Response:
    """Call it off; what is over meanwhile stays over."""
    with service.engine.begin() as conn:
        changes.cancel(conn, view.site.site, change, now=view.at)
    return RedirectResponse(view.link("/tests"), 303)


def _found(view: View, key: str) -> AdviceRecord:
    record = records.get_advice(view.conn, view.site.site, key)
    if record is None:
        raise HTTPException(404, "There is no such advice.")
    return record
