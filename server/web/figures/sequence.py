"""A confidence sequence: the effect so far with its interval at every look, and how it is to narrow if it stays so."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from server.web.figures import svg, ticks

LEFT, RIGHT, TOP, BOTTOM = 34.0, 8.0, 10.0, 24.0
REACH = 2.0
"""The axis goes so many times as far as the newest interval: the first ones are without bounds."""


@dataclass(frozen=True, slots=True)
class Look:
    """After `slots` the effect was `value`, and surely within `low` to `high`."""

    slots: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Written:
    """What stands on the chart, in the reader's language."""

    tips: Sequence[str]
    """Of each look."""
    signed: Callable[[float], str]
    """A value of the axis, with its sign."""
    count: Callable[[float], str]
    end: str
    """Of the slots' axis."""
    expected: str
    """Stands on the dashed lines."""


@dataclass(frozen=True, slots=True)
class _Scale:
    end: int
    top: float
    width: float
    height: float

    def x(self, slots: float) -> float:
        return LEFT + slots / self.end * (self.width - LEFT - RIGHT)

    def y(self, value: float) -> float:
        held = min(max(value, -self.top), self.top)
        return TOP + (1 - held / self.top) / 2 * (self.height - TOP - BOTTOM)


def sequence_chart(
    looks: Sequence[Look],
    *,
    planned: int,
    label: str,
    written: Written,
    width: float = 372.0,
    height: float = 208.0,
) -> Markup:
    """The chart, from the first slot to the last that is planned.

    Args:
        looks: in order, at least one, each with bounds.
        planned: slots in all.
        label: for a screen reader.
        written: what stands on it.
        width: drawing units.
        height: drawing units.
    """
    last = looks[-1]
    reach = max(REACH * (last.high - last.low) / 2, abs(last.low), abs(last.high))
    step = ticks.round_step(reach, 2)
    scale = _Scale(max(planned, last.slots, 1), math.ceil(reach / step) * step, width, height)
    layers = [_grid(scale, step, written), _interval(scale, looks), _course(scale, looks)]
    if planned > last.slots:
        layers.append(_ahead(scale, last, written.expected))
    layers += [_now(scale, last, written), _hovers(scale, looks, written)]
    return svg.svg(*layers, width=width, height=height, label=label, class_="chart sequence")


def _grid(scale: _Scale, step: float, written: Written) -> Markup:
    rows = []
    for i in range(-round(scale.top / step), round(scale.top / step) + 1):
        y = scale.y(i * step)
        rows.append(svg.line((LEFT, y), (scale.width - RIGHT, y), "zero" if i == 0 else "grid"))
        rows.append(svg.text(written.signed(i * step), LEFT - 6, y + 4, class_="tick", anchor="end"))
    y = scale.height - 7
    rows.append(svg.text(written.count(0), scale.x(0), y, class_="tick", anchor="middle"))
    rows.append(svg.text(written.end, scale.width - RIGHT, y, class_="tick", anchor="end"))
    return svg.join(rows)


def _interval(scale: _Scale, looks: Sequence[Look]) -> Markup:
    upper = [(scale.x(look.slots), scale.y(look.high)) for look in looks]
    lower = [(scale.x(look.slots), scale.y(look.low)) for look in looks]
    return svg.element("path", class_="ci", d=svg.path(upper + lower[::-1], closed=True))


def _course(scale: _Scale, looks: Sequence[Look]) -> Markup:
    return svg.element("path", class_="now-line", d=svg.path([(scale.x(o.slots), scale.y(o.value)) for o in looks]))


def _ahead(scale: _Scale, last: Look, expected: str) -> Markup:
    """The interval narrows as one over the root of the slots."""
    steps = [last.slots + (scale.end - last.slots) * i / 24 for i in range(25)]
    edges = []
    for bound in (last.high, last.low):
        points = [(scale.x(n), scale.y(last.value + (bound - last.value) * math.sqrt(last.slots / n))) for n in steps]
        edges.append(svg.element("path", class_="past-line", d=svg.path(points)))
    room = scale.x(scale.end) - scale.x(last.slots) > 120
    y = scale.y(last.value + (last.high - last.value)) - 8
    words = svg.text(expected, scale.width - RIGHT, y, class_="tick halo", anchor="end") if room else Markup("")
    return svg.join([*edges, words])


def _now(scale: _Scale, last: Look, written: Written) -> Markup:
    x = scale.x(last.slots)
    parts = [
        svg.line((x, scale.y(last.low)), (x, scale.y(last.high)), "now-bar"),
        svg.element("circle", class_="now-dot", cx=x, cy=scale.y(last.value), r=4),
    ]
    if x - LEFT > 24 and scale.width - RIGHT - x > 70:
        parts.append(svg.text(written.count(last.slots), x, scale.height - 7, class_="value", anchor="middle"))
    return svg.join(parts)


def _hovers(scale: _Scale, looks: Sequence[Look], written: Written) -> Markup:
    marks, left = [], LEFT
    for look, tip in zip(looks, written.tips, strict=True):
        right = scale.x(look.slots)
        hit = svg.element(
            "rect", class_="hit", x=left, y=TOP, width=max(right - left, 0.5), height=scale.height - TOP - BOTTOM
        )
        marks.append(svg.mark(hit, tip=tip))
        left = right
    return svg.join(marks)
