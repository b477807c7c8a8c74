"""Where people were in each ten-minute slot: replicates for a difference map."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, select

from contract.grid import Grid
from server.db.packing import Floats, Ints, add_grid
from server.db.rollup import HEAT_LAYERS
from server.db.slots import counted_in_slots, slot_column
from server.db.tables import heat_grids, window_heat, windows
from server.domain.holdout import SLOT_S


@dataclass(frozen=True, slots=True)
class SlotHeat:
    """One slot on the floor, the wash-out left out."""

    person_s: Floats
    """(rows, columns) person-seconds."""
    observed_s: dict[str, float]
    """By camera."""


def slot_heat(conn: Connection, *, site: str, slots: Collection[int], grid: Grid) -> dict[int, SlotHeat]:
    """Of these slots, those in which anything was watched on the floor as it is mapped on `grid`."""
    if not slots:
        return {}
    g, h, w = heat_grids.c, window_heat.c, windows.c
    laid = (g.camera == "", g.cell == grid.cell, g.origin_x == grid.origin[0], g.origin_y == grid.origin[1])
    start, end = min(slots) * SLOT_S, (max(slots) + 1) * SLOT_S
    query = select(slot_column(), w.camera, w.observed_s, h.cells).join_from(window_heat, windows).join(heat_grids)
    within = query.where(counted_in_slots(site, start, end), ~w.moved, *laid, g.rows == grid.shape[0])
    wanted, layers = frozenset(slots), (len(HEAT_LAYERS), grid.shape[0] * grid.shape[1])
    totals: dict[int, Ints] = {}
    observed: defaultdict[int, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for slot, camera, observed_s, cells in conn.execute(within.execution_options(yield_per=500)):
        if slot in wanted:
            add_grid(totals.setdefault(slot, np.zeros(layers, np.int64)), cells)
            observed[slot][camera] += observed_s
    return {slot: SlotHeat(totals[slot][0].reshape(grid.shape) / 1000, dict(observed[slot])) for slot in sorted(totals)}
