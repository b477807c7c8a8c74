"""A week on a page of its own, and as a PDF to pass on."""

from datetime import date, timedelta

from fastapi import APIRouter, HTTPException
from starlette.responses import HTMLResponse, Response

from server.pdf import to_pdf
from server.service import of
from server.web import weekly
from server.web.language import NAMES, Words
from server.web.trade_names import trade_names
from server.web.view import Page, View
from server.week_facts import last_week, week_facts

router = APIRouter()

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
"""The document carries its looks along, as e-mails must, and nothing else."""


@router.get("/week", response_class=HTMLResponse)
def week_page(view: Page) -> HTMLResponse:
    """The last whole week, or the one that `?week=2026-11-16` begins."""
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store", "Content-Language": _words(view).code}
    return HTMLResponse(_html(view), headers=headers)


@router.get("/week.pdf")
def week_pdf(view: Page) -> Response:
    """The same on paper."""
    name = f"{view.site.site}-{_monday(view):%Y-%m-%d}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(to_pdf(_html(view)), media_type="application/pdf", headers=headers)


def _html(view: View) -> str:
    facts = week_facts(view.conn, view.site, _monday(view))
    address = of(view.request).settings.web.public_url or ""
    return weekly.html(facts, _words(view), trade_names(view.conn, view.site.document), address=address)


def _words(view: View) -> Words:
    """In the language that is asked for, else the reader's."""
    asked = view.param("lang")
    return Words(asked, view.words.timezone) if asked in NAMES else view.words


def _monday(view: View) -> date:
    asked = view.param("week")
    if asked is None:
        return last_week(view.words.local(view.now))
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        raise HTTPException(422, "week: expected a day such as 2026-11-16.") from None
    return day - timedelta(days=day.weekday())
