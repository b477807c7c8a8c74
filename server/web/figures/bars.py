"""Counts per hour or day as bars over the usual band; the running one is filled so far."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from server.domain.usual import Band
from server.web.figures import svg, ticks

LEFT, RIGHT, TOP, BOTTOM = 30.0, 6.0, 22.0, 24.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One hour or day. `value` is None where it has not happened yet or was not observed."""

    label: str
    """Stands at its left edge, or under it where the axis has no end label."""
    value: float | None
    written: str
    tip: str
    expected: float | None = None
    running: bool = False
    band: Band | None = None
    ahead: str = ""
    """Stands over the band where nothing has come yet."""


@dataclass(frozen=True, slots=True)
class _Scale:
    top: float
    width: float
    height: float
    slot: float

    def x(self, i: float) -> float:
        return LEFT + i * self.slot

    def y(self, value: float) -> float:
        return TOP + (1 - value / self.top) * (self.height - TOP - BOTTOM)


def bar_chart(
    bars: Sequence[Bar], *, label: str, end_label: str, width: float = 780.0, height: float = 288.0
) -> Markup:
    """Bars left to right; the y axis starts at 0.

    Hours are named at their edges, the last one's end by `end_label`; without it each bar is named in its middle.
    """
    scale = _Scale(_top(bars), width, height, (width - LEFT - RIGHT) / max(len(bars), 1))
    layers = [_grid(scale), *(_band(scale, i, bar.band) for i, bar in enumerate(bars) if bar.band)]
    layers += [_bar(scale, i, bar, shown=_has_room(scale, bars, i)) for i, bar in enumerate(bars)]
    layers.append(_axis(scale, bars, end_label))
    return svg.svg(*layers, width=width, height=height, label=label, class_="chart bars")


def _top(bars: Sequence[Bar]) -> float:
    highest = [max(bar.value or 0, bar.expected or 0, bar.band.high if bar.band else 0) for bar in bars]
    return max([*highest, 1.0])


def _grid(scale: _Scale) -> Markup:
    rows = [
        svg.line((LEFT, scale.y(v)), (scale.width - RIGHT, scale.y(v)), "grid")
        + svg.text(str(v), LEFT - 6, scale.y(v) + 4, class_="tick", anchor="end")
        for v in ticks.counts(scale.top)
    ]
    return svg.join(rows)


def _band(scale: _Scale, i: int, band: Band) -> Markup:
    left, right = scale.x(i), scale.x(i + 1)
    box = svg.element(
        "rect",
        class_="band",
        x=left,
        y=scale.y(band.high),
        width=scale.slot,
        height=scale.y(band.low) - scale.y(band.high),
    )
    return box + svg.line((left + 1, scale.y(band.mid)), (right - 1, scale.y(band.mid)), "mid")


def _has_room(scale: _Scale, bars: Sequence[Bar], i: int) -> bool:
    """Values stand over every bar on a wide chart, on a narrow one over the highest and the running."""
    if scale.slot >= 34:
        return True
    if bars[i].value is None:
        return bars[i].band is not None and bars[i].band == max((b.band for b in bars if b.band), key=lambda b: b.mid)
    return bars[i].running or bars[i].value == max(bar.value or 0 for bar in bars)


def _bar(scale: _Scale, i: int, bar: Bar, *, shown: bool) -> Markup:
    hover = svg.element("rect", class_="hit", x=scale.x(i), y=TOP, width=scale.slot, height=scale.height - TOP - BOTTOM)
    if bar.value is None:
        over = [_ahead(scale, i, bar, bar.band)] if bar.band and bar.ahead and shown else []
        return svg.mark(hover, *over, tip=bar.tip, class_="mark idle")
    thick = min(scale.slot * 0.46, 26.0)
    x, y = scale.x(i) + (scale.slot - thick) / 2, scale.y(bar.value)
    parts = [svg.element("rect", class_="bar", x=x, y=y, width=thick, height=scale.y(0) - y)]
    if bar.expected is not None and bar.expected > bar.value:
        top = scale.y(bar.expected)
        parts.append(svg.element("rect", class_="heading", x=x + 0.5, y=top, width=thick - 1, height=y - top))
    if shown and bar.value:
        parts.append(svg.text(bar.written, x + thick / 2, y - 6, class_="value", anchor="middle"))
    return svg.mark(hover, *parts, tip=bar.tip, class_="mark running" if bar.running else "mark")


def _ahead(scale: _Scale, i: int, bar: Bar, band: Band) -> Markup:
    return svg.text(bar.ahead, scale.x(i + 0.5), scale.y(band.high) - 6, class_="value", anchor="middle")


def _axis(scale: _Scale, bars: Sequence[Bar], end_label: str) -> Markup:
    base = svg.line((LEFT, scale.y(0)), (scale.width - RIGHT, scale.y(0)), "axis")
    every = max(1, round(26 / scale.slot + 0.49))
    y = scale.height - 7
    across = 0.0 if end_label else 0.5
    every = max(every, round(max(len(bar.label) for bar in bars) * 7 / scale.slot + 0.49)) if bars else 1
    labels = [
        svg.text(bar.label, scale.x(i + across), y, class_="tick", anchor="middle")
        for i, bar in enumerate(bars)
        if i % every == 0
    ]
    if end_label and len(bars) % every == 0:
        labels.append(svg.text(end_label, scale.x(len(bars)), y, class_="tick", anchor="middle"))
    return base + svg.join(labels)
