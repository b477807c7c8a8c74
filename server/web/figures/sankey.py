"""From where to where: ribbons between two columns, as wide as the count. Two columns, because people go in circles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from server.web.figures import svg

GAP, THICK, SIDE = 7.0, 10.0, 168.0
LEAST = 1.5
"""Height of the smallest node or ribbon that is still seen."""


@dataclass(frozen=True, slots=True)
class Node:
    """A place in a column. `value` stands beside its name; `href` chooses it; `kind` is a class for its colour."""

    key: str
    name: str
    value: str
    tip: str
    href: str | None = None
    kind: str = "place"


@dataclass(frozen=True, slots=True)
class Ribbon:
    """What goes from a node on the left to one on the right."""

    source: str
    target: str
    n: int
    tip: str
    kind: str = "way"


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where everything stands: the tops of the nodes, drawing units per count."""

    left: dict[str, float]
    right: dict[str, float]
    scale: float
    width: float


def sankey(
    left: Sequence[Node], right: Sequence[Node], ribbons: Sequence[Ribbon], *, label: str, width: float = 780.0
) -> Markup:
    """Both columns in the order given; heights in proportion to the ribbons."""
    out = _totals([(ribbon.source, ribbon.n) for ribbon in ribbons])
    into = _totals([(ribbon.target, ribbon.n) for ribbon in ribbons])
    rows = max(len(left), len(right), 1)
    height = max(320.0, rows * 38.0)
    scale = (height - rows * (GAP + 4)) / max(sum(out.values()), 1)
    frame = _Frame(_stack(left, out, scale, height), _stack(right, into, scale, height), scale, width)
    nodes = [_node(node, frame.left[node.key], out.get(node.key, 0) * scale, SIDE, "end") for node in left]
    far = width - SIDE - THICK
    nodes += [_node(node, frame.right[node.key], into.get(node.key, 0) * scale, far, "start") for node in right]
    return svg.svg(
        *_ribbons(ribbons, frame), *nodes, width=width, height=height, label=label, class_="chart sankey", role="group"
    )


def _totals(pairs: Sequence[tuple[str, int]]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for key, n in pairs:
        totals[key] = totals.get(key, 0) + n
    return totals


def _stack(nodes: Sequence[Node], totals: Mapping[str, int], scale: float, height: float) -> dict[str, float]:
    """Tops of a column's nodes, spread over the height."""
    tall = [max(totals.get(node.key, 0) * scale, 12.0) for node in nodes]
    gap = (height - sum(tall)) / max(len(nodes), 1)
    tops, y = {}, gap / 2
    for node, size in zip(nodes, tall, strict=True):
        tops[node.key] = y
        y += size + gap
    return tops


def _ribbons(ribbons: Sequence[Ribbon], frame: _Frame) -> list[Markup]:
    """Within a node ribbons lie in the order of their other ends, so that they cross as little as can be."""
    starts, ends = dict(frame.left), dict(frame.right)
    begin: dict[tuple[str, str], float] = {}
    drawn = []
    for ribbon in sorted(ribbons, key=lambda r: (frame.left[r.source], frame.right[r.target])):
        begin[ribbon.source, ribbon.target] = starts[ribbon.source]
        starts[ribbon.source] += ribbon.n * frame.scale
    for ribbon in sorted(ribbons, key=lambda r: (frame.right[r.target], frame.left[r.source])):
        thick = max(ribbon.n * frame.scale, LEAST)
        drawn.append((ribbon, begin[ribbon.source, ribbon.target], ends[ribbon.target], thick))
        ends[ribbon.target] += ribbon.n * frame.scale
    wide_first = sorted(drawn, key=lambda item: -item[0].n)
    return [_ribbon(ribbon, (y0, y1), thick, frame.width) for ribbon, y0, y1, thick in wide_first]


def _ribbon(ribbon: Ribbon, ys: tuple[float, float], thick: float, width: float) -> Markup:
    y0, y1 = ys
    x0, x1 = SIDE + THICK, width - SIDE - THICK
    middle = (x0 + x1) / 2
    n = svg.written
    shape = (
        f"M{n(x0)} {n(y0)}C{n(middle)} {n(y0)} {n(middle)} {n(y1)} {n(x1)} {n(y1)}V{n(y1 + thick)}"
        f"C{n(middle)} {n(y1 + thick)} {n(middle)} {n(y0 + thick)} {n(x0)} {n(y0 + thick)}Z"
    )
    return svg.mark(svg.element("path", d=shape, class_=f"ribbon {ribbon.kind}"), tip=ribbon.tip)


def _node(node: Node, y: float, tall: float, x: float, anchor: str) -> Markup:
    box = svg.element("rect", class_=f"node {node.kind}", x=x, y=y, width=THICK, height=max(tall, LEAST))
    at = x - 8 if anchor == "end" else x + THICK + 8
    middle = y + max(tall, LEAST) / 2 + 4
    name = svg.element("tspan", node.name, class_="name")
    value = svg.element("tspan", f"  {node.value}", class_="quiet")
    words = svg.element("text", name, value, x=at, y=middle, text_anchor=None if anchor == "start" else anchor)
    if node.href is None:
        return svg.mark(box, words, tip=node.tip)
    return svg.element("a", box, words, href=node.href, data_soft="", data_tip=node.tip, class_="mark")
