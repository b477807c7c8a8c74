"""Where do people stop, and for how long? One row per zone, and the chosen zone's curve."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import HTMLResponse

from server.db import heat, zones
from server.db.zones import ZoneTotals
from server.web import dwell, parts, plan, zone_columns
from server.web import period as periods
from server.web.dwell import Stay, stay_of
from server.web.figures import strokes
from server.web.language import Words
from server.web.parts import Export, Heading, Picker, TimesPicker
from server.web.view import Page, View
from server.web.zone_columns import Column, Entry
from server.web.zone_panel import ZonePanel, zone_panel

router = APIRouter()
DEFAULT_ORDER = "presence"


@dataclass(frozen=True, slots=True)
class Row:
    """One zone."""

    key: str
    name: str
    href: str
    selected: bool
    cells: list[str]
    whisker: Markup


@dataclass(frozen=True, slots=True)
class ZonesPage:
    """Everything the template shows."""

    question: str
    answer: Markup
    meta: str
    periods: Picker
    against: Picker
    times: TimesPicker
    exports: list[Export]
    name_heading: Heading
    headings: list[Heading]
    rows: list[Row]
    unseen: list[str]
    panel: ZonePanel | None


@router.get("/zones", response_class=HTMLResponse)
def zone_table(view: Page) -> HTMLResponse:
    """The page."""
    question = view.words.gettext("Where do people stop, and for how long?")
    if not view.boxes or not view.site.document.zones:
        return view.render("empty.html", question=question)
    return view.render("zones.html", page=_page(view, question))


def _page(view: View, question: str) -> ZonesPage:
    known = view.site.document.zones
    totals = zones.zone_totals(view.conn, site=view.site.site, hours=view.times, **view.span)
    before = _before(view)
    stays = {key: stay_of(total) for key, total in totals.items() if key in known}
    past = before or {}
    entries = {key: Entry(known[key], stay, past.get(key)) for key, stay in stays.items()}
    against = view.words.dates(view.against.first_day, view.against.last_day) if view.against else ""
    order, columns = _order(view), zone_columns.columns(view.words, totals, against)
    return ZonesPage(
        question=question,
        answer=_answer(view, stays),
        meta=_meta(view, stays),
        periods=parts.span_picker(view),
        against=parts.against_picker(view),
        times=parts.times_picker(view),
        exports=_exports(view),
        name_heading=_heading(view, "name", view.words.gettext("Zone"), order),
        headings=[_heading(view, c.key, c.title, order) for c in columns],
        rows=[_row(view, key, entries, columns) for key in _sorted(view, entries, columns, order)],
        unseen=[plan.name_of(zone, key) for key, zone in known.items() if key not in stays],
        panel=zone_panel(view, view.param("zone"), totals, before, _ground(view)),
    )


def _before(view: View) -> dict[str, ZoneTotals] | None:
    """Totals of the period the page's is held against."""
    if view.against is None:
        return None
    start, end = view.against.start.timestamp(), view.against.end.timestamp()
    return zones.zone_totals(view.conn, site=view.site.site, start=start, end=end, hours=view.times)


@dataclass(frozen=True, slots=True)
class Order:
    """The column and whether it falls, as in `sort=-median`."""

    key: str
    down: bool


def _order(view: View) -> Order:
    asked = view.param("sort") or f"-{DEFAULT_ORDER}"
    return Order(asked.removeprefix("-"), asked.startswith("-"))


def _heading(view: View, key: str, title: str, order: Order) -> Heading:
    chosen = key == order.key
    rising = (chosen and order.down) or (not chosen and key == "name")
    sort = ("descending" if order.down else "ascending") if chosen else None
    return Heading(title, view.link(sort=key if rising else f"-{key}"), sort)


def _sorted(view: View, entries: Mapping[str, Entry], columns: list[Column], order: Order) -> list[str]:
    """Zone ids in order; without a value they come last, whichever way it goes."""
    known = view.site.document.zones
    named = sorted(entries, key=lambda key: plan.name_of(known[key], key).casefold())
    column = next((column for column in columns if column.key == order.key), None)
    if column is None:
        return named[::-1] if order.down else named
    values = {key: column.value(entries[key]) for key in named}
    ranked = sorted((value, i, key) for i, (key, value) in enumerate(values.items()) if value is not None)
    return [key for *_, key in (ranked[::-1] if order.down else ranked)] + [k for k in named if values[k] is None]


def _row(view: View, key: str, entries: Mapping[str, Entry], columns: list[Column]) -> Row:
    selected = view.param("zone") == key
    return Row(
        key=key,
        name=plan.name_of(view.site.document.zones[key], key),
        href=view.link(zone=None if selected else key),
        selected=selected,
        cells=[column.written(entries[key]) for column in columns],
        whisker=_whisker(view.words, {name: entry.stay for name, entry in entries.items()}, key),
    )


def _whisker(words: Words, stays: Mapping[str, Stay], key: str) -> Markup:
    """The median with its interval, all rows on one axis."""
    stay = stays[key]
    low, high = stay.curve.median_interval_s() if stay.enough else (None, None)
    if stay.median_s is None or low is None or high is None:
        return Markup("")
    return strokes.whisker(low, stay.median_s, high, top=axis_end_s(stays), label=dwell.interval_words(stay, words))


def axis_end_s(stays: Mapping[str, Stay]) -> float:
    """The end of the rows' common axis: the longest upper bound."""
    highs = [stay.curve.median_interval_s()[1] or 0.0 for stay in stays.values() if stay.enough]
    return max(highs, default=1.0)


def _ground(view: View) -> plan.Ground | None:
    grids = heat.heat(view.conn, site=view.site.site, **view.span) if view.param("zone") else []
    aspects = {grid.camera: grid.shape[0] / grid.shape[1] for grid in grids if grid.camera}
    grounds = plan.grounds(view.site.document, aspects)
    return next((ground for ground in grounds if view.param("zone") in ground.zones), None)


def _answer(view: View, stays: Mapping[str, Stay]) -> Markup:
    words, known = view.words, view.site.document.zones
    timed = {key: stay for key, stay in stays.items() if stay.median_s is not None and known[key].kind != "view"}
    if not timed:
        visits = sum(stay.totals.visits for stay in stays.values())
        text = words.ngettext(
            "<b>%(n)s visit</b> so far: not enough to say how long people stay.",
            "<b>%(n)s visits</b> so far: not enough to say how long people stay.",
            visits,
        )
        return Markup(text) % {"n": words.number(visits)}  # noqa: S704 - our own text
    longest = max(timed, key=lambda key: timed[key].median_s or 0.0)
    most = max(timed, key=lambda key: timed[key].totals.visits)
    text = words.gettext(
        "People stay longest in <b>%(longest)s</b>: half over <b>%(time)s</b>. Most visits: <b>%(most)s</b>, %(n)s."
    )
    return Markup(text) % {  # noqa: S704 - our own text
        "longest": plan.name_of(known[longest], longest),
        "time": words.seconds(timed[longest].median_s),
        "most": plan.name_of(known[most], most),
        "n": words.number(timed[most].totals.visits),
    }


def _meta(view: View, stays: Mapping[str, Stay]) -> str:
    words = view.words
    n = len(stays)
    seen = words.ngettext("%(n)s zone", "%(n)s zones", n) % {"n": n}
    observed = words.seconds(max((stay.totals.observed_s for stay in stays.values()), default=0.0))
    hint = words.gettext("Medians by Kaplan and Meier with 95 % interval")
    span, watched = (
        words.sentence(periods.span(view.period, words)),
        words.gettext("%(hours)s observed") % {"hours": observed},
    )
    return f"{seen}. {span}, {watched}. {hint}."


def _exports(view: View) -> list[Export]:
    text = view.words.gettext
    curve = "figure-curve" if view.param("zone") else None
    zones_ = Export(text("Zones"), view.api("zones"), None, [("XLSX", view.api("zones", format="xlsx"))])
    return [zones_, *([Export(text("Dwell curve"), None, curve)] if curve else [])]
