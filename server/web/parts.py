"""What pages are made of, in the reader's words: figures, tables behind charts, exports, the period picker."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from server.web import compare, times
from server.web import period as periods
from server.web.view import View


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that stands alone. `key` is its entry in the catalogue; `tip` is what stands behind it."""

    key: str
    label: str
    value: str
    unit: str = ""
    note: str = ""
    tip: str = ""
    spark: Markup = field(default_factory=Markup)
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of a chart; the first column names the row."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's head: pressing it sorts by it, pressing again turns the order round."""

    title: str
    href: str
    sort: str | None


@dataclass(frozen=True, slots=True)
class Export:
    """One chart's ways out: the REST answer as CSV and in other formats, the drawing as PNG."""

    title: str
    csv: str | None = None
    figure: str | None = None
    others: Sequence[tuple[str, str]] = ()
    """(what it says, address) of further formats."""


def table(view: View, title: str, subject: str, *, figure: str | None = None) -> Export:
    """The REST answer about `subject` as CSV and XLSX, and the drawing beside it."""
    return Export(title, view.api(subject), figure, [("XLSX", view.api(subject, format="xlsx"))])


@dataclass(frozen=True, slots=True)
class Picker:
    """A picker: what it shows, what it offers, and whether a span of one's own makes sense."""

    title: str
    named: list[tuple[str, str, bool]]
    custom: bool
    what: str = ""
    """What is picked; by default the period, or the day where there is no span of one's own."""
    fields: tuple[str, str] = ("from", "to")
    """What the span of one's own is called in the URL."""
    span: tuple[str, str] = ("", "")
    """The span to begin with, as a form writes it; by default the page's."""
    drops: tuple[str, ...] = ("from", "to", "period")
    """What in the URL gives way to a new choice."""


@dataclass(frozen=True, slots=True)
class TimesPicker:
    """The picker of hours and weekdays: its title, the hours as the URL says them, a link for each weekday."""

    title: str
    hours: str
    weekdays: list[tuple[str, str, bool]]
    everything: str


def span_picker(view: View) -> Picker:
    """Named periods and a free span."""
    return Picker(periods.title(view.period, view.words), view.periods(), custom=True)


def against_picker(view: View) -> Picker:
    """What the period is held against."""
    shown, cleared = view.against, dict.fromkeys(("against", "against_from", "against_to"))
    chosen = shown.key if shown else "none"
    named = [
        (title, view.link(None, **(cleared | {"against": None if key == "week" else key})), key == chosen)
        for key, title in compare.choices(view.words).items()
    ]
    period = shown or view.period
    return Picker(
        compare.title(shown, view.words),
        named,
        custom=True,
        what=view.words.gettext("Against"),
        fields=("against_from", "against_to"),
        span=(period.written(period.start), period.written(period.end)),
        drops=tuple(cleared),
    )


def times_picker(view: View) -> TimesPicker:
    """Hours of the day and weekdays."""
    chosen = view.times
    days = [
        (
            times.weekday(day, view.words),
            view.link(weekdays=times.toggled(chosen, day)),
            chosen is not None and chosen.weekdays != times.WEEK and day in chosen.weekdays,
        )
        for day in range(7)
    ]
    hours = times.hours_written(chosen.hours_of_day) if chosen else None
    return TimesPicker(times.title(chosen, view.words), hours or "", days, view.link(hours=None, weekdays=None))
