"""Small drawings that stand in a line of text or a cell: sparkline, whisker, legend ramp, scale bar."""

from collections.abc import Sequence

from markupsafe import Markup

from server.domain.usual import Band
from server.web.figures import svg


def sparkline(values: Sequence[float | None], *, label: str, bands: Sequence[Band] = (), width: float = 92.0) -> Markup:
    """The course of a figure; a gap in the data stays a gap, the last value has a dot; nothing below two values."""
    if sum(value is not None for value in values) < 2:
        return Markup()
    height, top = 30.0, max([v for v in values if v is not None] + [band.high for band in bands] + [1.0])

    def place(i: int, value: float) -> svg.Point:
        return 3 + i * (width - 8) / max(len(values) - 1, 1), height - 4 - (height - 8) * value / top

    layers = []
    if len(bands) == len(values) and bands:
        edge = [place(i, b.high) for i, b in enumerate(bands)] + [place(i, b.low) for i, b in enumerate(bands)][::-1]
        layers.append(svg.element("path", class_="band", d=svg.path(edge, closed=True)))
    runs = _runs(values)
    layers += [svg.element("path", class_="now-line thin", d=svg.path([place(i, v) for i, v in run])) for run in runs]
    if runs:
        x, y = place(*runs[-1][-1])
        layers.append(svg.element("circle", class_="now-dot", cx=x, cy=y, r=2.5))
    return svg.svg(*layers, width=width, height=height, label=label, class_="chart spark")


def _runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    runs: list[list[tuple[int, float]]] = []
    for i, value in enumerate(values):
        if value is None:
            continue
        if runs and runs[-1][-1][0] == i - 1:
            runs[-1].append((i, value))
        else:
            runs.append([(i, value)])
    return runs


def whisker(low: float, mid: float, high: float, *, top: float, label: str, width: float = 80.0) -> Markup:
    """An interval on an axis from 0 to `top`: a whisker of 2 px with a dot of 4."""
    height, reach = 20.0, width - 8

    def x(value: float) -> float:
        return 4 + reach * min(max(value / top, 0.0), 1.0) if top > 0 else 4.0

    return svg.svg(
        svg.line((4, 10), (width - 4, 10), "grid"),
        svg.line((x(low), 10), (x(high), 10), "whisker"),
        svg.element("circle", class_="now-dot", cx=x(mid), cy=10, r=4),
        width=width,
        height=height,
        label=label,
        class_="chart inline",
    )


def share_bar(share: float, *, label: str, width: float = 80.0) -> Markup:
    """A share of the whole as a grey bar."""
    return svg.svg(
        svg.element("rect", class_="band", x=0, y=7, width=width, height=6),
        svg.element("rect", class_="amount", x=0, y=7, width=width * min(max(share, 0.0), 1.0), height=6),
        width=width,
        height=20,
        label=label,
        class_="chart inline",
    )


def bullet(value: float, target: float, *, label: str, width: float = 88.0) -> Markup:
    """An amount against a target: a bar, and a tick of 2 px where it should end at most."""
    top = max(target * 1.75, value)
    reach, tick = width * min(value / top, 1.0), width * target / top
    return svg.svg(
        svg.element("rect", class_="band", x=0, y=7, width=width, height=6),
        svg.element("rect", class_="amount over" if value > target else "amount", x=0, y=7, width=reach, height=6),
        svg.element("rect", class_="target", x=tick - 1, y=4, width=2, height=12),
        width=width,
        height=20,
        label=label,
        class_="chart inline",
    )


def ramp(colours: Sequence[str], marks: Sequence[tuple[float, str]], *, label: str, width: float = 232.0) -> Markup:
    """A legend's ramp: `colours` low to high in equal steps, `marks` at shares of its length."""
    step = (width - 20) / len(colours)
    boxes = [
        svg.element("rect", fill=colour, x=8 + i * step, y=0, width=step + 0.3, height=10)
        for i, colour in enumerate(colours)
    ]
    words = []
    for share, name in marks:
        x = 8 + share * (width - 20)
        words.append(svg.line((x, 10), (x, 14), "axis"))
        words.append(svg.text(name, x, 26, class_="tick", anchor="middle"))
    return svg.svg(*boxes, *words, width=width, height=30, label=label, class_="chart ramp")
