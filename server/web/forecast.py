"""How many will come? The next 14 days, the chosen one by hour, and how forecasts did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, HTTPException
from markupsafe import Markup
from starlette.background import BackgroundTask
from starlette.responses import HTMLResponse, RedirectResponse, Response

from server.api.landings import Planner
from server.db import catalogue, days_known, forecasts
from server.db.forecast_errors import past_misses
from server.db.forecast_past import forecast_series
from server.db.forecasts import ENTRANTS, OCCUPANCY, SALES
from server.db.sites import entrance_lines
from server.domain.forecast import DAYS_NEEDED
from server.domain.forecast_errors import Miss
from server.forecasting import make_again
from server.session import Running
from server.settings import Settings
from server.web import forecast_words
from server.web.forecast_charts import BandChart, band_written, days_chart, hours_chart, rounded
from server.web.forecast_day import DayAhead, came_so_far, days_ahead, total_of
from server.web.parts import Export, Picker
from server.web.special_days import Sent, SpecialRow, read_special, special_rows
from server.web.view import Page, View

router = APIRouter()


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """What is expected of a category on the chosen day."""

    name: str
    expected: str
    interval: str
    busiest: str
    fortnight: str


@dataclass(frozen=True, slots=True)
class MissRow:
    """How forecasts did that were made so far ahead."""

    ahead: str
    cells: list[str]


@dataclass(frozen=True, slots=True)
class ForecastPage:
    """Everything the template shows."""

    question: str
    answer: Markup
    meta: str
    picker: Picker
    exports: list[Export]
    days: BandChart
    fortnight: str
    hours: BandChart
    hours_note: str
    inside: BandChart | None
    categories: list[CategoryRow]
    left_out: str
    did: str
    misses: list[MissRow]
    special: list[SpecialRow]
    faults: Sequence[str]
    staff: str
    """Address of the planning export."""


@router.get("/forecast", response_class=HTMLResponse)
def forecast_page(view: Page, service: Running) -> Response:
    """The page."""
    return shown(view, service.settings)


@router.post("/forecast/special", response_class=HTMLResponse)
def add_special(view: Page, sent: Sent, service: Running, _: Planner) -> Response:
    """Say that a day is not like its weekday; the forecasts are worked out anew."""
    special = read_special(sent)
    if special is None:
        fault = view.words.gettext("Give a day and a short name, such as “street festival”.")
        return shown(view, service.settings, [fault], status=422)
    with service.engine.begin() as conn:
        days_known.put_special(conn, view.site.site, [special])
    return _again(view, service)


@router.post("/forecast/special/{day}/drop")
def drop_special(view: Page, day: str, service: Running, _: Planner) -> Response:
    """Take it back."""
    try:
        which = date.fromisoformat(day)
    except ValueError:
        raise HTTPException(404) from None
    with service.engine.begin() as conn:
        days_known.drop_special(conn, view.site.site, which)
    return _again(view, service)


def _again(view: View, service: Running) -> Response:
    later = BackgroundTask(make_again, service, view.site.site)
    return RedirectResponse(f"{view.link('/forecast')}#special", 303, background=later)


def shown(view: View, settings: Settings, faults: Sequence[str] = (), *, status: int = 200) -> HTMLResponse:
    """The page, with what was wrong with a special day that was sent."""
    question = view.words.gettext("How many will come?")
    made = forecasts.newest(view.conn, view.site.site, ENTRANTS)
    days = days_ahead(made, view.words.timezone) if made else []
    today = view.words.local(view.now).date()
    current = [day for day in days if day.date >= today]
    if made is None or not current:
        return _nothing_yet(view, settings, question, faults, status)
    came = came_so_far(view, entrance_lines(view.site.document), current[0].date)
    chosen = _chosen(view, current, came)
    named = _named(view, settings, current)
    name = named.get(chosen.date, "")
    words, misses = view.words, past_misses(view.conn, view.site.document, ENTRANTS, today=today)
    first = len(days) - len(current)
    page = ForecastPage(
        question=question,
        answer=forecast_words.answer(view, chosen, name),
        meta=forecast_words.meta(view, made, name),
        picker=_picker(view, current, chosen, named),
        exports=_exports(view),
        days=days_chart(words, current, sum(came.values()) if came else None),
        fortnight=words.gettext("%(span)s in all")
        % {"span": band_written(words, total_of(made, first, len(days) - 1))},
        hours=_hours(view, chosen, came if chosen == current[0] else {}),
        hours_note=words.day(chosen.date),
        inside=_inside(view, chosen.date),
        categories=_categories(view, chosen.date),
        left_out=_left_out(view, today),
        did=forecast_words.how_it_did(view, misses),
        misses=[_miss(view, miss) for miss in misses],
        special=special_rows(view, settings, current[0].date),
        faults=faults,
        staff=f"/api/v1/sites/{view.site.site}/forecast/staff",
    )
    return view.render("forecast.html", status=status, page=page)


def _nothing_yet(view: View, settings: Settings, question: str, faults: Sequence[str], status: int) -> HTMLResponse:
    today = view.words.local(view.now).date()
    special = special_rows(view, settings, today)
    return view.render(
        "forecast_empty.html",
        status=status,
        question=question,
        needed=DAYS_NEEDED,
        lines=bool(entrance_lines(view.site.document)),
        special=special,
        faults=faults,
    )


def _chosen(view: View, days: Sequence[DayAhead], came: Mapping[int, float]) -> DayAhead:
    """The day of the URL; else today while most are still to come, else tomorrow."""
    asked = next((day for day in days if day.date.isoformat() == view.param("day")), None)
    if asked:
        return asked
    first = days[0]
    hour = view.words.local(view.now).hour
    still = sum(band.mid for h, band in first.hours.items() if h >= hour)
    later = first.band is None or still < first.band.mid / 2
    return days[1] if later and len(days) > 1 else first


def _named(view: View, settings: Settings, days: Sequence[DayAhead]) -> dict[date, str]:
    """What makes days special, holidays and what the store says."""
    return {row.day: row.name for row in special_rows(view, settings, days[0].date) if row.day is not None}


def _picker(view: View, days: Sequence[DayAhead], chosen: DayAhead, named: Mapping[date, str]) -> Picker:
    def title(day: date) -> str:
        return f"{view.words.day(day)}, {named[day]}" if named.get(day) else view.words.day(day)

    choices = [(title(day.date), view.link(day=day.date.isoformat()), day == chosen) for day in days]
    return Picker(view.words.day(chosen.date), choices, custom=False)


def _exports(view: View) -> list[Export]:
    words, base = view.words, f"/api/v1/sites/{view.site.site}/forecast"

    def table(title: str, address: str, figure: str | None = None) -> Export:
        joint = "&" if "?" in address else "?"
        return Export(title, f"{address}{joint}format=csv", figure, [("XLSX", f"{address}{joint}format=xlsx")])

    return [
        table(words.gettext("14 days by day"), f"{base}?step=day", "figure-days"),
        table(words.gettext("14 days by hour"), base, "figure-hours"),
        table(words.gettext("How past forecasts did"), f"{base}/errors"),
    ]


def _hours(view: View, day: DayAhead, came: Mapping[int, float]) -> BandChart:
    local = view.words.local(view.now)
    until = local.hour + local.minute / 60 if local.date() == day.date else None
    return hours_chart(
        view.words, day, came, title=view.words.gettext("People who will come in, per hour"), until=until
    )


def _inside(view: View, day: date) -> BandChart | None:
    found = _day_of(view, OCCUPANCY, day)
    if found is None:
        return None
    title = view.words.gettext("People inside, average per hour")
    return hours_chart(view.words, found, {}, title=title, until=None, digits=1)


def _day_of(view: View, series: str, day: date) -> DayAhead | None:
    made = forecasts.newest(view.conn, view.site.site, series)
    days = days_ahead(made, view.words.timezone) if made else []
    return next((each for each in days if each.date == day), None)


def _categories(view: View, day: date) -> list[CategoryRow]:
    names = catalogue.names(view.conn, view.site.site)
    known = [series for series in forecasts.series_of(view.conn, view.site.site) if series.startswith(SALES)]
    found = [(names.get(key := series.removeprefix(SALES), key), _category(view, series, day)) for series in known]
    rows = [(name, *row) for name, row in found if row]
    return [
        CategoryRow(name, *written) for name, _, written in sorted(rows, key=lambda row: (-row[1], row[0].casefold()))
    ]


def _category(view: View, series: str, day: date) -> tuple[float, tuple[str, str, str, str]] | None:
    made = forecasts.newest(view.conn, view.site.site, series)
    days = days_ahead(made, view.words.timezone) if made else []
    chosen = next((each for each in days if each.date == day), None)
    if made is None or chosen is None or chosen.band is None:
        return None
    words, busiest = view.words, chosen.busiest
    span = f"{busiest[0]}:00–{busiest[1]}:00" if busiest else "–"
    whole = words.number(rounded(total_of(made, 0, len(days) - 1).mid))
    return chosen.band.mid, (words.number(rounded(chosen.band.mid)), band_written(words, chosen.band), span, whole)


def _left_out(view: View, today: date) -> str:
    """Categories that are not forecast, and why."""
    names = catalogue.names(view.conn, view.site.site)
    _, left = forecast_series(view.conn, view.site.document, today=today)
    return ", ".join(sorted((names.get(key, key) for key in left), key=str.casefold))


def _miss(view: View, miss: Miss) -> MissRow:
    words = view.words
    cells = [
        words.number(miss.mae, 1),
        words.percent(miss.bias, 1),
        words.number(miss.mase, 2),
        words.percent(miss.covered_80),
        words.percent(miss.covered_95),
        words.number(miss.n),
    ]
    return MissRow(forecast_words.ahead(view, miss), cells)
