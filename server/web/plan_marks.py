"""Marks on the plan: cameras with the way they look, screens, and the edges between what each camera answers for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, hypot, radians, sin

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from contract.errors import GeometryError
from contract.site import Screen, Site
from contract.view import View as CameraView
from contract.view import camera_view
from server.web.figures import svg
from server.web.plan import MARGIN, WIDTH, Frame, Point
from server.web.seen import Mask, Seen

Layer = Callable[[Frame], Markup]
INSET = 13.0
"""A camera that hangs outside what is mapped is drawn so far within it, in drawing units."""


@dataclass(frozen=True, slots=True)
class CameraMark:
    """A camera on the floor. `facing` is a unit vector along the floor; `number` is its place in the document."""

    key: str
    number: int
    at: Point
    facing: Point
    tip: str
    moved: bool = False


def places(site: Site) -> dict[str, tuple[int, Point, Point]]:
    """Number, place in metres and facing of each camera that is calibrated; one that does not hold is left out."""
    found = {}
    for number, (key, camera) in enumerate(site.cameras.items(), 1):
        if camera.calibration is None:
            continue
        try:
            view = camera_view(camera)
        except GeometryError:
            continue
        x, y, _ = view.place_m
        found[key] = (number, (x, y), _facing(view))
    return found


def _facing(view: CameraView) -> Point:
    """Towards what the picture's lower middle shows, which is below the horizon of any camera that sees floor."""
    width, height = view.size_px
    (ahead,), _ = view.to_ground(np.array([[width / 2, height * 0.75]]))
    dx, dy = float(ahead[0]) - view.place_m[0], float(ahead[1]) - view.place_m[1]
    length = max(hypot(dx, dy), 1e-9)
    return dx / length, dy / length


def cameras(marks: Sequence[CameraMark]) -> Layer:
    """Numbered rounds with a point the way they look; one that has moved carries a triangle."""

    def layer(frame: Frame) -> Markup:
        return svg.element("g", *(_camera(frame, mark) for mark in marks), class_="cameras")

    return layer


def _camera(frame: Frame, mark: CameraMark) -> Markup:
    x, y = frame.place(mark.at)
    x = min(max(x, MARGIN + INSET), WIDTH - MARGIN - INSET)
    y = min(max(y, MARGIN + INSET), frame.height - MARGIN - INSET)
    (fx, fy), (sx, sy) = mark.facing, (-mark.facing[1], mark.facing[0])
    wings = [(5 * fx + side * 6 * sx, 5 * fy + side * 6 * sy) for side in (-1, 1)]
    nose = svg.element("path", class_="nose", d=svg.path([wings[0], (15 * fx, 15 * fy), wings[1]], closed=True))
    parts = [nose, svg.element("circle", class_="eye", r=9), svg.text(str(mark.number), 0, 4, anchor="middle")]
    if mark.moved:
        inwards = -1 if x > WIDTH / 2 else 1
        d = svg.path([(inwards * 11, -15), (inwards * 17.5, -4), (inwards * 4.5, -4)], closed=True)
        parts.append(svg.element("path", class_="moved", d=d))
    shape = svg.element("g", *parts, class_="unscaled")
    return svg.element(
        "g", shape, class_="mark camera", transform=f"translate({svg.written(x)} {svg.written(y)})", data_tip=mark.tip
    )


def screens(known: Sequence[tuple[Screen, str]]) -> Layer:
    """Screens as bars across the way they look, each with what to tell of it."""

    def layer(frame: Frame) -> Markup:
        return svg.element("g", *(_screen(frame, screen, tip) for screen, tip in known), class_="screens")

    return layer


def _screen(frame: Frame, screen: Screen, tip: str) -> Markup:
    x, y = frame.place(screen.at_m)
    turn = radians(screen.facing_deg)
    along = (-sin(turn), cos(turn))
    ends = [(side * 10 * along[0], side * 10 * along[1]) for side in (-1, 1)]
    bars = [svg.line(ends[0], ends[1], kind) for kind in ("screen-case", "screen-bar")]
    shape = svg.element("g", *bars, class_="unscaled")
    return svg.element(
        "g", shape, class_="mark screen", transform=f"translate({svg.written(x)} {svg.written(y)})", data_tip=tip
    )


def areas(seen: Seen, tips: dict[str, tuple[int, str]]) -> Layer:
    """Dashed edges between the cells that different cameras answer for, and each camera's number in its area.

    Args:
        seen: who answers for what.
        tips: number and tip by camera.
    """
    who = np.where(seen.seen, seen.camera, -1)

    def layer(frame: Frame) -> Markup:
        edges = svg.element("path", class_="area-edge", d=_edges(frame, seen, who))
        numbers = [_area_number(frame, seen, who == i, *tips[key]) for i, key in enumerate(seen.cameras) if key in tips]
        return svg.element("g", edges, *numbers, class_="areas")

    return layer


def _edges(frame: Frame, seen: Seen, who: npt.NDArray[np.int64]) -> str:
    """One stroke per side of a cell at which the camera changes."""
    cell, (x0, y0) = seen.grid.cell, seen.grid.origin
    strokes = [
        ((x0 + (j + 1) * cell, y0 + i * cell), (x0 + (j + 1) * cell, y0 + (i + 1) * cell))
        for i, j in np.argwhere(_differ(who[:, 1:], who[:, :-1])).tolist()
    ]
    strokes += [
        ((x0 + j * cell, y0 + (i + 1) * cell), (x0 + (j + 1) * cell, y0 + (i + 1) * cell))
        for i, j in np.argwhere(_differ(who[1:], who[:-1])).tolist()
    ]
    return "".join(svg.path(frame.places(stroke)) for stroke in strokes)


def _differ(one: npt.NDArray[np.int64], other: npt.NDArray[np.int64]) -> Mask:
    """Both seen, by different cameras."""
    return np.asarray((one != other) & (one >= 0) & (other >= 0))


def _area_number(frame: Frame, seen: Seen, mine: Mask, n: int, tip: str) -> Markup:
    """At the cell of the area that lies nearest to its middle."""
    cells = np.argwhere(mine)
    if not len(cells):
        return Markup("")
    row, column = cells[np.hypot(*(cells - cells.mean(axis=0)).T).argmin()].tolist()
    cell, (x0, y0) = seen.grid.cell, seen.grid.origin
    x, y = frame.place((x0 + (column + 0.5) * cell, y0 + (row + 0.5) * cell))
    word = svg.element("text", str(n), class_="area-number", x=x, y=y, text_anchor="middle", dy="0.36em")
    return svg.mark(word, tip=tip, class_="mark area")


def layers(*wanted: Layer | None) -> Layer:
    """Several layers as one, the first lowest."""
    return lambda frame: svg.join(layer(frame) for layer in wanted if layer)
