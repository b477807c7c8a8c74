"""A change on the plan: the zone it leaves dashed, the zone it goes to in the accent, an arrow between."""

from dataclasses import dataclass
from math import hypot

from markupsafe import Markup

from server.web import plan
from server.web.figures import svg
from server.web.plan import Frame, Ground, Overlay, Point
from server.web.view import View

HEAD = 20.0
"""Of the arrow, drawing units."""


@dataclass(frozen=True, slots=True)
class Move:
    """From one zone to another, either may be unknown; `here` stands at the target, `now` at the origin."""

    origin: str | None
    target: str | None
    now: str
    here: str
    both_ways: bool = False


def move_map(view: View, move: Move, *, label: str) -> Markup:
    """The floor with the change on it; empty where there is no floor, or nothing of the change lies on it."""
    if view.site.document.floor is None:
        return Markup("")
    ground = plan.grounds(view.site.document, {})[0]
    if not {move.origin, move.target} & ground.zones.keys():
        return Markup("")
    overlay = Overlay(lines=False, zones=False, above=lambda frame: _layer(frame, ground, move), name="move")
    return plan.draw(ground, overlay, label=label, class_="plan move-plan")


def _layer(frame: Frame, ground: Ground, move: Move) -> Markup:
    ends = [ground.zones.get(key or "") for key in (move.origin, move.target)]
    shapes = [
        svg.element("path", class_=kind, d=svg.path(frame.places(polygon), closed=True))
        for kind, polygon in zip(("leaves", "goes"), ends, strict=True)
        if polygon
    ]
    origin, target = (frame.place(plan.centre(polygon)) if polygon else None for polygon in ends)
    words = [*_word(frame, origin, move.now, target), *_word(frame, target, move.here, origin)]
    arrow = _arrow(origin, target, both_ways=move.both_ways) if origin and target else []
    return svg.element("g", *shapes, *arrow, *words, class_="move")


def _word(frame: Frame, at: Point | None, text: str, other: Point | None) -> list[Markup]:
    """Beside the middle of a zone, on the side that is away from the other, and within the plan."""
    if at is None or not text:
        return []
    x, y = at
    above = other is None or y <= other[1]
    anchor = "start" if x < plan.WIDTH * 0.28 else "end" if x > plan.WIDTH * 0.72 else "middle"
    shift = {"start": -30.0, "end": 30.0, "middle": 0.0}[anchor]
    y = min(max(y + (-52.0 if above else 74.0), 34.0), frame.height - 16)
    if other is not None and abs(other[1] - at[1]) < 60 and other[0] > at[0]:
        y = min(max(at[1] + 86.0, 34.0), frame.height - 16)  # both words would stand in one line
    return [svg.text(text, x + shift, y, class_="move-word", anchor=anchor)]


def _arrow(a: Point, b: Point, *, both_ways: bool) -> list[Markup]:
    """A bow from a to b, its head at b; of a swap one at each end."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = max(hypot(dx, dy), 1e-9)
    bend = min(0.25 * length, 90.0)
    up = 1 if dx < 0 else -1
    control = (a[0] + b[0]) / 2 - up * dy / length * bend, (a[1] + b[1]) / 2 + up * dx / length * bend
    d = " ".join(svg.written(each) for each in (*control, *b))
    bow = f"M{svg.written(a[0])} {svg.written(a[1])}Q{d}"
    parts = [svg.element("path", class_=kind, d=bow) for kind in ("move-case", "move-line")]
    heads = [(control, b), (control, a)] if both_ways else [(control, b)]
    return [*parts, *(_head(start, end) for start, end in heads)]


def _head(start: Point, end: Point) -> Markup:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = max(hypot(dx, dy), 1e-9)
    tx, ty = dx / length * HEAD, dy / length * HEAD
    wings = [(end[0] - tx + side * 0.55 * ty, end[1] - ty - side * 0.55 * tx) for side in (-1, 1)]
    return svg.element("path", class_="move-head", d=svg.path([wings[0], end, wings[1]], closed=True))
