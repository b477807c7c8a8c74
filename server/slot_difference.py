"""Where people are while a campaign runs and while it does not: the difference map of one screen's slots."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from contract.coverage import Coverage
from contract.site import Site
from server.campaign_slots import Trial
from server.covered import covered, seconds_by_cell
from server.db.slot_heat import SlotHeat, slot_heat
from server.domain.difference import Difference, Replicates, difference
from server.domain.holdout import ARMS, block_of

MOST_SLOTS = 300
"""The newest are compared: more are slow to shuffle and change little."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SlotDifference:
    """With the campaign on minus off, on the floor's cells."""

    coverage: Coverage
    screen: str
    on: int
    """Slots."""
    off: int
    found: Difference | None
    """None while one of the two has no slot."""
    person_s: npt.NDArray[np.float64]
    """(rows, columns) person-seconds in all these slots."""
    observed_s: dict[str, float]
    """By camera, in all these slots."""


def slot_difference(conn: Connection, site: Site, trial: Trial, screen: str) -> SlotDifference | None:
    """The map for one screen of a trial; None without a floor or a camera whose place on it is known.

    Slots are the replicates, and shuffled within the holdout's blocks, as they were drawn.
    """
    seen = covered(site)
    if seen is None or not seen.cameras:
        return None
    mine = trial.screen == trial.screens.index(screen)
    slots, on = trial.slot[mine][-MOST_SLOTS:], trial.arm[mine][-MOST_SLOTS:] != ARMS.index("nothing")
    heats = slot_heat(conn, site=site.site, slots=slots.tolist(), grid=seen.grid)
    sides = [_replicates(seen, heats, slots[side]) for side in (~on, on)]
    return SlotDifference(
        coverage=seen,
        screen=screen,
        on=len(sides[1].amounts),
        off=len(sides[0].amounts),
        found=_compared(seen, *sides),
        person_s=sum((heat.person_s for heat in heats.values()), np.zeros(seen.grid.shape)),
        observed_s={
            camera: sum(heat.observed_s.get(camera, 0.0) for heat in heats.values()) for camera in seen.cameras
        },
    )


def _replicates(seen: Coverage, heats: dict[int, SlotHeat], slots: Ints) -> Replicates:
    known, shape = [slot for slot in slots.tolist() if slot in heats], seen.grid.shape
    seconds = [seconds_by_cell(seen.best, seen.cameras, heats[slot].observed_s).reshape(shape) for slot in known]
    return Replicates(
        amounts=np.array([heats[slot].person_s for slot in known]).reshape(-1, *shape),
        observed_s=np.array(seconds).reshape(-1, *shape),
        blocks=[block_of(slot) for slot in known],
    )


def _compared(seen: Coverage, off: Replicates, on: Replicates) -> Difference | None:
    if not len(off.amounts) or not len(on.amounts):
        return None
    free = (seen.walkable & seen.seen_by_any).reshape(seen.grid.shape)
    # One seed: the same figures give the same map.
    return difference(off, on, free=free, cell_m=seen.grid.cell, rng=np.random.default_rng(0))
