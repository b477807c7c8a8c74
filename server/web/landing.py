"""What a visitor's phone shows after scanning a code: a coupon, a question, or the way into the programme.

Open to everyone, without an account, a cookie or a word about the visitor; what is done there is counted by slot.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, HTTPException, Path, Request
from starlette.responses import RedirectResponse, Response

from contract.ids import Id
from server.db import scans
from server.db.landings import landing_of
from server.db.sites import SiteRecord, get_site
from server.landing_document import Coupon, Join, LandingDocument, Poll, Texts
from server.landing_links import NO_CAMPAIGN, LandingLink, qr_svg, read_day
from server.service import Service
from server.session import Running
from server.web import render
from server.web.headers import CONTENT_SECURITY_POLICY
from server.web.language import NAMES, Words
from server.web.view import words_of

router = APIRouter(prefix="/q", include_in_schema=False)

CampaignOrNone = Annotated[str, Path(pattern=r"^(-|[a-z0-9][a-z0-9_-]{0,63})$")]


@dataclass(frozen=True, slots=True)
class Visit:
    """A code that somebody scanned, and where it leads."""

    link: LandingLink
    site: SiteRecord
    landing: str
    document: LandingDocument


def visited(*, site: Id, campaign: CampaignOrNone, creative: Id, screen: Id, day: str, service: Running) -> Visit:
    """Where a code leads.

    Raises:
        HTTPException: 404, it leads nowhere.
    """
    with service.engine.connect() as conn:
        record = get_site(conn, site)
        landing = landing_of(conn, site, creative) if record is not None else None
    if record is None or landing is None or screen not in record.document.screens:
        raise HTTPException(404)
    shown = read_day(day, today=datetime.fromtimestamp(service.clock(), ZoneInfo(record.timezone)).date())
    if shown is None:
        raise HTTPException(404)
    link = LandingLink(site, "" if campaign == NO_CAMPAIGN else campaign, creative, screen, shown)
    return Visit(link, record, landing.landing, landing.document)


Visited = Annotated[Visit, Depends(visited)]
CODE = "/{site}/{campaign}/{creative}/{screen}/{day}"


@router.get(CODE + ".svg")
def picture(visit: Visited, request: Request, service: Running) -> Response:
    """The code itself, as screens show it."""
    base = service.settings.web.public_url or str(request.base_url).rstrip("/")
    headers = {"Cache-Control": "public, max-age=86400"}
    return Response(qr_svg(base + visit.link.path), media_type="image/svg+xml", headers=headers)


@router.get(CODE)
def page(visit: Visited, request: Request, service: Running, done: str | None = None, lang: str = "") -> Response:
    """The page; counted as a scan unless a browser only looks ahead or comes back from what was done."""
    if done is None and not lang and "prefetch" not in request.headers.get("sec-purpose", ""):
        _count(service, visit, "scan")
    return _render(visit, request, service, done=done, lang=lang)


@router.post(CODE)
def act(
    visit: Visited,
    request: Request,
    service: Running,
    answer: Annotated[str, Form(max_length=64)] = "",
    lang: Annotated[str, Form(max_length=2)] = "",
) -> Response:
    """Redeem the coupon, answer the question, or go on to the programme."""
    match visit.document.page:
        case Coupon(last_day=last_day):
            if _today(visit, service) <= last_day:
                _count(service, visit, "redeem")
            return _back(visit, "redeem", lang)
        case Poll(answers=answers):
            if answer not in {known.key for known in answers}:
                return _render(visit, request, service, done=None, lang=lang)
            _count(service, visit, "answer", answer)
            return _back(visit, "answer", lang)
        case Join(url=url):
            _count(service, visit, "join")
            return RedirectResponse(url, 303, headers={"Referrer-Policy": "no-referrer"})


def _render(visit: Visit, request: Request, service: Service, *, done: str | None, lang: str) -> Response:
    asked = lang if lang in NAMES else words_of(request).code
    language, texts = visit.document.in_language(asked)
    words = Words(language, ZoneInfo(visit.site.timezone))
    body = visit.document.page
    response = render.page(
        "landing.html",
        words,
        theme="system",
        visit=visit,
        texts=_told(texts, body, words),
        page=body,
        done=done,
        over=isinstance(body, Coupon) and _today(visit, service) > body.last_day,
        others={code: NAMES[code] for code in visit.document.texts if code != language},
        language=language,
    )
    if isinstance(body, Join):
        response.headers["Content-Security-Policy"] = _may_lead_to(body.url)
    return response


def _told(texts: Texts, page: Coupon | Poll | Join, words: Words) -> Texts:
    """With the button's usual word where none was written."""
    usual = {
        "coupon": words.gettext("Use it now"),
        "poll": words.gettext("Send"),
        "join": words.gettext("Go on"),
    }
    return texts if texts.button else texts.model_copy(update={"button": usual[page.kind]})


def _may_lead_to(url: str) -> str:
    """A form's answer may lead to the programme: browsers hold redirects against `form-action` too."""
    parts = urlsplit(url)
    return CONTENT_SECURITY_POLICY.replace("form-action 'self'", f"form-action 'self' {parts.scheme}://{parts.netloc}")


def _back(visit: Visit, done: str, lang: str) -> Response:
    """See Other, so that a reload does nothing twice."""
    return RedirectResponse(f"{visit.link.path}?done={done}" + (f"&lang={lang}" if lang in NAMES else ""), 303)


def _today(visit: Visit, service: Service) -> date:
    return datetime.fromtimestamp(service.clock(), ZoneInfo(visit.site.timezone)).date()


def _count(service: Service, visit: Visit, what: scans.Deed, answer: str = "") -> None:
    with service.engine.begin() as conn:
        scans.count(conn, visit.link, visit.landing, what, answer=answer, now=service.clock())
