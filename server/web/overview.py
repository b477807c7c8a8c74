"""How is today going? Footfall, who is inside now, what needs a look."""

from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import HTMLResponse

from server.db import occupancy, zones
from server.db.occupancy import Occupancy
from server.db.zones import ZoneTotals
from server.web import event_list, hours_chart, state
from server.web import period as periods
from server.web.day import Day, day_word, read_day
from server.web.dwell import median_words, stay_of
from server.web.event_list import EventRow
from server.web.figures import strokes
from server.web.hours_chart import HoursChart
from server.web.now_plan import NowPlan, now_plan
from server.web.parts import Export, Figure, Picker
from server.web.plan import name_of
from server.web.state import State
from server.web.view import Page, View

router = APIRouter()
DAYS_OFFERED = 7
EVENTS_SHOWN = 5
ZONES_SHOWN = 6


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
    hours: HoursChart
    now: NowPlan
    events: list[EventRow]
    events_note: str
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
    day = read_day(view, view.period.last_day)
    now = occupancy.now(view.conn, site=view.site.site, at=view.at)
    start, end = periods.day_span(day.date, view.words.timezone)
    totals = zones.zone_totals(view.conn, site=view.site.site, start=start.timestamp(), end=end.timestamp())
    word = day_word(view, day.date)
    return Overview(
        question=view.words.gettext("How is today going?") if day.today else view.words.gettext("How did the day go?"),
        answer=_answer(view, day, now, totals),
        meta=_meta(view, day),
        day_word=word,
        periods=_picker(view, day),
        exports=_exports(view),
        figures=[_came_in(view, day, totals), _inside(view, now, day), _presence(view, day), _average(view, day)],
        hours=hours_chart.draw(view.words, day, word),
        now=now_plan(view, now),
        events=event_list.newest(view, EVENTS_SHOWN, start=start.timestamp(), end=end.timestamp()),
        events_note=view.words.gettext("all"),
        zones=_zones(view, totals, now),
        cameras=_cameras(view),
        cameras_note=_cameras_note(view),
    )


def _exports(view: View) -> list[Export]:
    text = view.words.gettext
    return [
        Export(text("People per hour"), view.api("footfall"), "figure-hours"),
        Export(text("In the store over time"), view.api("occupancy")),
        Export(text("Plan, now"), None, "figure-now"),
    ]


def _picker(view: View, day: Day) -> Picker:
    today = view.words.local(view.now).date()
    offered = [today - timedelta(days=i) for i in range(DAYS_OFFERED)]
    named = [(_day_title(view, d), view.period_link(_day_query(view, d)), d == day.date) for d in offered]
    return Picker(_day_title(view, day.date), named, custom=False)


def _day_title(view: View, day: date) -> str:
    word = day_word(view, day)
    return word if word == view.words.day(day) else f"{view.words.sentence(word)}, {view.words.day(day)}"


def _day_query(view: View, day: date) -> dict[str, str]:
    named = {0: {}, 1: {"period": "yesterday"}}
    start, end = periods.day_span(day, view.words.timezone)
    ago = (view.words.local(view.now).date() - day).days
    return named.get(ago, {"from": view.period.written(start), "to": view.period.written(end)})


def _answer(view: View, day: Day, now: Occupancy, totals: dict[str, ZoneTotals]) -> Markup:
    when = _until(view, day)
    came = _people_came(view, day) if day.lines else _visits_began(view, totals)
    parts = [came, _compared(view, day), _now_inside(view, day, now)]
    return Markup("{}: {}.").format(when, Markup("").join(part for part in parts if part))


def _until(view: View, day: Day) -> str:
    if not day.today:
        return view.words.sentence(day_word(view, day.date))
    return view.words.gettext("Today until %(time)s") % {"time": view.words.clock(view.counted_until)}


def _people_came(view: View, day: Day) -> Markup:
    text = view.words.ngettext("<b>%(n)s came in</b>", "<b>%(n)s came in</b>", day.entered)
    return Markup(text) % {"n": view.words.number(day.entered)}  # noqa: S704 - our own text


def _visits_began(view: View, totals: dict[str, ZoneTotals]) -> Markup:
    n = sum(zone.entries for zone in totals.values())
    text = view.words.ngettext("<b>%(n)s visit</b> to the zones began", "<b>%(n)s visits</b> to the zones began", n)
    return Markup(text) % {"n": view.words.number(n)}  # noqa: S704 - our own text


def _compared(view: View, day: Day) -> str:
    if not day.lines or day.change is None:
        return ""
    percent = view.words.percent(abs(day.change))
    if round(day.change * 100) == 0:
        return view.words.gettext(", as on a usual %(day)s") % {"day": view.words.weekday(day.date)}
    more = view.words.gettext(", %(change)s more than on a usual %(day)s")
    less = view.words.gettext(", %(change)s fewer than on a usual %(day)s")
    return (more if day.change > 0 else less) % {"change": percent, "day": view.words.weekday(day.date)}


def _now_inside(view: View, day: Day, now: Occupancy) -> Markup | str:
    if not day.today or now.total is None:
        return ""
    n = {"n": view.words.number(now.total)}
    if now.stale and now.t is not None:
        text = view.words.gettext("; %(n)s were in the store at %(time)s, since then no news")
        return text % (n | {"time": view.words.clock(view.moment_of(now.t))})
    text = view.words.ngettext("; <b>%(n)s in the store</b> now", "; <b>%(n)s in the store</b> now", now.total)
    return Markup(text) % n  # noqa: S704 - our own text


def _meta(view: View, day: Day) -> str:
    words, n = view.words, len(day.lines)
    basis = words.ngettext("Entries over %(n)s entrance line", "Entries over %(n)s entrance lines", n) % {"n": n}
    parts = [basis if day.lines else words.gettext("No entrance line is drawn; visits are counted where zones are")]
    parts.append(words.gettext("observed %(time)s") % {"time": words.seconds(day.observed_s)})
    if day.lines and not day.usual.missing:
        weeks = len(day.usual.days)
        parts.append(
            words.ngettext("usual: the last %(n)s such day", "usual: the last %(n)s such days", weeks) % {"n": weeks}
        )
    last = view.freshness().last
    if last is not None and day.today:
        parts.append(words.gettext("last message %(ago)s") % {"ago": words.ago(view.at - last)})
    return ". ".join(words.sentence(part) for part in parts) + "."


def _came_in(view: View, day: Day, totals: dict[str, ZoneTotals]) -> Figure:
    words = view.words
    if not day.lines:
        n = sum(zone.entries for zone in totals.values())
        return Figure("entries", words.gettext("Zone entries"), words.number(n), note=words.gettext("no entrance line"))
    unit = words.ngettext("person", "people", day.entered)
    left = words.ngettext("%(n)s went out", "%(n)s went out", day.left) % {"n": words.number(day.left)}
    return Figure(
        "footfall",
        words.gettext("Came in"),
        words.number(day.entered),
        unit,
        _usual_note(view, day),
        tip="\n".join([f"{words.number(day.entered)} {unit}", left, _usual_note(view, day)]),
        spark=_spark(view, day),
    )


def _usual_note(view: View, day: Day) -> str:
    band, words = day.usual.until(day.until), view.words
    if band is None:
        n = day.usual.missing
        return words.ngettext("no usual day yet: %(n)s more week", "no usual day yet: %(n)s more weeks", n) % {"n": n}
    figures = {"mid": words.number(band.mid), "low": words.number(band.low), "high": words.number(band.high)}
    return words.gettext("usual by now %(mid)s (%(low)s to %(high)s)") % figures


def _spark(view: View, day: Day) -> Markup:
    hours = hours_chart.shown_hours(day)
    whole = [hour for hour in hours if hour + 1 <= day.until]
    values = [float(day.counts[hour].entered) if hour in day.counts else None for hour in whole]
    return strokes.sparkline(values, label=view.words.gettext("By hour"))


def _inside(view: View, now: Occupancy, day: Day) -> Figure:
    words = view.words
    peak = max(day.steps.items(), key=lambda item: item[1].highest, default=None)
    note = ""
    if peak:
        note = words.gettext("at most %(n)s, between %(from)s and %(to)s") % {
            "n": words.number(peak[1].highest),
            "from": f"{peak[0]}:00",
            "to": f"{peak[0] + 1}:00",
        }
    if now.stale and now.t is not None:
        note = words.gettext("at %(time)s; since then no news") % {"time": words.clock(view.moment_of(now.t))}
    value = words.number(now.total) if now.total is not None else "–"
    tip = words.gettext("Sum over the cameras; where views overlap, a person counts in each.")
    unit = words.ngettext("person", "people", now.total or 0)
    return Figure(
        "occupancy", words.gettext("In the store now"), value, unit, note, tip=f"{value} {unit}\n{tip}", stale=now.stale
    )


def _presence(view: View, day: Day) -> Figure:
    words = view.words
    hours = day.presence_s / 3600
    value = words.number(hours, 1 if hours < 100 else 0)
    unit = words.gettext("person-hours")
    note = words.gettext("in %(time)s observed") % {
        "time": words.seconds(sum(s.observed_s for s in day.steps.values()))
    }
    return Figure("presence", words.gettext("Time spent inside"), value, unit, note, tip=f"{value} {unit}\n{note}")


def _average(view: View, day: Day) -> Figure:
    words, mean = view.words, day.mean_inside
    value = "–" if mean is None else words.number(mean, 1)
    unit = words.ngettext("person", "people", mean or 0)
    hours = hours_chart.shown_hours(day)
    means = [day.steps[hour].mean if hour in day.steps else None for hour in hours if hour < day.until]
    spark = strokes.sparkline(means, label=words.gettext("By hour"))
    note = words.gettext("over the observed time")
    return Figure(
        "occupancy_mean",
        words.gettext("Inside on average"),
        value,
        unit,
        note,
        tip=f"{value} {unit}\n{note}",
        spark=spark,
    )


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
