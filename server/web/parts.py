"""What pages are made of, in the reader's words: figures, tables behind charts, exports, the period picker."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

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
class Export:
    """One chart's ways out: the REST answer as CSV, the drawing as PNG."""

    title: str
    csv: str | None = None
    figure: str | None = None


@dataclass(frozen=True, slots=True)
class Picker:
    """The period picker: what it shows, what it offers, whether a free span makes sense."""

    title: str
    named: list[tuple[str, str, bool]]
    custom: bool


def span_picker(view: View) -> Picker:
    """Named periods and a free span."""
    return Picker(periods.title(view.period, view.words), view.periods(), custom=True)
