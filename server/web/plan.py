"""The plan: the floor in metres or one camera's image, its layers, zones and lines, as one SVG.

Drawn in a frame 1000 units wide. Text and circles are sized by the page's style in screen pixels, so that zooming
makes the floor larger and not the words.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from contract.site import Fixture, Line, Site, Zone
from server.web.figures import svg

WIDTH = 1000.0
MARGIN = 8.0
DEFAULT_ASPECT = 9 / 16

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a plan's coordinates lie in the drawing; y grows downwards in both, as it does in an image."""

    origin: Point
    size: Point
    unit: str
    """`m`, or `image`: image widths."""

    @property
    def scale(self) -> float:
        """Drawing units per metre or image width."""
        return (WIDTH - 2 * MARGIN) / self.size[0]

    @property
    def height(self) -> float:
        """Of the drawing, in drawing units."""
        return self.size[1] * self.scale + 2 * MARGIN

    def place(self, point: Point) -> Point:
        """A point of the plan in the drawing."""
        return MARGIN + (point[0] - self.origin[0]) * self.scale, MARGIN + (point[1] - self.origin[1]) * self.scale

    def places(self, points: Sequence[Point]) -> list[Point]:
        """Points of the plan in the drawing."""
        return [self.place(point) for point in points]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a plan shows before anyone walks on it; all polygons in the frame's unit."""

    camera: str | None
    """None for the floor."""
    frame: Frame
    outline: list[Point]
    fixtures: list[tuple[Fixture, list[Point]]]
    zones: dict[str, list[Point]]
    lines: dict[str, tuple[Point, Point]]


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on a zone: its name, the layer's value under it, and more on hover."""

    name: str
    value: str
    tip: str
    href: str
    short: str = ""
    """Stands in its place where the name does not fit; the list under the plan tells what it means."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and the part of the plan it covers."""

    uri: str
    corner: Point
    size: Point


@dataclass(frozen=True, slots=True)
class Overlay:
    """What lies on the ground this time."""

    labels: dict[str, Label] = field(default_factory=dict)
    line_tips: dict[str, str] = field(default_factory=dict)
    plan: Picture | None = None
    """The floor plan that was uploaded."""
    heat: Picture | None = None
    """The amount layer."""
    dark: bool = True
    """Whether the amount layer covers what is seen, so that lines and words on it are white."""
    unseen: Picture | None = None
    """White where no camera sees: hatched."""
    selected: str | None = None
    counts: dict[str, int] = field(default_factory=dict)
    zones: bool = True
    lines: bool = True
    low: bool = False
    """Labels stand below the middle of their zones, where flows end."""
    between: Callable[[Frame], Markup] = lambda _: Markup("")
    """Draws what lies on the walls and under the words: flows, the edges of coverage."""
    above: Callable[[Frame], Markup] = lambda _: Markup("")
    """Draws what lies over everything else: screens, cameras, blind spots."""
    hatch: float = 7.0
    """Distance of the hatch's lines, in drawing units."""
    name: str = "plan"
    """Tells this drawing's patterns from those of another on the page."""


def grounds(site: Site, aspects: dict[str, float]) -> list[Ground]:
    """The plans of a site: the floor first, then each camera that has an image of its own to draw on.

    Args:
        site: the document.
        aspects: height / width of a camera's image where the document does not carry its resolution.
    """
    places: list[Zone | Line] = [*site.zones.values(), *site.lines.values()]
    on_image = {place.camera for place in places}
    cameras = [key for key, camera in site.cameras.items() if camera.calibration is None or key in on_image]
    plans = [_floor(site)] if site.floor else []
    return plans + [_image(site, camera, aspects.get(camera)) for camera in cameras]


def _floor(site: Site) -> Ground:
    floor = site.floor
    assert floor is not None  # noqa: S101 - asked by the caller
    (x0, y0), (x1, y1) = floor.bounds_m
    return Ground(
        camera=None,
        frame=Frame((x0, y0), (x1 - x0, y1 - y0), "m"),
        outline=list(floor.outline_m or [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]),
        fixtures=[(fixture, list(fixture.polygon_m)) for fixture in floor.fixtures],
        zones={key: list(zone.polygon_m) for key, zone in site.zones.items() if zone.polygon_m},
        lines={key: line.ends_m for key, line in site.lines.items() if line.ends_m},
    )


def _image(site: Site, camera: str, aspect: float | None) -> Ground:
    resolution = site.cameras[camera].resolution_px
    high = resolution[1] / resolution[0] if resolution else aspect or DEFAULT_ASPECT

    def stretch(points: Sequence[Point]) -> list[Point]:
        return [(x, y * high) for x, y in points]

    lines = {key: stretch(line.ends) for key, line in site.lines.items() if line.camera == camera and line.ends}
    return Ground(
        camera=camera,
        frame=Frame((0.0, 0.0), (1.0, high), "image"),
        outline=[(0.0, 0.0), (1.0, 0.0), (1.0, high), (0.0, high)],
        fixtures=[],
        zones={
            key: stretch(zone.polygon) for key, zone in site.zones.items() if zone.camera == camera and zone.polygon
        },
        lines={key: (a, b) for key, (a, b) in lines.items()},
    )


def area(polygon: Sequence[Point]) -> float:
    """By the shoelace formula, in the unit's square."""
    pairs = zip(polygon, [*polygon[1:], polygon[0]], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def centre(polygon: Sequence[Point]) -> Point:
    """The centroid of the area."""
    cross = [(a, b, a[0] * b[1] - b[0] * a[1]) for a, b in zip(polygon, [*polygon[1:], polygon[0]], strict=True)]
    six = 3 * sum(c for _, _, c in cross)
    return sum((a[0] + b[0]) * c for a, b, c in cross) / six, sum((a[1] + b[1]) * c for a, b, c in cross) / six


def name_of(place: Zone | Line, key: str) -> str:
    """The name people gave it, else its id."""
    return place.name or key


def draw(ground: Ground, overlay: Overlay, *, label: str, class_: str = "plan") -> Markup:
    """The plan from below: floor, amounts, hatch, zones, fixtures, walls, lines, flows, labels, selection, marks."""
    frame = ground.frame
    outline = svg.path(frame.places(ground.outline), closed=True)
    standing = [(fixture, polygon) for fixture, polygon in ground.fixtures if not fixture.is_floor]
    layers = [
        _patterns(overlay, outline),
        svg.element("path", class_="floor", d=outline),
        _under(frame, ground, overlay),
        *(_zone(frame, key, polygon, overlay) for key, polygon in _large_first(ground.zones) if overlay.zones),
        *(_fixture(frame, fixture, polygon) for fixture, polygon in standing),
        svg.element("path", class_="wall", d=outline),
        *(_line(frame, key, ends, overlay) for key, ends in ground.lines.items() if overlay.lines),
        overlay.between(frame),
        *_labels(frame, ground, overlay),
        _selection(frame, ground.zones.get(overlay.selected or "")),
        *(_count(frame, ground.zones[key], n) for key, n in overlay.counts.items() if key in ground.zones and n),
        overlay.above(frame),
    ]
    on_heat = overlay.heat is not None and overlay.dark
    world = svg.element("g", *layers, class_="world on-heat" if on_heat else "world")
    role = "group" if overlay.labels else "img"  # labels are links, and an image may hold none
    return svg.svg(world, width=WIDTH, height=frame.height, label=label, class_=class_, role=role)


def _patterns(overlay: Overlay, outline: str) -> Markup:
    """The hatch, and the edge of the floor, at which pictures end."""
    side = overlay.hatch
    hatch = svg.element(
        "pattern",
        svg.element("rect", class_="paper", width=side, height=side),
        svg.element("line", class_="hatch", x1=0, y1=0, x2=0, y2=side, stroke_width=side / 7),
        id=f"{overlay.name}-hatch",
        width=side,
        height=side,
        patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )
    clip = svg.element("clipPath", svg.element("path", d=outline), id=f"{overlay.name}-floor")
    return svg.element("defs", hatch, clip)


def _under(frame: Frame, ground: Ground, overlay: Overlay) -> Markup:
    """What is painted on the floor: its plan, greenery, amounts, and the hatch where nobody sees."""
    layers = [_picture(frame, overlay.plan, "plan-picture")]
    layers += [_fixture(frame, fixture, polygon) for fixture, polygon in ground.fixtures if fixture.is_floor]
    layers.append(_picture(frame, overlay.heat, "heat"))
    if overlay.unseen:
        mask = svg.element("mask", _picture(frame, overlay.unseen, "unseen"), id=f"{overlay.name}-unseen")
        fill, through = f"url(#{overlay.name}-hatch)", f"url(#{overlay.name}-unseen)"
        layers += [mask, svg.element("rect", width=WIDTH, height=frame.height, fill=fill, mask=through)]
    return svg.element("g", *layers, clip_path=f"url(#{overlay.name}-floor)")


def _labels(frame: Frame, ground: Ground, overlay: Overlay) -> list[Markup]:
    if not overlay.zones:
        return []
    named = [(key, polygon) for key, polygon in _large_first(ground.zones) if key in overlay.labels]
    return [_label(frame, polygon, overlay.labels[key], key, low=overlay.low) for key, polygon in named]


def _selection(frame: Frame, polygon: list[Point] | None) -> Markup:
    if polygon is None:
        return Markup("")
    edge = svg.path(frame.places(polygon), closed=True)
    return svg.join(svg.element("path", class_=kind, d=edge) for kind in ("chosen-case", "chosen-edge"))


def _large_first(zones: dict[str, list[Point]]) -> list[tuple[str, list[Point]]]:
    """Small zones lie on top, so that they can be pointed at."""
    return sorted(zones.items(), key=lambda item: -area(item[1]))


def _picture(frame: Frame, picture: Picture | None, class_: str) -> Markup:
    if picture is None:
        return Markup("")
    x, y = frame.place(picture.corner)
    width, height = (side * frame.scale for side in picture.size)
    return svg.element(
        "image", class_=class_, href=picture.uri, x=x, y=y, width=width, height=height, preserveAspectRatio="none"
    )


def _fixture(frame: Frame, fixture: Fixture, polygon: list[Point]) -> Markup:
    shape = svg.element("path", class_=f"fixture {fixture.kind}", d=svg.path(frame.places(polygon), closed=True))
    if fixture.kind != "closed" or not fixture.name:
        return shape
    x, y = frame.place(centre(polygon))
    return shape + svg.text(fixture.name, x, y, class_="fixture-name", anchor="middle")


def _zone(frame: Frame, key: str, polygon: list[Point], overlay: Overlay) -> Markup:
    edge = svg.path(frame.places(polygon), closed=True)
    shape = svg.element("path", class_="zone-case", d=edge) + svg.element("path", class_="zone", d=edge)
    label = overlay.labels.get(key)
    if label is None:
        return shape
    return svg.element(
        "a",
        shape,
        href=label.href,
        data_soft="",
        data_zone=key,
        data_tip=label.tip,
        aria_label=label.tip.replace("\n", ", "),
    )


def _label(frame: Frame, polygon: list[Point], label: Label, key: str, *, low: bool) -> Markup:
    x, y = frame.place(centre(polygon))
    down = "1.7em" if low else None
    parts = [svg.element("tspan", label.name, x=x, dy=down, class_="name")]
    if label.value:
        parts.append(svg.element("tspan", label.value, x=x, dy="1.15em", class_="amount"))
    if label.short:
        parts.append(svg.element("tspan", label.short, x=x, dy=down, class_="short"))
    return svg.element(
        "text", *parts, class_="zone-label", x=x, y=y, text_anchor="middle", aria_hidden="true", data_label=key
    )


def _line(frame: Frame, key: str, ends: tuple[Point, Point], overlay: Overlay) -> Markup:
    a, b = frame.places(ends)
    parts = [svg.line(a, b, "line-case"), svg.line(a, b, "line-edge"), _arrow(a, b)]
    return svg.mark(*parts, tip=overlay.line_tips.get(key, key), class_="mark counting-line")


def _arrow(a: Point, b: Point) -> Markup:
    """Points to `in`: to the right of a→b as y grows downwards."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = max((dx * dx + dy * dy) ** 0.5, 1e-9)
    nx, ny, x, y = -dy / length, dx / length, (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
    tx, ty = dx / length, dy / length
    tip = (x + 20 * nx, y + 20 * ny)
    wings = [(x + 11 * nx + 6 * s * tx, y + 11 * ny + 6 * s * ty) for s in (-1, 1)]
    head = svg.element("path", class_="arrow-head", d=svg.path([wings[0], tip, wings[1]], closed=True))
    return svg.line((x, y), (x + 12 * nx, y + 12 * ny), "arrow") + head


def _count(frame: Frame, polygon: list[Point], n: int) -> Markup:
    x, y = frame.place(centre(polygon))
    dot = svg.element("circle", class_="count-dot" if n < 100 else "count-dot large", cx=x, cy=y, r=12)
    return dot + svg.element("text", str(n), class_="count-number", x=x, y=y, text_anchor="middle", dy="0.36em")
