"""Shares side by side, each a dot with its interval: by hour, by weekday; and how many are left at a step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor

from markupsafe import Markup

from server.web.figures import svg
from server.web.figures.ticks import round_step

LEFT, RIGHT, TOP, BOTTOM = 38.0, 6.0, 20.0, 24.0


@dataclass(frozen=True, slots=True)
class Dot:
    """One hour or weekday; `value` is None where nothing is known, `low` and `high` where no interval is."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    written: str
    tip: str


def dots_chart(
    dots: Sequence[Dot],
    *,
    label: str,
    written: Callable[[float], str],
    usual: float | None = None,
    width: float = 568.0,
    height: float = 196.0,
) -> Markup:
    """Dots left to right, joined where they are neighbours; `usual` is a line across."""
    low, high, step = _ends(dots, usual)
    slot = (width - LEFT - RIGHT) / max(len(dots), 1)

    def place(i: int, value: float) -> svg.Point:
        return LEFT + (i + 0.5) * slot, TOP + (high - value) / (high - low) * (height - TOP - BOTTOM)

    ticks = [low + i * step for i in range(round((high - low) / step) + 1)]
    layers = [_grid(place(0, tick)[1], written(tick), width) for tick in ticks]
    if usual is not None:
        y = place(0, usual)[1]
        layers.append(svg.line((LEFT, y), (width - RIGHT, y), "usual-line"))
    layers += [svg.element("path", class_="now-line thin", d=svg.path(run)) for run in _runs(dots, place)]
    layers += [_dot(dots, i, place, slot, height) for i in range(len(dots))]
    return svg.svg(*layers, width=width, height=height, label=label, class_="chart rates", role="group")


Place = Callable[[int, float], svg.Point]


def _ends(dots: Sequence[Dot], usual: float | None) -> tuple[float, float, float]:
    """Both ends of the axis and its step. From 0, unless all lie in the upper half: then differences would vanish."""
    bounds = [v for dot in dots for v in (dot.low, dot.value, dot.high) if v is not None] + [usual or 0.0] * bool(usual)
    least, most = min(bounds, default=0.0), max([*bounds, 1e-6])
    least = least if least > most / 2 else 0.0
    step = round_step(max(most - least, most / 20), 4)
    return floor(least / step + 1e-9) * step, ceil(most / step - 1e-9) * step, step


def _grid(y: float, name: str, width: float) -> Markup:
    return svg.line((LEFT, y), (width - RIGHT, y), "grid") + svg.text(
        name, LEFT - 6, y + 4, class_="tick", anchor="end"
    )


def _runs(dots: Sequence[Dot], place: Place) -> list[list[svg.Point]]:
    """The places of neighbours that are known: no line goes through a gap."""
    runs: list[list[svg.Point]] = [[]]
    for i, dot in enumerate(dots):
        if dot.value is None:
            runs.append([])
        else:
            runs[-1].append(place(i, dot.value))
    return [run for run in runs if len(run) > 1]


def _dot(dots: Sequence[Dot], i: int, place: Place, slot: float, height: float) -> Markup:
    dot = dots[i]
    hover = svg.element("rect", class_="hit", x=LEFT + i * slot, y=TOP, width=slot, height=height - TOP - BOTTOM)
    every = max(1, round(max(7 * len(dot.label) for dot in dots) / slot + 0.49))
    x = place(i, 0)[0]
    name = svg.text(dot.label, x, height - 7, class_="tick", anchor="middle") if i % every == 0 else Markup()
    if dot.value is None:
        return svg.mark(hover, tip=dot.tip, class_="mark idle") + name
    parts = [hover]
    if dot.low is not None and dot.high is not None:
        parts.append(svg.line(place(i, dot.low), place(i, dot.high), "whisker"))
    parts.append(svg.element("circle", class_="now-dot", cx=x, cy=place(i, dot.value)[1], r=4))
    if slot >= 48:
        parts.append(
            svg.text(dot.written, x, place(i, dot.high or dot.value)[1] - 8, class_="value halo", anchor="middle")
        )
    return svg.mark(*parts, tip=dot.tip) + name


def step_bar(share: float, *, low: float | None, high: float | None, label: str, width: float = 320.0) -> Markup:
    """How much of the first step is left, 0 to 1, with its interval at the bar's end."""
    height, thick = 24.0, 14.0

    def x(part: float) -> float:
        return width * min(max(part, 0.0), 1.0)

    parts = [
        svg.element("rect", class_="band", x=0, y=5, width=width, height=thick),
        svg.element("rect", class_="bar", x=0, y=5, width=x(share), height=thick),
    ]
    if low is not None and high is not None:
        parts += [
            svg.line((x(low), 12), (x(high), 12), "reach"),
            *(svg.line((x(v), 8), (x(v), 16), "reach") for v in (low, high)),
        ]
    return svg.svg(*parts, width=width, height=height, label=label, class_="chart step-bar")
