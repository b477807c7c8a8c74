"""Which pages do our codes lead to, and what is done there?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from markupsafe import Markup
from pydantic import TypeAdapter, ValidationError
from starlette.responses import RedirectResponse, Response

from contract.documents import Fault, inspect
from contract.ids import Id
from server.api.landings import Planner
from server.db.landings import LandingRecord, get_landing, list_landings, put_landing, used_by
from server.db.scans import Deeds, deeds
from server.landing_document import Coupon, Join, LandingDocument, Poll
from server.session import Running
from server.web import parts
from server.web import period as periods
from server.web.language import NAMES
from server.web.parts import Export, Picker
from server.web.view import Page, View

router = APIRouter()

ANSWERS_MOST = 6
_ID: TypeAdapter[str] = TypeAdapter(Id)
TEXTS = ("title", "text", "button", "terms")


@dataclass(frozen=True, slots=True)
class LandingRow:
    """One page in the list."""

    landing: str
    title: str
    kind: str
    creatives: str
    scans: str
    done: str
    href: str


@dataclass(frozen=True, slots=True)
class LandingsPage:
    """Everything the list shows."""

    question: str
    answer: Markup
    meta: str
    periods: Picker
    exports: list[Export]
    rows: list[LandingRow]


@dataclass(frozen=True, slots=True)
class LandingForm:
    """Everything the form shows: `values` by field."""

    landing: str
    new: bool
    values: Mapping[str, str]
    faults: list[Fault]


@router.get("/pages")
def landing_list(view: Page) -> Response:
    """The list."""
    words = view.words
    found = deeds(view.conn, site=view.site.site, **view.span)
    rows = [_row(view, record) for record in list_landings(view.conn, view.site.site)]
    page = LandingsPage(
        question=words.gettext("Where do our codes lead, and what is done there?"),
        answer=_answer(view, found),
        meta=f"{words.sentence(periods.span(view.period, words))}. "
        + words.gettext("Counts only: nobody is told apart, and who scans twice counts twice."),
        periods=parts.span_picker(view),
        exports=[parts.table(view, words.gettext("Codes"), "landings/deeds")],
        rows=rows,
    )
    return view.render("landing_pages.html", page=page)


@router.get("/pages/{landing}")
def landing_form(view: Page, landing: str, user: Planner) -> Response:
    """The form; `new` for one that is not there yet."""
    record = get_landing(view.conn, view.site.site, landing)
    if record is None and landing != "new":
        raise HTTPException(404)
    values = _values(record.document) if record else {"kind": "coupon"}
    return _form(view, LandingForm(landing if record else "", record is None, values, []))


async def form_fields(request: Request) -> dict[str, str]:
    """What was sent, as texts."""
    return {key: value.strip() for key, value in (await request.form()).items() if isinstance(value, str)}


@router.post("/pages/{landing}")
def save_landing(
    view: Page,
    landing: str,
    sent: Annotated[dict[str, str], Depends(form_fields)],
    user: Planner,
    service: Running,
) -> Response:
    """Save it, or say what is wrong with it."""
    new = landing == "new"
    key = sent.get("landing", "") if new else landing
    found = inspect(LandingDocument, _document(sent))
    faults = found if isinstance(found, list) else []
    if new and get_landing(view.conn, view.site.site, key):
        faults = [*faults, Fault("landing", view.words.gettext("There is a page of this name already."))]
    if key == "new" or not _is_id(key):
        told = view.words.gettext("Give a short name of a-z, 0-9, - and _.")
        faults = [*faults, Fault("landing", told)]
    if faults or isinstance(found, list):
        return _form(view, LandingForm(key, new, sent, faults), status=422)
    with service.engine.begin() as conn:
        put_landing(conn, view.site.site, key, found, author=user.name, now=service.clock())
    return RedirectResponse(view.link("/pages"), 303)


def _is_id(key: str) -> bool:
    try:
        _ID.validate_python(key)
    except ValidationError:
        return False
    return True


def _form(view: View, form: LandingForm, *, status: int = 200) -> Response:
    return view.render("landing_form.html", status=status, form=form, names=NAMES, answers_most=ANSWERS_MOST)


def _document(sent: Mapping[str, str]) -> dict[str, Any]:
    texts = {
        code: {name: sent.get(f"{name}_{code}", "") for name in TEXTS} for code in NAMES if sent.get(f"title_{code}")
    }
    return {"texts": texts, "page": _page(sent, list(texts))}


def _page(sent: Mapping[str, str], languages: list[str]) -> dict[str, Any]:
    match sent.get("kind"):
        case "poll":
            lines = [{code: sent.get(f"answer{i}_{code}", "") for code in languages} for i in range(ANSWERS_MOST)]
            answers = [{"key": f"a{i + 1}", "texts": texts} for i, texts in enumerate(lines) if any(texts.values())]
            return {"kind": "poll", "answers": answers}
        case "join":
            return {"kind": "join", "url": sent.get("url", "")}
        case kind:
            return {"kind": kind, "code": sent.get("code", "").upper(), "last_day": sent.get("last_day", "")}


def _values(document: LandingDocument) -> dict[str, str]:
    values: dict[str, str] = {"kind": document.page.kind}
    for language, texts in document.texts.items():
        values |= {f"{name}_{language}": getattr(texts, name) for name in TEXTS}
    match document.page:
        case Coupon(code=code, last_day=last_day):
            values |= {"code": code, "last_day": last_day.isoformat()}
        case Join(url=url):
            values |= {"url": url}
        case Poll(answers=answers):
            for i, answer in enumerate(answers):
                values |= {f"answer{i}_{language}": text for language, text in answer.texts.items()}
    return values


def _row(view: View, record: LandingRecord) -> LandingRow:
    words = view.words
    kinds = {"coupon": words.gettext("Coupon"), "poll": words.gettext("Question"), "join": words.gettext("Join")}
    creatives = used_by(view.conn, view.site.site, record.landing)
    mine = deeds(view.conn, site=view.site.site, landing=record.landing, **view.span)
    _, texts = record.document.in_language(words.code)
    return LandingRow(
        landing=record.landing,
        title=texts.title,
        kind=kinds[record.document.page.kind],
        creatives=", ".join(creatives) or words.gettext("no creative yet"),
        scans=words.number(_sum(mine, "scan")),
        done=_done(view, record, mine),
        href=view.link(f"/pages/{record.landing}"),
    )


def _done(view: View, record: LandingRecord, mine: list[Deeds]) -> str:
    """What was done there; a poll with its answers."""
    words = view.words
    match record.document.page:
        case Coupon():
            return words.gettext("%(n)s used") % {"n": words.number(_sum(mine, "redeem"))}
        case Join():
            return words.gettext("%(n)s went on") % {"n": words.number(_sum(mine, "join"))}
        case Poll(answers=answers):
            language, _ = record.document.in_language(words.code)
            counts = {a.key: sum(d.n for d in mine if d.answer == a.key) for a in answers}
            return ", ".join(f"{a.texts[language]} {words.number(counts[a.key])}" for a in answers)


def _sum(found: list[Deeds], what: str) -> int:
    return sum(deed.n for deed in found if deed.what == what)


def _answer(view: View, found: list[Deeds]) -> Markup:
    words = view.words
    scanned, done = _sum(found, "scan"), sum(deed.n for deed in found) - _sum(found, "scan")
    if not scanned:
        return Markup(words.gettext("No code was scanned in this time."))  # noqa: S704 - our own words
    said = words.ngettext("<b>%(n)s scan</b>", "<b>%(n)s scans</b>", scanned)
    then = words.ngettext("then <b>%(n)s step</b> on the page.", "then <b>%(n)s steps</b> on the page.", done)
    told = f"{said % {'n': words.number(scanned)}}, {then % {'n': words.number(done)}}"
    return Markup(told)  # noqa: S704 - our own words around numbers
