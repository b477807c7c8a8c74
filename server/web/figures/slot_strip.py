"""What screens showed, ten minutes by ten minutes: a row per screen, a box per slot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from server.web.figures import svg

LEFT, TOP, ROW, BOX, END = 96.0, 20.0, 22.0, 14.0, 8.0


@dataclass(frozen=True, slots=True)
class SlotBox:
    """One slot of one screen. `kind` is a class: mine, other, house, holdout; `cached` is drawn around it."""

    kind: str
    tip: str
    cached: bool = False


@dataclass(frozen=True, slots=True)
class StripRow:
    """One screen; boxes by the slot's place on the axis."""

    name: str
    boxes: Mapping[int, SlotBox]


@dataclass(frozen=True, slots=True)
class Axis:
    """How many slots it holds, (place, name) of what is written over it, and where now is; None when not on it."""

    slots: int
    hours: Sequence[tuple[int, str]]
    now: float | None


def slot_strip(rows: Sequence[StripRow], axis: Axis, *, label: str, width: float = 780.0) -> Markup:
    """The strip, rows top to bottom; `label` is for a screen reader."""
    step, height = (width - LEFT - END) / max(axis.slots, 1), TOP + ROW * len(rows) + 4
    every = max(1, round(46 / max(step * _gap(axis.hours), 1e-9) + 0.49))
    words = [
        svg.text(name, LEFT + place * step, 11, class_="tick", anchor="middle" if place else "start")
        for i, (place, name) in enumerate(axis.hours)
        if i % every == 0
    ]
    lanes = [_row(row, TOP + i * ROW, step, axis) for i, row in enumerate(rows)]
    x = LEFT + (axis.now or 0) * step
    line = [svg.line((x, TOP - 4), (x, height - 2), "now-mark")] if axis.now is not None else []
    content = (*_hatch(), *words, *lanes, *line)
    return svg.svg(*content, width=width, height=height, label=label, class_="chart strip", role="group")


def _gap(hours: Sequence[tuple[int, str]]) -> int:
    """Slots between two names."""
    return hours[1][0] - hours[0][0] if len(hours) > 1 else 6


def _hatch() -> list[Markup]:
    line = svg.element("line", class_="hatch", x1=0, y1=0, x2=0, y2=4)
    pattern = svg.element(
        "pattern",
        line,
        id="strip-hatch",
        width=4,
        height=4,
        patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )
    return [svg.element("defs", pattern)]


def _row(row: StripRow, y: float, step: float, axis: Axis) -> Markup:
    middle = y + BOX / 2
    start = max([place + 1 for place in row.boxes], default=0)
    rest, slots = max(start, axis.now or 0.0), axis.slots
    parts = [svg.text(row.name, 0, middle + 4, class_="name")]
    if rest < slots:
        parts.append(svg.line((LEFT + rest * step, middle), (LEFT + slots * step, middle), "to-come"))
    for place, box in sorted(row.boxes.items()):
        gap = min(1.0, step * 0.15)
        side = {"x": LEFT + place * step + gap / 2, "y": y, "width": step - gap, "height": BOX}
        shape = [
            svg.element("rect", class_=box.kind, fill="url(#strip-hatch)" if box.kind == "holdout" else None, **side)
        ]
        if box.cached:
            shape.append(svg.element("rect", class_="cached", **side))
        parts.append(svg.mark(*shape, tip=box.tip))
    return svg.join(parts)
