"""The dwell curve: the share still there after t seconds, with its interval and the median written on it."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from server.web.figures import svg, ticks

LEFT, RIGHT, TOP, BOTTOM = 30.0, 10.0, 10.0, 24.0


@dataclass(frozen=True, slots=True)
class Step:
    """At `t_s`, `share` are still there; `low` to `high` is the 95 % interval."""

    t_s: float
    share: float
    low: float
    high: float
    tip: str


@dataclass(frozen=True, slots=True)
class _Scale:
    end_s: float
    width: float
    height: float

    def x(self, t_s: float) -> float:
        return LEFT + min(t_s / self.end_s, 1.0) * (self.width - LEFT - RIGHT)

    def y(self, share: float) -> float:
        return TOP + (1 - share) * (self.height - TOP - BOTTOM)


def dwell_curve(
    steps: Sequence[Step],
    *,
    label: str,
    unit: str,
    median_s: float | None = None,
    median_label: str = "",
    past: Sequence[tuple[float, float]] = (),
    width: float = 312.0,
    height: float = 224.0,
) -> Markup:
    """A falling line from (0, 1) to the last step's time, over a dashed one of another period.

    `past` is (seconds, share still there) of that other period.
    """
    scale = _Scale(max(steps[-1].t_s if steps else 1.0, 1.0), width, height)
    layers = [_grid(scale, unit), _interval(scale, steps), _past(scale, past), _curve(scale, steps)]
    if median_s is not None and median_s <= scale.end_s:
        layers.append(_median(scale, median_s, median_label))
    layers.append(_hovers(scale, steps))
    return svg.svg(*layers, width=width, height=height, label=label, class_="chart curve")


def _grid(scale: _Scale, unit: str) -> Markup:
    rows = []
    for share in (0.0, 0.5, 1.0):
        kind = "axis" if share == 0 else "grid"
        rows.append(svg.line((LEFT, scale.y(share)), (scale.width - RIGHT, scale.y(share)), kind))
        rows.append(svg.text(f"{share * 100:.0f}", LEFT - 6, scale.y(share) + 4, class_="tick", anchor="end"))
    marks = ticks.seconds(scale.end_s)
    for t in marks:
        name = f"{t}\u202f{unit}" if t == marks[-1] and t else str(t)
        close = scale.width - scale.x(t) < 16
        x = scale.width if close else scale.x(t)
        rows.append(svg.text(name, x, scale.height - 7, class_="tick", anchor="end" if close else "middle"))
    return svg.join(rows)


def _points(scale: _Scale, steps: Sequence[Step], values: Sequence[float]) -> list[svg.Point]:
    """Between the table's edges people are taken to leave evenly, as the median does too."""
    return [(scale.x(step.t_s), scale.y(value)) for step, value in zip(steps, values, strict=True)]


def _interval(scale: _Scale, steps: Sequence[Step]) -> Markup:
    upper = _points(scale, steps, [step.high for step in steps])
    lower = _points(scale, steps, [step.low for step in steps])
    return svg.element("path", class_="ci", d=svg.path(upper + lower[::-1], closed=True))


def _curve(scale: _Scale, steps: Sequence[Step]) -> Markup:
    return svg.element("path", class_="now-line", d=svg.path(_points(scale, steps, [step.share for step in steps])))


def _past(scale: _Scale, past: Sequence[tuple[float, float]]) -> Markup:
    shown = [(scale.x(t_s), scale.y(share)) for t_s, share in past if t_s <= scale.end_s]
    return svg.element("path", class_="past-line", d=svg.path(shown)) if shown else Markup("")


def _median(scale: _Scale, median_s: float, label: str) -> Markup:
    x, y = scale.x(median_s), scale.y(0.5)
    right = x < scale.width * 0.55
    return svg.join(
        [
            svg.line((LEFT, y), (x, y), "drop"),
            svg.line((x, y), (x, scale.y(0)), "drop"),
            svg.element("circle", class_="point", cx=x, cy=y, r=3.5),
            svg.text(label, x + 8 if right else x - 8, y - 8, class_="value halo", anchor="start" if right else "end"),
        ]
    )


def _hovers(scale: _Scale, steps: Sequence[Step]) -> Markup:
    marks = []
    for i, step in enumerate(steps):
        after = steps[i + 1].t_s if i + 1 < len(steps) else scale.end_s
        left, right = scale.x(step.t_s), scale.x(after)
        hit = svg.element(
            "rect", class_="hit", x=left, y=TOP, width=max(right - left, 1.0), height=scale.height - TOP - BOTTOM
        )
        marks.append(svg.mark(hit, tip=step.tip))
    return svg.join(marks)
