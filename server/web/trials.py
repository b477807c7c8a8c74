"""What are we trying, and what came of it? Tests that are planned, running and over, and a form for one's own."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import HTMLResponse

from server.advice.plan import clashes
from server.db import money as currencies
from server.db.changes import ChangeRecord, list_changes
from server.web import change_form, change_words
from server.web.advice_detail import told_clashes
from server.web.change_form import ChangeForm
from server.web.change_words import Line
from server.web.language import Words
from server.web.money import Money, plain, plain_reach, rounded
from server.web.parts import Export
from server.web.state import State
from server.web.trade_names import TradeNames, trade_names
from server.web.view import Page, View

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Row:
    """One change."""

    id: int
    name: str
    advice: str
    """Address of the advice it came from; empty where it is one's own."""
    judged: str
    state: State
    strip: Markup
    promised: str
    measured: str
    interval: str
    lines: list[Line]
    clashes: list[str]
    may_cancel: bool


@dataclass(frozen=True, slots=True)
class TrialsPage:
    """Everything the template shows."""

    question: str
    answer: Markup
    meta: str
    exports: list[Export]
    unit: str
    going: list[Row]
    over: list[Row]
    called_off: list[Row]
    form: ChangeForm | None
    """None where the reader may not plan."""


@router.get("/tests", response_class=HTMLResponse)
def trials_page(view: Page) -> HTMLResponse:
    """The page."""
    return shown(view)


def shown(view: View, form: ChangeForm | None = None, *, status: int = 200) -> HTMLResponse:
    """The page with a form as it was sent, or an empty one."""
    names = trade_names(view.conn, view.site.document)
    money = Money(view.words, currencies.currency(view.conn, view.site.site) or "")
    changes = list_changes(view.conn, view.site.site)
    may = view.user.may("merchandiser")
    groups = {
        group: [_row(view, change, names, money) for change in changes if change.status in statuses]
        for group, statuses in (("going", ("running", "planned")), ("over", ("done",)), ("off", ("cancelled",)))
    }
    page = TrialsPage(
        question=view.words.gettext("What are we trying, and what came of it?"),
        answer=_answer(view.words, changes),
        meta=view.words.gettext(
            "A test is judged by itself when its days are over: margin a week, with its 95 %% interval."
        )
        % {},
        exports=_exports(view),
        unit=money.symbol or view.words.gettext("margin"),
        going=groups["going"],
        over=groups["over"],
        called_off=groups["off"],
        form=(form or change_form.blank(view, names)) if may else None,
    )
    return view.render("trials.html", status=status, page=page)


def _meta(words: Words) -> str:
    told = words.gettext("A test is judged by itself when its days are over: margin a week, with its 95 %% interval.")
    return told % {}


def _row(view: View, change: ChangeRecord, names: TradeNames, money: Money) -> Row:
    words, result = view.words, change.result
    promised = rounded(change.promised.effect) if change.promised else None
    measured = rounded(result.effect) if result and result.effect else None
    open_ = change.status in {"planned", "running"}
    others = clashes(view.conn, view.site.site, change.document, but=change.id) if open_ else []
    return Row(
        id=change.id,
        name=change.name,
        advice=view.link("/advice", advice=change.advice) if change.advice else "",
        judged=change_words.judged(words, change.document, names),
        state=change_words.standing(words, change),
        strip=change_words.strip(words, change.document, words.local(view.now).date()),
        promised=plain(promised.value, words) if promised else "–",
        measured=plain(measured.value, words) if measured else "–",
        interval=plain_reach(measured, words) if measured else "",
        lines=change_words.findings(words, result, names) if result else [],
        clashes=told_clashes(view, others),
        may_cancel=open_ and view.user.may("merchandiser"),
    )


def _answer(words: Words, changes: Sequence[ChangeRecord]) -> Markup:
    running, planned = (sum(change.status == status for change in changes) for status in ("running", "planned"))
    if not any(change.status != "cancelled" for change in changes):
        return Markup(words.gettext("<b>Nothing</b> has been tried yet."))  # noqa: S704 - our own text
    told = [
        (words.ngettext("<b>%(n)s test</b> is running", "<b>%(n)s tests</b> are running", running), running),
        (words.ngettext("<b>%(n)s</b> is planned", "<b>%(n)s</b> are planned", planned), planned),
    ]
    now = ", ".join(text % {"n": words.number(n)} for text, n in told if n)
    sentences = [now or words.gettext("<b>No test</b> is running"), *_over(words, changes)]
    return Markup(". ".join(sentences) + ".")  # noqa: S704 - our own texts and numbers


def _over(words: Words, changes: Sequence[ChangeRecord]) -> list[str]:
    """Of 4 that are over, 2 raised margin, 1 showed no effect, 1 was wrong."""
    verdicts = [change.result.verdict for change in changes if change.result]
    if not verdicts:
        return []
    counts = {verdict: verdicts.count(verdict) for verdict in ("worked", "no_effect", "wrong", "unclear")}
    told = {
        "worked": words.ngettext("%(n)s raised margin", "%(n)s raised margin", counts["worked"]),
        "no_effect": words.ngettext("%(n)s showed no effect", "%(n)s showed no effect", counts["no_effect"]),
        "wrong": words.ngettext("%(n)s lowered it", "%(n)s lowered it", counts["wrong"]),
        "unclear": words.ngettext("%(n)s says nothing", "%(n)s say nothing", counts["unclear"]),
    }
    parts = ", ".join(told[verdict] % {"n": words.number(n)} for verdict, n in counts.items() if n)
    whole = words.ngettext("Of %(n)s that is over, %(told)s", "Of %(n)s that are over, %(told)s", len(verdicts))
    return [whole % {"n": words.number(len(verdicts)), "told": parts}]


def _exports(view: View) -> list[Export]:
    base = f"/api/v1/sites/{view.site.site}/changes"
    others = [("XLSX", f"{base}?format=xlsx"), ("JSON", base)]
    return [Export(view.words.gettext("Tests"), f"{base}?format=csv", None, others)]
