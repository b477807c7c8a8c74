"""What needs a person now, and what did?"""

from dataclasses import dataclass

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import HTMLResponse

from server.db import alarms
from server.web import alarm_words, parts
from server.web import period as periods
from server.web.alarm_words import AlarmRow
from server.web.parts import Export, Picker
from server.web.view import Page, View

router = APIRouter()


@dataclass(frozen=True, slots=True)
class AlarmsPage:
    """Everything the template shows."""

    question: str
    answer: Markup
    meta: str
    periods: Picker
    exports: list[Export]
    open: list[AlarmRow]
    past: list[AlarmRow]
    limits: bool
    """Whether anything in the site document can raise an alarm of people or queues."""


@router.get("/alarms", response_class=HTMLResponse)
def alarm_page(view: Page) -> HTMLResponse:
    """The page."""
    rows = [alarm_words.row(view, r) for r in alarms.open_alarms(view.conn, site=view.site.site)]
    past = alarms.alarms(view.conn, site=view.site.site, **view.span)
    return view.render("alarms.html", page=_page(view, rows, [r for r in past if r.alarm.cleared is not None]))


def _page(view: View, rows: list[AlarmRow], past: list[alarms.AlarmRecord]) -> AlarmsPage:
    words, document = view.words, view.site.document
    zones = document.zones.values()
    return AlarmsPage(
        question=words.gettext("What needs a person now?"),
        answer=_answer(view, rows),
        meta=f"{words.sentence(periods.span(view.period, words))}. " + _note(view, len(past)),
        periods=parts.span_picker(view),
        exports=[parts.table(view, words.gettext("Alarms"), "alarms")],
        open=rows,
        past=[alarm_words.row(view, record) for record in past],
        limits=document.most_people is not None or any(z.most_people or z.longest_wait_s for z in zones),
    )


def _note(view: View, n: int) -> str:
    return view.words.ngettext("%(n)s alarm is over", "%(n)s alarms are over", n) % {"n": view.words.number(n)} + "."


def _answer(view: View, rows: list[AlarmRow]) -> Markup:
    words, n = view.words, len(rows)
    if not n:
        return Markup(words.gettext("<b>Nothing</b> needs a person now."))  # noqa: S704 - our own text
    text = words.ngettext(
        "<b>%(n)s thing</b> needs a person: %(first)s.", "<b>%(n)s things</b> need a person. First: %(first)s.", n
    )
    return Markup(text) % {"n": words.number(n), "first": rows[0].what}  # noqa: S704 - our own text
