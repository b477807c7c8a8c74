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

    drawn = [_row(row, i, x, width) for i, row in enumerate(rows)]
    layers = _ticks([(x(t), name) for t, name in scale.ticks], height, width, now=x(scale.now))
    layers += [shapes for shapes, _ in drawn]
    if scale.start <= scale.now <= scale.end:
        layers.append(svg.line((x(scale.now), 6), (x(scale.now), height - 6), "now-mark"))
        layers.append(svg.text(scale.now_word, x(scale.now) + 4, 16, class_="value"))
    layers += [words for _, words in drawn]
    return svg.svg(*layers, width=width, height=height, label=label, class_="chart calendar", role="group")


def _ticks(places: Sequence[tuple[float, str]], height: float, width: float, *, now: float) -> list[Markup]:
    """A line for each; a name where there is room beside the one before, the word for now and the edge."""
    parts, free = [], 0.0
    for x, name in places:
        parts.append(svg.line((x, TOP - 6), (x, height - 6), "grid"))
        end = x + len(name) * LETTER + 8
        if x >= free and end < width and not (x < now + 34 and end > now):
            parts.append(svg.text(name, x + 2, 16, class_="tick"))
            free = end
    return parts


def _row(row: Row, i: int, x: Callable[[float], float], width: float) -> tuple[Markup, Markup]:
    """Its shapes, and the words that stand on them, above the line of now."""
    y = TOP + i * ROW
    name = svg.element("a", svg.text(row.name, 14 if row.clash else 0, y + 18, class_="name"), href=row.href)
    shapes = [svg.line((0, y + ROW), (width, y + ROW), "grid"), name]
    if row.clash:
        shapes.append(svg.element("path", class_="clash", d=f"M5 {y + 9}l4.6 8.2h-9.2z"))
    bars = [bar for bar in row.bars if x(bar.end) > x(bar.start)]
    words = []
    rooms = [*(x(bar.start) for bar in bars[1:]), width]
    for bar, room in zip(bars, rooms, strict=False):
        start, end = x(bar.start), max(x(bar.end), x(bar.start) + 3)
        place = {"x": start, "y": y + (ROW - BAR) / 2, "width": end - start, "height": BAR, "rx": 2}
        shapes.append(svg.element("rect", class_=f"span {bar.kind}", **place))
        words += _words(bar, start, end, y + ROW / 2 + 4, room=room)
    return svg.mark(*shapes, tip=row.tip), svg.join(words)


def _words(bar: Bar, start: float, end: float, y: float, *, room: float) -> list[Markup]:
    inner, note = len(bar.inside) * LETTER + 8, len(bar.note) * LETTER + 8
    inside = bool(bar.inside) and inner < end - start
    words = [svg.text(bar.inside, start + 8, y, class_=f"on {bar.kind}")] if inside else []
    if bar.note and note + (inner if inside else 0) < end - start:
        words.append(svg.text(bar.note, end - 8, y, class_=f"on strong {bar.kind}", anchor="end"))
    elif bar.note and end + note < room:
        words.append(svg.text(bar.note, end + 6, y, class_="tick"))
    return words
