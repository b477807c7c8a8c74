"""Where do we lose them? From the street to the till, by hour, weekday and category, and what moved the takings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from server.db.catalogue import names as category_names
from server.domain.day_rates import Rate
from server.funnel_report import FunnelReport, funnel_report, hour_rates, segment_steps, takings_report
from server.web import funnel_segments, funnel_steps, funnel_table, funnel_words, parts, times
from server.web.figures.rates import Dot, dots_chart
from server.web.funnel_segments import SegmentTable
from server.web.funnel_steps import Step
from server.web.funnel_table import CategoryTable
from server.web.money import Money
from server.web.parts import Export, Figure, Picker, Table
from server.web.takings_section import TakingsSection, takings_section
from server.web.view import Page, View

router = APIRouter()


@dataclass(frozen=True, slots=True)
class RatesChart:
    """Conversion by hour or weekday; `wide` and `narrow` are the same drawing for two widths."""

    wide: Markup
    narrow: Markup
    table: Table


@dataclass(frozen=True, slots=True)
class StepsGroup:
    """Steps one under the other, and their numbers."""

    title: str
    steps: list[Step]
    table: Table


@dataclass(frozen=True, slots=True)
class FunnelPage:
    """Everything the template shows."""

    question: str
    answer: Markup
    meta: str
    periods: Picker
    against: Picker
    exports: list[Export]
    till: bool
    figures: list[Figure]
    steps: StepsGroup
    chosen: StepsGroup | None
    """Of the category that was pressed, else of the one where most is lost."""
    hours: RatesChart | None
    weekdays: RatesChart | None
    categories: CategoryTable
    segments: SegmentTable | None
    takings: TakingsSection | None


@router.get("/funnel", response_class=HTMLResponse)
def funnel_page(view: Page) -> Response:
    """The page; by default over 28 days, because how days differ is what intervals come from."""
    if not any(view.param(name) for name in ("period", "from")):
        return RedirectResponse(view.link(period="28d"), status_code=302)
    question = view.words.gettext("Where do we lose them?")
    if not view.boxes:
        return view.render("empty.html", question=question)
    return view.render("funnel.html", page=_page(view, question))


def _page(view: View, question: str) -> FunnelPage:
    period = view.period
    last = max(min(period.last_day, view.words.local(view.seen_until).date()), period.first_day)
    found = funnel_report(view.conn, view.site.document, first=period.first_day, last=last)
    names, money = category_names(view.conn, view.site.site), Money(view.words, found.currency)
    reached = segment_steps(view.conn, view.site.document, first=found.first, last=found.last)
    return FunnelPage(
        question=question,
        answer=funnel_words.answer(view, found, names),
        meta=funnel_words.meta(view, found),
        periods=parts.span_picker(view),
        against=parts.against_picker(view),
        exports=_exports(view),
        till=found.till,
        figures=funnel_steps.figures(view, found, money),
        steps=_group(view, view.words.gettext("From the street to the till"), funnel_steps.steps(view, found)),
        chosen=_chosen(view, found, names),
        hours=_hours(view, found) if found.till else None,
        weekdays=_weekdays(view, found) if found.till else None,
        categories=funnel_table.table(view, found, names, money),
        segments=funnel_segments.segment_table(view, reached),
        takings=_takings(view, found, money) if found.till else None,
    )


def _group(view: View, title: str, steps: list[Step]) -> StepsGroup:
    return StepsGroup(title, steps, funnel_steps.steps_table(view, title, steps))


def _chosen(view: View, found: FunnelReport, names: Mapping[str, str]) -> StepsGroup | None:
    standing = {category.category: category for category in found.categories if category.zone is not None}
    most = max(standing.values(), key=lambda category: category.engaged or 0.0, default=None)
    key = found.loss.category if found.loss else most.category if most else ""
    category = standing.get(view.param("category") or key, most)
    if category is None:
        return None
    title = view.words.gettext("%(category)s, from its zone to the till") % {
        "category": names.get(category.category, category.category)
    }
    return _group(view, title, funnel_steps.category_steps(view, category))


def _takings(view: View, found: FunnelReport, money: Money) -> TakingsSection | None:
    if view.against is None:
        return None
    first, last = view.against.first_day, view.against.last_day
    moved = takings_report(view.conn, view.site.document, found.days, first=first, last=last)
    return takings_section(view, moved, money, view.words.dates(first, last))


def _weekdays(view: View, found: FunnelReport) -> RatesChart:
    named = [times.weekday(day, view.words) for day in range(7)]
    return _chart(
        view, found, view.words.gettext("Conversion by weekday"), list(zip(named, found.weekdays, strict=True))
    )


def _hours(view: View, found: FunnelReport) -> RatesChart | None:
    """From the first to the last hour of which anything is known; None where nothing is."""
    rates = hour_rates(view.conn, view.site.document, found)
    known = [hour for hour, rate in enumerate(rates) if rate.known]
    if not known:
        return None
    shown = [(str(hour), rates[hour]) for hour in range(known[0], known[-1] + 1)]
    return _chart(view, found, view.words.gettext("Conversion by hour"), shown)


def _chart(view: View, found: FunnelReport, title: str, rates: Sequence[tuple[str, Rate]]) -> RatesChart:
    words = view.words
    dots = [_dot(view, name, rate) for name, rate in rates]
    usual = found.store.conversion.value if found.store.conversion.known else None
    wide, narrow = (
        dots_chart(dots, label=title, written=words.percent, usual=usual, width=width) for width in (568.0, 358.0)
    )
    head = [title, words.gettext("Conversion"), words.gettext("Interval"), words.gettext("People who came in")]
    rows = [
        [
            name,
            funnel_words.percent(words, rate.value),
            funnel_words.interval(words, rate) or "–",
            words.number(rate.below),
        ]
        for name, rate in rates
    ]
    return RatesChart(wide, narrow, Table(title, head, rows))


def _dot(view: View, name: str, rate: Rate) -> Dot:
    words = view.words
    if not rate.known:
        return Dot(name, None, None, None, "", "\n".join([name, words.gettext("not measured")]))
    low, high = (rate.low, rate.high) if rate.sure else (None, None)
    counts = {"receipts": words.number(rate.above), "entrants": words.number(rate.below)}
    of = words.gettext("%(receipts)s receipts of %(entrants)s entrants") % counts
    written = words.percent(rate.value)
    return Dot(name, rate.value, low, high, written, "\n".join([written, name, of, funnel_words.interval(words, rate)]))


def _exports(view: View) -> list[Export]:
    text = view.words.gettext
    against = view.against
    days = {"against_first": str(against.first_day), "against_last": str(against.last_day)} if against else {}
    takings = Export(
        text("What moved the takings"),
        view.api("takings", **days),
        None,
        [("XLSX", view.api("takings", format="xlsx", **days))],
    )
    return [
        parts.table(view, text("From the street to the till"), "funnel"),
        parts.table(view, text("Conversion by hour"), "funnel/hours", figure="figure-hours"),
        parts.table(view, text("Categories"), "funnel/categories"),
        parts.table(view, text("Segments"), "funnel/segments"),
        *([takings] if against else []),
    ]
