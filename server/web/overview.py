"""How is today going? Footfall, who is inside now, what needs a look."""

from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import HTMLResponse

from server.db import occupancy, zones
from server.db.alarms import open_alarms
from server.db.occupancy import Occupancy
from server.db.zones import ZoneTotals
from server.web import alarm_words, days_chart, event_list, hours_chart, overview_day, overview_days, state
from server.web import period as periods
from server.web.alarm_words import AlarmRow
from server.web.day import day_word, read_day
from server.web.days import read_days, step_of
from server.web.dwell import median_words, stay_of
from server.web.event_list import EventRow
from server.web.hours_chart import CountsChart
from server.web.now_plan import NowPlan, now_plan
from server.web.parts import Export, Figure, Picker
from server.web.plan import name_of
from server.web.queue_rows import QueueRow, queue_rows
from server.web.state import State
from server.web.view import Page, Span, View

router = APIRouter()
DAYS_OFFERED = 7
ALARMS_SHOWN = 3
EVENTS_SHOWN = 5
ZONES_SHOWN = 6
SPANS = ("7d", "28d", "week", "lastweek", "month", "lastmonth")


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """A zone in brief."""

    name: str
    href: str
    visits: str
    median: str
    now: str


@dataclass(frozen=True, slots=True)
class CameraRow:
    """A camera in brief."""

    name: str
    fps: str
    observed: str
    state: State


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the template shows."""

    question: str
    answer: Markup
    meta: str
    day_word: str
    periods: Picker
    exports: list[Export]
    figures: list[Figure]
    hours: CountsChart
    now: NowPlan
    alarms: list[AlarmRow]
    events: list[EventRow]
    events_note: str
    queues: list[QueueRow]
    zones: list[ZoneRow]
    cameras: list[CameraRow]
    cameras_note: str


@router.get("/", response_class=HTMLResponse)
def overview(view: Page) -> HTMLResponse:
    """The page."""
    if not view.boxes:
        return view.render("empty.html", question=view.words.gettext("How is today going?"))
    return view.render("overview.html", page=_page(view))


def _page(view: View) -> Overview:
    now = occupancy.now(view.conn, site=view.site.site, at=view.at)
    head = _several(view, now) if len(view.period.days) > 1 else _one(view, now)
    return Overview(
        question=head.question,
        answer=head.answer,
        meta=head.meta,
        day_word=head.when,
        periods=_picker(view),
        exports=_exports(view, head.chart.title),
        figures=head.figures,
        hours=head.chart,
        now=now_plan(view, now),
        alarms=[alarm_words.row(view, r) for r in open_alarms(view.conn, site=view.site.site)[:ALARMS_SHOWN]],
        events=event_list.newest(view, EVENTS_SHOWN, **head.span),
        events_note=view.words.gettext("all"),
        queues=queue_rows(view, head.totals, now),
        zones=_zones(view, head.totals, now),
        cameras=_cameras(view),
        cameras_note=_cameras_note(view),
    )


@dataclass(frozen=True, slots=True)
class _Head:
    """What differs between one day and several."""

    question: str
    answer: Markup
    meta: str
    when: str
    figures: list[Figure]
    chart: CountsChart
    span: Span
    totals: dict[str, ZoneTotals]


def _one(view: View, now: Occupancy) -> _Head:
    day = read_day(view, view.period.last_day)
    start, end = periods.day_span(day.date, view.words.timezone)
    span: Span = {"start": start.timestamp(), "end": end.timestamp()}
    totals = zones.zone_totals(view.conn, site=view.site.site, **span)
    word = day_word(view, day.date)
    return _Head(
        question=view.words.gettext("How is today going?") if day.today else view.words.gettext("How did the day go?"),
        answer=overview_day.answer(view, day, now, totals),
        meta=overview_day.meta(view, day),
        when=word,
        figures=[
            overview_day.came_in(view, day, totals),
            overview_day.inside(view, now, day),
            overview_day.presence(view, day),
            overview_day.average(view, day),
        ],
        chart=hours_chart.draw(view.words, day, word),
        span=span,
        totals=totals,
    )


def _several(view: View, now: Occupancy) -> _Head:
    days, when = read_days(view), periods.days(view.period, view.words)
    totals = zones.zone_totals(view.conn, site=view.site.site, **view.span)
    return _Head(
        question=view.words.gettext("How did these days go?"),
        answer=overview_days.answer(view, days, totals, now),
        meta=overview_days.meta(view, days),
        when=when,
        figures=overview_days.figures(view, days, totals, now),
        chart=days_chart.draw(view.words, days, when),
        span=view.span,
        totals=totals,
    )


def _exports(view: View, chart: str) -> list[Export]:
    text, step = view.words.gettext, step_of(view) if len(view.period.days) > 1 else None
    xlsx = {key: [("XLSX", view.api(key, format="xlsx"))] for key in ("occupancy", "zones")}
    return [
        Export(
            chart,
            view.api("footfall", step=step),
            "figure-hours",
            [("XLSX", view.api("footfall", step=step, format="xlsx"))],
        ),
        Export(text("In the store over time"), view.api("occupancy"), None, xlsx["occupancy"]),
        Export(text("Zones"), view.api("zones"), None, xlsx["zones"]),
        Export(text("Plan, now"), None, "figure-now"),
        Export(text("Week report"), None, None, [("HTML", view.link("/week")), ("PDF", view.link("/week.pdf"))]),
    ]


def _picker(view: View) -> Picker:
    """The last days one by one, then the named periods of several days, then a span of one's own."""
    today = view.words.local(view.now).date()
    offered = [today - timedelta(days=i) for i in range(DAYS_OFFERED)]
    one = len(view.period.days) == 1
    days = [
        (_day_title(view, d), view.period_link(_day_query(view, d)), one and d == view.period.last_day) for d in offered
    ]
    named = [*days, *view.periods(SPANS)]
    title = _day_title(view, view.period.last_day) if one else periods.title(view.period, view.words)
    return Picker(title, named, custom=True)


def _day_title(view: View, day: date) -> str:
    word = day_word(view, day)
    return word if word == view.words.day(day) else f"{view.words.sentence(word)}, {view.words.day(day)}"


def _day_query(view: View, day: date) -> dict[str, str]:
    named = {0: {}, 1: {"period": "yesterday"}}
    start, end = periods.day_span(day, view.words.timezone)
    ago = (view.words.local(view.now).date() - day).days
    return named.get(ago, {"from": view.period.written(start), "to": view.period.written(end)})


def _zones(view: View, totals: dict[str, ZoneTotals], now: Occupancy) -> list[ZoneRow]:
    known = view.site.document.zones
    ranked = sorted((key for key in totals if key in known), key=lambda key: -totals[key].presence_s)[:ZONES_SHOWN]
    return [
        ZoneRow(
            name=name_of(known[key], key),
            href=view.link("/floor", zone=key, plan=known[key].camera),
            visits=view.words.number(totals[key].visits),
            median=median_words(stay_of(totals[key]), view.words),
            now="–" if now.stale else view.words.number(now.zones.get(key, 0)),
        )
        for key in ranked
    ]


def _cameras(view: View) -> list[CameraRow]:
    known = view.site.document.cameras
    return [
        CameraRow(
            name=(known[camera.camera].name if camera.camera in known else "") or camera.camera,
            fps="–" if camera.fps is None else view.words.number(camera.fps, 1),
            observed="–" if camera.health is None else view.words.number(camera.health.observed_share * 100, 1),
            state=state.of_camera(camera, view.words),
        )
        for box in view.boxes
        for camera in box.cameras
    ]


def _cameras_note(view: View) -> str:
    fresh, words = view.freshness(), view.words
    count = words.ngettext("%(n)s camera", "%(n)s cameras", fresh.cameras) % {"n": fresh.cameras}
    if not fresh.need_hand:
        return count
    return f"{count}, " + words.ngettext("%(n)s needs a look", "%(n)s need a look", fresh.need_hand) % {
        "n": fresh.need_hand
    }
