"""Categories where they stand: visits, engaged visits, receipts, and what they bring; sorted as the URL says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from server.domain.day_rates import Rate
from server.domain.funnel import CategoryFunnel
from server.funnel_report import FunnelReport
from server.web import funnel_words, plan
from server.web.money import Money
from server.web.parts import Heading
from server.web.view import View

DEFAULT = "-engaged"


@dataclass(frozen=True, slots=True)
class Cell:
    """A number, its interval under it, and whether it cannot be right."""

    value: str
    interval: str = ""
    fault: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One category; `href` is its zone on the floor plan, both links are empty where it stands nowhere."""

    name: str
    steps: str
    """Leads to its steps on this page."""
    zone: str
    href: str
    cells: list[Cell]
    worst: bool


@dataclass(frozen=True, slots=True)
class CategoryTable:
    """Everything the section shows."""

    first: Heading
    headings: list[Heading]
    rows: list[Row]
    faults: bool


@dataclass(frozen=True, slots=True)
class _Column:
    key: str
    title: str
    value: Callable[[CategoryFunnel], float | None]
    cell: Callable[[CategoryFunnel], Cell]


def table(view: View, found: FunnelReport, names: Mapping[str, str], money: Money) -> CategoryTable:
    """The table."""
    columns, asked = _columns(view, money), view.param("sort") or DEFAULT
    key, down = asked.removeprefix("-"), asked.startswith("-")
    listed = _sorted(found.categories, next((c for c in columns if c.key == key), None), names, down=down)
    return CategoryTable(
        first=_heading(view, "name", view.words.gettext("Category"), key, down=down),
        headings=[_heading(view, column.key, column.title, key, down=down) for column in columns],
        rows=[_row(view, category, found, names, columns) for category in listed],
        faults=any(category.faulty for category in found.categories),
    )


def _columns(view: View, money: Money) -> list[_Column]:
    text, words = view.words.gettext, view.words

    def count(of: Callable[[CategoryFunnel], float | None]) -> Callable[[CategoryFunnel], Cell]:
        return lambda c: Cell("–" if (n := of(c)) is None else words.number(n))

    def share(of: Callable[[CategoryFunnel], Rate]) -> Callable[[CategoryFunnel], Cell]:
        return lambda c: Cell(
            funnel_words.percent(words, of(c).value), funnel_words.interval(words, of(c)), of(c).beyond_whole
        )

    def amount(of: Callable[[CategoryFunnel], Rate]) -> Callable[[CategoryFunnel], Cell]:
        return lambda c: Cell(money.price(of(c).value) if of(c).known else "–")

    def rate(of: Callable[[CategoryFunnel], Rate]) -> Callable[[CategoryFunnel], float | None]:
        return lambda c: of(c).value if of(c).known else None

    visits, engaged, receipts = (lambda c: c.visits), (lambda c: c.engaged), (lambda c: c.receipts)
    return [
        _Column("visits", text("Visits"), visits, count(visits)),
        _Column("engaged", text("Engaged"), engaged, count(engaged)),
        _Column("engagement", text("Of visits"), rate(lambda c: c.engagement), share(lambda c: c.engagement)),
        _Column("receipts", text("Receipts"), receipts, count(receipts)),
        _Column("bought", text("Bought, of engaged"), rate(lambda c: c.bought), share(lambda c: c.bought)),
        _Column("per_visit", text("Takings per visit"), rate(lambda c: c.per_visit), amount(lambda c: c.per_visit)),
        _Column("per_m2", text("Per m² and day"), rate(lambda c: c.per_m2), amount(lambda c: c.per_m2)),
    ]


def _heading(view: View, key: str, title: str, chosen: str, *, down: bool) -> Heading:
    rising = (key == chosen and down) or (key != chosen and key == "name")
    sort = ("descending" if down else "ascending") if key == chosen else None
    return Heading(title, view.link(sort=key if rising else f"-{key}"), sort)


def _sorted(
    categories: list[CategoryFunnel], column: _Column | None, names: Mapping[str, str], *, down: bool
) -> list[CategoryFunnel]:
    """In order; what has no value comes last, whichever way it goes."""
    named = sorted(categories, key=lambda c: names.get(c.category, c.category).casefold())
    if column is None:
        return named[::-1] if down else named
    known = [c for c in named if column.value(c) is not None]
    known.sort(key=lambda c: column.value(c) or 0.0, reverse=down)
    return known + [c for c in named if column.value(c) is None]


def _row(
    view: View, category: CategoryFunnel, found: FunnelReport, names: Mapping[str, str], columns: list[_Column]
) -> Row:
    zone = category.zone
    return Row(
        name=names.get(category.category, category.category),
        steps=view.link(category=category.category) if zone else "",
        zone=plan.name_of(view.site.document.zones[zone], zone) if zone else view.words.gettext("stands nowhere"),
        href=view.link("/floor", zone=zone) if zone else "",
        cells=[column.cell(category) for column in columns],
        worst=found.loss is not None and found.loss.category == category.category,
    )
