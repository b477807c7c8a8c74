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
LETTER, GAP = 18.0, 14.0
"""Width of a letter at the size that the plan has beside the list, and from a zone to its word."""


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
    origin, target = (frame.places(ground.zones.get(key or "", [])) for key in (move.origin, move.target))
    shapes = [
        svg.element("path", class_=kind, d=svg.path(polygon, closed=True))
        for kind, polygon in (("leaves", origin), ("goes", target))
        if polygon
    ]
    arrow = _arrow(plan.centre(origin), plan.centre(target), both_ways=move.both_ways) if origin and target else []
    words = [*_word(frame, origin, move.now, target, down=-14), *_word(frame, target, move.here, origin, down=14)]
    return svg.element("g", *shapes, *arrow, *words, class_="move")


def _word(frame: Frame, zone: list[Point], text: str, other: list[Point], *, down: float) -> list[Markup]:
    """Beside a zone, on the side that is away from the other, where there is room for it; `down` from its middle."""
    if not zone or not text:
        return []
    x, y = plan.centre(zone)
    away = 1 if not other or x >= plan.centre(other)[0] else -1
    left, right = min(x for x, _ in zone), max(x for x, _ in zone)
    needs = LETTER * len(text)
    to_right = (away > 0 and right + needs < plan.WIDTH) or left - needs < 0
    y = min(max(y + down, 34.0), frame.height - 16)
    return [
        svg.text(
            text, right + GAP if to_right else left - GAP, y, class_="move-word", anchor="start" if to_right else "end"
        )
    ]


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
