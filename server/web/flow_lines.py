"""Flows on the plan: white lines cased in black from zone to zone, as wide as the count."""

from collections.abc import Callable, Sequence
from math import hypot, sqrt

from markupsafe import Markup

from contract.site import Site
from server.domain.flows import ENTRY, Transition
from server.web.figures import svg
from server.web.plan import Frame, Ground, Point, centre

WIDEST, THINNEST = 9.0, 1.5
NUMBERED_FROM = 80
"""Counts from here on stand on their line."""
MOST = 16
"""Lines drawn at most, the largest flows first."""
BEND = 0.12
"""How far a line bows aside, as a share of its length, so that there and back lie apart."""


def flow_lines(
    ground: Ground,
    steps: Sequence[Transition],
    *,
    tip: Callable[[Transition], str],
    number: Callable[[float], str],
    entry: Point | None = None,
) -> Callable[[Frame], Markup]:
    """A layer of the largest flows between zones of `ground`, and from the `entry` where its place is known."""
    middles = {key: centre(polygon) for key, polygon in ground.zones.items()}
    if entry is not None:
        middles[ENTRY] = entry
    between = [step for step in steps if step.source in middles and step.target in middles]
    drawn = sorted(between, key=lambda step: -step.n)[:MOST]
    top = max((step.n for step in drawn), default=1)

    def layer(frame: Frame) -> Markup:
        lines = [_line(frame, middles, step, top, tip(step)) for step in reversed(drawn)]
        numbers = [_number(frame, middles, step, number(step.n)) for step in drawn if step.n >= NUMBERED_FROM]
        return svg.element("g", *lines, *numbers, class_="flows")

    return layer


def _ends(frame: Frame, middles: dict[str, Point], step: Transition) -> tuple[Point, Point, Point]:
    """Both ends and the bow's handle, in drawing units."""
    (x0, y0), (x1, y1) = frame.place(middles[step.source]), frame.place(middles[step.target])
    dx, dy = x1 - x0, y1 - y0
    handle = ((x0 + x1) / 2 - dy * BEND * 2, (y0 + y1) / 2 + dx * BEND * 2)
    return (x0, y0), handle, (x1, y1)


def _line(frame: Frame, middles: dict[str, Point], step: Transition, top: int, tip: str) -> Markup:
    a, handle, b = _ends(frame, middles, step)
    thick = max(THINNEST, WIDEST * sqrt(step.n / top))
    n = svg.written
    d = f"M{n(a[0])} {n(a[1])}Q{n(handle[0])} {n(handle[1])} {n(b[0])} {n(b[1])}"
    case = svg.element("path", class_="flow-case", d=d, stroke_width=thick + 3)
    edge = svg.element("path", class_="flow-edge", d=d, stroke_width=thick)
    return svg.mark(case, edge, _head(handle, b, thick), tip=tip, class_="mark flow")


def _head(handle: Point, b: Point, thick: float) -> Markup:
    dx, dy = b[0] - handle[0], b[1] - handle[1]
    length = max(hypot(dx, dy), 1e-9)
    ux, uy = dx / length, dy / length
    size = thick / 2 + 6
    wings = [(b[0] - size * 1.6 * ux - s * size * uy, b[1] - size * 1.6 * uy + s * size * ux) for s in (-1, 1)]
    return svg.element("path", class_="flow-head", d=svg.path([wings[0], b, wings[1]], closed=True))


def _number(frame: Frame, middles: dict[str, Point], step: Transition, written: str) -> Markup:
    (x0, y0), (hx, hy), (x1, y1) = _ends(frame, middles, step)
    x, y = (x0 + 2 * hx + x1) / 4, (y0 + 2 * hy + y1) / 4
    half = 5.0 + 3.6 * len(written)
    box = svg.element("rect", class_="flow-box", x=x - half, y=y - 9, width=2 * half, height=18, rx=2)
    return box + svg.element("text", written, class_="flow-number", x=x, y=y, text_anchor="middle", dy="0.36em")


def entry_of(site: Site) -> Point | None:
    """Where people come in: the middle of the entrance line that the document names first."""
    lines = (line for line in site.lines.values() if line.entrance and line.ends_m)
    ends = next((line.ends_m for line in lines), None)
    return None if ends is None else ((ends[0][0] + ends[1][0]) / 2, (ends[0][1] + ends[1][1]) / 2)
