"""Effects on one common zero line, how sure they are, promises against results, and a test's two sides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Literal

from markupsafe import Markup

from server.domain.intervals import Estimate
from server.web.figures import svg
from server.web.figures.ticks import round_step

WIDTH, PAD = 192.0, 10.0
ROOM = 112.0
"""That the last tick of an axis takes with its unit."""
Look = Literal["now", "plain", "wrong"]


@dataclass(frozen=True, slots=True)
class Axis:
    """From `low` to `high`, both multiples of `step`; 0 lies within."""

    low: float
    high: float
    step: float

    def x(self, value: float, *, width: float = WIDTH, pad: float = PAD) -> float:
        """Where a value lies; what is beyond an end lies at it."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return pad + share * (width - 2 * pad)

    @property
    def ticks(self) -> list[float]:
        """All multiples of the step."""
        return [self.step * i for i in range(round(self.low / self.step), round(self.high / self.step) + 1)]


def axis_of(effects: Sequence[Estimate], *, most: int = 4) -> Axis:
    """An axis that all intervals fit on, with round ticks."""
    low, high = min([0.0, *(e.low for e in effects)]), max([0.0, *(e.high for e in effects)])
    step = round_step(max(high - low, 1.0), most)
    ends = floor(low / step) * step, ceil(high / step) * step
    return Axis(ends[0], max(ends[1], ends[0] + step), step)


def axis_head(axis: Axis, written: Callable[[float], str]) -> Markup:
    """The ticks over a column of effects."""
    ticks = [svg.text(written(tick), axis.x(tick), 12, class_="tick", anchor="middle") for tick in axis.ticks]
    return svg.element("svg", *ticks, viewBox=f"0 0 {WIDTH:.0f} 16", class_="chart effect-head", aria_hidden="true")


def zero_line(axis: Axis) -> Markup:
    """The line at 0 through one row, as high as the row."""
    x = axis.x(0)
    line = svg.line((x, 0), (x, 10), "zero")
    return svg.element(
        "svg",
        line,
        viewBox=f"0 0 {WIDTH:.0f} 10",
        preserveAspectRatio="none",
        class_="effect-zero",
        aria_hidden="true",
    )


def effect_row(axis: Axis, effect: Estimate, *, look: Look, label: str) -> Markup:
    """An effect as a dot with its interval."""
    return svg.svg(
        svg.line((axis.x(effect.low), 9), (axis.x(effect.high), 9), "whisker"),
        svg.element("circle", class_="dot", cx=axis.x(effect.value), cy=9, r=4),
        width=WIDTH,
        height=18,
        label=label,
        class_=f"chart effect {look}",
    )


def gathered(share: float, *, label: str) -> Markup:
    """How much of what is needed there is, as wide as the column of effects."""
    whole = WIDTH - 2 * PAD
    bars = [
        svg.element("rect", class_="band", x=PAD, y=6, width=whole, height=6),
        svg.element("rect", class_="amount", x=PAD, y=6, width=whole * min(max(share, 0.0), 1.0), height=6),
    ]
    return svg.svg(*bars, width=WIDTH, height=18, label=label, class_="chart effect")


def rising_bars(n: int) -> Markup:
    """Four rising bars, the first `n` of them filled."""
    bars = [
        svg.element("rect", class_="full" if i < n else "none", x=i * 7 + 0.5, y=7.5 - 2 * i, width=5, height=3 + 2 * i)
        for i in range(4)
    ]
    return svg.element("svg", *bars, viewBox="0 0 27 11", class_="bars-badge", aria_hidden="true")


@dataclass(frozen=True, slots=True)
class Point:
    """One promise and what was measured; `kind` is held, no_effect or wrong."""

    promised: float
    measured: float
    kind: str
    tip: str


def promises_chart(points: Sequence[Point], *, label: str, written: Callable[[float], str], unit: str) -> Markup:
    """What was measured against what was promised: on the line both are the same."""
    width, height, left, bottom = 320.0, 168.0, 52.0, 22.0
    across = axis_of([Estimate(0, min(p.promised, 0), p.promised) for p in points], most=3)
    upwards = axis_of([Estimate(0, min(p.measured, 0), max(p.measured, 0)) for p in points] + [
        Estimate(0, 0, across.high * 0.8)
    ])  # fmt: skip

    def place(promised: float, measured: float) -> svg.Point:
        x = left + (promised - across.low) / (across.high - across.low) * (width - left - 14)
        y = 8 + (upwards.high - measured) / (upwards.high - upwards.low) * (height - bottom - 16)
        return x, y

    ends = max(across.low, upwards.low), min(across.high, upwards.high)
    grid = [svg.line(place(across.low, 0), place(across.high, 0), "zero")]
    names = [svg.text(written(t), left - 8, place(0, t)[1] + 4, class_="tick", anchor="end") for t in upwards.ticks]
    under = [
        svg.text(written(tick), place(tick, 0)[0], height - 4, class_="tick", anchor="middle")
        for tick in across.ticks[:-1]
        if place(tick, 0)[0] < width - ROOM
    ]
    last = svg.text(f"{written(across.ticks[-1])} {unit}", width, height - 4, class_="tick", anchor="end")
    same = svg.line(place(ends[0], ends[0]), place(ends[1], ends[1]), "same")
    dots = [_dot(point, place(point.promised, point.measured)) for point in points]
    content = (*grid, same, *names, *under, last, *dots)
    return svg.svg(*content, width=width, height=height, label=label, class_="chart promises", role="group")


def _dot(point: Point, at: svg.Point) -> Markup:
    return svg.mark(svg.element("circle", class_=f"dot {point.kind}", cx=at[0], cy=at[1], r=4.5), tip=point.tip)


@dataclass(frozen=True, slots=True)
class Side:
    """A span of days: how many, what stands on it, and the day written under its beginning."""

    days: int
    text: str
    day: str


WIDEST = 0.56
"""Of the strip: a longer side is drawn cut."""


def two_sides(before: Side, change: Side, after: Side, *, end: str, label: str, passed: int | None = None) -> Markup:
    """The days before a change and those after it, side by side, with dates.

    Args:
        before: the days it is held against; drawn shorter, with a cut, where they would leave no room.
        change: the days that count for neither.
        after: the days that are looked at.
        end: the day written under the end.
        label: for a screen reader.
        passed: days since the first; None when today is not within.
    """
    width, height = 372.0, 40.0
    days = (before.days, change.days, after.days)
    first = min(days[0] / sum(days), WIDEST)
    gap = max((1 - first) * change.days / (change.days + after.days), 0.04)
    ends = [0.0, first * width, (first + gap) * width, width]
    bars = [
        svg.element("rect", class_=kind, x=ends[i], y=2, width=ends[i + 1] - ends[i], height=20)
        for kind, i in (("side-before", 0), ("side-after", 2))
    ]
    cut = (
        [svg.line((x, 24), (x + 6, 0), "side-cut") for x in (ends[1] - 22, ends[1] - 17)]
        if days[0] / sum(days) > WIDEST
        else []
    )
    texts = [
        svg.text(side.text, (ends[i] + ends[i + 1]) / 2, 16, class_=kind, anchor="middle")
        for i, (kind, side) in enumerate((("on-before", before), ("on-change", change), ("on-after", after)))
    ]
    dates = [
        svg.text(before.day, 0, 36, class_="day"),
        svg.text(change.day, (ends[1] + ends[2]) / 2, 36, class_="day", anchor="middle"),
        svg.text(end, width, 36, class_="day", anchor="end"),
    ]
    line = [] if passed is None else [svg.line((x, 0), (x, 24), "now-mark") for x in [_along(passed, days, ends)]]
    return svg.svg(
        *bars, *cut, *texts, *dates, *line, width=width, height=height, label=label, class_="chart two-sides"
    )


def _along(passed: int, days: Sequence[int], ends: Sequence[float]) -> float:
    """Where a day lies on a strip whose sides have scales of their own."""
    for i, n in enumerate(days):
        if passed < n:
            return ends[i] + (ends[i + 1] - ends[i]) * passed / n
        passed -= n
    return ends[-1]
