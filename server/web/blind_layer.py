"""Blind spots on the plan: told apart by pattern first, colour second; numbers tie patch and row together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from contract.grid import Grid
from server.domain.outlines import outlines
from server.web.figures import svg
from server.web.plan import Frame, Point

Mask = npt.NDArray[np.bool_]

KINDS = ("passed_by", "cold", "weakly_tracked", "uncovered", "unknown")
"""In the order of the list; `unknown`: not enough data."""


@dataclass(frozen=True, slots=True)
class Patch:
    """One place to draw: its cells (rows, columns), its number in the list (None: not numbered), what it says."""

    kind: str
    cells: Mask
    number: int | None
    tip: str
    href: str
    chosen: bool


def blind_layer(grid: Grid, patches: Sequence[Patch]) -> Callable[[Frame], Markup]:
    """A layer for `plan.Overlay.above`."""

    def layer(frame: Frame) -> Markup:
        areas = [_area(frame, grid, patch) for patch in patches]
        marks = [_mark(frame, grid, patch) for patch in patches if patch.number is not None]
        return svg.element("g", _patterns(), *areas, *marks, class_="blind")

    return layer


def swatch(kind: str) -> Markup:
    """The kind's pattern as a little box for a legend; the plan on the same page has the patterns."""
    box = svg.element("rect", class_=f"patch {kind}", x=0.5, y=0.5, width=17, height=11)
    return svg.element("svg", box, viewBox="0 0 18 12", class_="kind-swatch", aria_hidden="true")


def _area(frame: Frame, grid: Grid, patch: Patch) -> Markup:
    loops = (svg.path(frame.places([_corner(grid, c) for c in loop]), closed=True) for loop in outlines(patch.cells))
    shape = svg.element("path", class_=f"patch {patch.kind}", d="".join(loops), fill_rule="evenodd")
    return svg.element(
        "a",
        shape,
        href=patch.href,
        data_soft="",
        data_tip=patch.tip,
        aria_label=patch.tip.replace("\n", ", "),
        class_="spot chosen" if patch.chosen else "spot",
    )


def _corner(grid: Grid, corner: tuple[int, int]) -> Point:
    return grid.origin[0] + corner[0] * grid.cell, grid.origin[1] + corner[1] * grid.cell


def _mark(frame: Frame, grid: Grid, patch: Patch) -> Markup:
    x, y = frame.place(_inner(grid, patch.cells))
    ring = svg.element("circle", class_=f"spot-ring {patch.kind}", cx=x, cy=y, r=12)
    return ring + svg.element(
        "text", str(patch.number), class_="spot-number", x=x, y=y, text_anchor="middle", dy="0.36em"
    )


def _inner(grid: Grid, cells: Mask) -> Point:
    """A place well inside the patch: of its cells, the one with most of the patch around it, nearest to the middle."""
    rows, columns = np.nonzero(cells)
    padded = np.pad(cells, 1).astype(np.int64)
    around = sum(
        padded[1 + dy : padded.shape[0] - 1 + dy, 1 + dx : padded.shape[1] - 1 + dx]
        for dy in (-1, 0, 1)
        for dx in (-1, 0, 1)
    )
    off = np.hypot(rows - rows.mean(), columns - columns.mean())
    best = int(np.lexsort((off, -np.asarray(around)[rows, columns]))[0])
    return grid.origin[0] + (columns[best] + 0.5) * grid.cell, grid.origin[1] + (rows[best] + 0.5) * grid.cell


def _patterns() -> Markup:
    def pattern(name: str, size: float, *content: Markup) -> Markup:
        return svg.element("pattern", *content, id=f"k-{name}", width=size, height=size, patternUnits="userSpaceOnUse")

    hatch = svg.element("path", class_="k-uncovered-line", d="M-2 2 2-2M0 8 8 0M6 10 10 6")
    dots = [svg.element("circle", class_="k-weak-dot", cx=x, cy=y, r=1.6) for x, y in ((2.5, 2.5), (7.5, 7.5))]
    ground = svg.element("rect", class_="k-weak-ground", width=10, height=10)
    chevron = svg.element("path", class_="k-passed-line", d="M1 8 6 3 11 8")
    sand = svg.element("rect", class_="k-passed-ground", width=12, height=12)
    return svg.element(
        "defs",
        pattern("uncovered", 8, hatch),
        pattern("weakly_tracked", 10, ground, *dots),
        pattern("passed_by", 12, sand, chevron),
    )
