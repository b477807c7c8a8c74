"""The outline of a set of cells: closed loops of corners, for drawings and for maps."""

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
Corner = tuple[int, int]


def outlines(mask: Mask) -> list[list[Corner]]:
    """Loops of (column, row) corners around the cells of `mask` (rows, columns); holes are loops the other way round.

    The cells lie to the right of the way, as y grows downwards. Corners in one line are left out. Cells that touch at
    a corner only are outlined apart.
    """
    onward = _edges(mask)
    loops = []
    while onward:
        loops.append(_straightened(_loop(onward)))
    return loops


def _edges(mask: Mask) -> dict[Corner, list[Corner]]:
    """From each corner to the next, along the sides where a cell of the set meets one that is not."""
    padded = np.pad(mask, 1)
    inside = padded[1:-1, 1:-1]
    sides = {
        ((0, 0), (1, 0)): inside & ~padded[:-2, 1:-1],
        ((1, 0), (1, 1)): inside & ~padded[1:-1, 2:],
        ((1, 1), (0, 1)): inside & ~padded[2:, 1:-1],
        ((0, 1), (0, 0)): inside & ~padded[1:-1, :-2],
    }
    onward: dict[Corner, list[Corner]] = {}
    for (a, b), cells in sides.items():
        for row, column in np.argwhere(cells).tolist():
            onward.setdefault((column + a[0], row + a[1]), []).append((column + b[0], row + b[1]))
    return onward


def _loop(onward: dict[Corner, list[Corner]]) -> list[Corner]:
    """Take one closed way out of `onward`; where two ways cross, keep to the right, which keeps cells apart."""
    start = min(onward)
    way = [start]
    while True:
        here = way[-1]
        choices = onward[here]
        at = choices.index(_rightmost(way, choices)) if len(choices) > 1 else 0
        following = choices.pop(at)
        if not choices:
            del onward[here]
        if following == start:
            return way
        way.append(following)


def _rightmost(way: list[Corner], choices: list[Corner]) -> Corner:
    if len(way) < 2:
        return choices[0]
    (x0, y0), (x1, y1) = way[-2], way[-1]
    dx, dy = x1 - x0, y1 - y0
    return max(choices, key=lambda corner: dx * (corner[1] - y1) - dy * (corner[0] - x1))


def _straightened(loop: list[Corner]) -> list[Corner]:
    n = len(loop)

    def turns(i: int) -> bool:
        (x0, y0), (x1, y1), (x2, y2) = loop[i - 1], loop[i], loop[(i + 1) % n]
        return (x1 - x0, y1 - y0) != (x2 - x1, y2 - y1)

    return [loop[i] for i in range(n) if turns(i)]
