"""Spans of days as bars, one row each, over weeks: what is planned when."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from server.web.figures import svg

ROW, BAR, TOP = 28.0, 16.0, 26.0
LETTER = 6.2
"""Px that a letter takes on average, at 11 px."""


@dataclass(frozen=True, slots=True)
class Bar:
    """[start, end) on the scale of the calendar. `inside` stands at its left, `note` at its right or behind it."""

    start: float
    end: float
    kind: str
    """`now`, `planned`, `waits`, `draft`, `paused` or `over`: its class."""
    inside: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One campaign."""

    name: str
    href: str
    bars: Sequence[Bar]
    tip: str
    clash: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """The stretch that is drawn, and where it is named."""

    start: float
    end: float
    ticks: Sequence[tuple[float, str]]
    now: float
    now_word: str


def calendar(rows: Sequence[Row], scale: Scale, *, label: str, width: float, left: float) -> Markup:
    """Rows from above; names in the first `left` px, every name a link."""
    height = TOP + ROW * len(rows) + 6

    def x(t: float) -> float:
        return left + (width - left) * (min(max(t, scale.start), scale.end) - scale.start) / (scale.end - scale.start)

    layers = [_tick(x(t), name, height, x(scale.now)) for t, name in scale.ticks if x(t) < width - 20]
    layers += [_row(row, i, x, width, left) for i, row in enumerate(rows)]
    if scale.start <= scale.now <= scale.end:
        layers.append(svg.line((x(scale.now), 6), (x(scale.now), height - 6), "now-mark"))
        layers.append(svg.text(scale.now_word, x(scale.now) + 4, 16, class_="value"))
    return svg.svg(*layers, width=width, height=height, label=label, class_="chart calendar", role="group")


def _tick(x: float, name: str, height: float, now: float) -> Markup:
    parts = [svg.line((x, TOP - 6), (x, height - 6), "grid")]
    if not now - len(name) * LETTER - 4 < x < now + 34:
        parts.append(svg.text(name, x + 2, 16, class_="tick"))
    return svg.join(parts)


def _row(row: Row, i: int, x: Callable[[float], float], width: float, left: float) -> Markup:
    y = TOP + i * ROW
    name = svg.element("a", svg.text(row.name, 14 if row.clash else 0, y + 18, class_="name"), href=row.href)
    parts = [svg.line((0, y + ROW), (width, y + ROW), "grid"), name]
    if row.clash:
        parts.append(svg.element("path", class_="clash", d=f"M5 {y + 9}l4.6 8.2h-9.2z"))
    bars = [bar for bar in row.bars if x(bar.end) > x(bar.start)]
    for bar, after in zip(bars, [*bars[1:], None], strict=True):
        parts.append(_bar(bar, x(bar.start), x(bar.end), y, room=(x(after.start) if after else width)))
    return svg.mark(*parts, tip=row.tip)


def _bar(bar: Bar, left: float, right: float, y: float, *, room: float) -> Markup:
    drawn = max(right - left, 3.0)
    middle = y + ROW / 2 + 4
    parts = [
        svg.element("rect", class_=f"span {bar.kind}", x=left, y=y + (ROW - BAR) / 2, width=drawn, height=BAR, rx=2)
    ]
    inner, note = len(bar.inside) * LETTER + 8, len(bar.note) * LETTER + 8
    if bar.inside and inner < drawn:
        parts.append(svg.text(bar.inside, left + 8, middle, class_=f"on {bar.kind}"))
    if bar.note and note + (inner if bar.inside and inner < drawn else 0) < drawn:
        parts.append(svg.text(bar.note, left + drawn - 8, middle, class_=f"on strong {bar.kind}", anchor="end"))
    elif bar.note and right + note < room:
        parts.append(svg.text(bar.note, right + 6, middle, class_="tick"))
    return svg.join(parts)
