"""What each of many shoppers adds to the windows of each camera, so that an hour is the sum of those who came.

The same rules as on a box (one camera answers for each cell, tracks break, visits go over from camera to camera) are
worked out for whole walks at once, because playing eight weeks to a box's code would take hours; a test holds the two
against each other.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array, vstack

from contract.arrays import F64, I64, Bool
from contract.coverage import Coverage
from contract.messages import DWELL_BINS_S
from contract.site import Site
from vitrina.simulate.noise import Faults, spoil
from vitrina.simulate.passages import (
    DOOR,
    Visits,
    arrivals_in_cells,
    crossings,
    inside_zones,
    moves,
    stop_rows,
    visits,
)
from vitrina.simulate.samples import Samples, sample, split
from vitrina.simulate.shoppers import Crowd
from vitrina.simulate.truth import floor_shapes

PERIOD_S = 0.5

_BRIDGE_S = 3.0
"""Who is hidden for longer comes back as another track, as on a box."""

FEATURES = ("heat_s", "passes", "stood", "lost", "entries", "visits", "zone_presence_s", "dwell_sum_s", "stops",
            "reentries", "dwell", "lines", "flows", "taken")  # fmt: skip
"""What is added up, in the order of the columns; named as in the edge's WindowStats."""


@dataclass(frozen=True, slots=True)
class Pool:
    """`amounts` (shoppers, cameras x columns): what each adds.

    `shapes` one per feature of FEATURES; `zone_ids` and `line_ids` in their order.
    """

    cameras: tuple[str, ...]
    zone_ids: tuple[str, ...]
    line_ids: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    amounts: csr_array

    @property
    def shoppers(self) -> int:
        """How many there are to draw from."""
        return int(self.amounts.shape[0])

    def total(self, weights: F64) -> list[dict[str, F64]]:
        """What the shoppers add up to, each taken `weights` (shoppers,) times; per camera, by feature."""
        sums = (self.amounts.T @ weights).reshape(len(self.cameras), -1)
        cuts = np.cumsum([int(np.prod(shape)) for shape in self.shapes])[:-1]
        return [
            {
                name: part.reshape(shape)
                for name, part, shape in zip(FEATURES, np.split(row, cuts), self.shapes, strict=True)
            }
            for row in sums
        ]

    def with_more_stops(self, zone: str, *, again: int) -> "Pool":
        """The same shoppers, those who stopped in `zone` so many times more: what an offer does, and nothing else."""
        width = self.amounts.shape[1] // len(self.cameras)
        first = sum(int(np.prod(shape)) for shape in self.shapes[: FEATURES.index("stops")])
        columns = first + self.zone_ids.index(zone) + width * np.arange(len(self.cameras))
        stopped = np.flatnonzero(np.asarray(self.amounts[:, columns].sum(axis=1)).ravel())
        return replace(self, amounts=vstack([self.amounts, *[self.amounts[stopped]] * again], format="csr"))


class _Ledger:
    """Collects who adds how much to which column."""

    def __init__(self, person: I64, camera: I64, shapes: tuple[tuple[int, ...], ...]) -> None:
        self._person, self._camera = person, camera
        sizes = [int(np.prod(shape)) for shape in shapes]
        self._width = sum(sizes)
        self._start = dict(zip(FEATURES, np.cumsum([0, *sizes[:-1]]).tolist(), strict=True))
        self._shape = dict(zip(FEATURES, shapes, strict=True))
        self._entries: list[tuple[I64, I64, F64]] = []

    def add(self, feature: str, row: I64, *index: I64, amount: F64 | float = 1.0) -> None:
        """`amount` (k,) or one for all, to `feature` at `index` (k,), by who and where was at `row` (k,)."""
        at = np.ravel_multi_index(index, self._shape[feature]) if index else np.zeros(len(row), np.int64)
        column = self._camera[row] * self._width + self._start[feature] + at
        self._entries.append((self._person[row], column, np.broadcast_to(np.float64(amount), len(row))))

    def matrix(self, shoppers: int, cameras: int) -> csr_array:
        """Everything, as (shoppers, cameras x columns)."""
        person, column, amount = (np.concatenate(parts) for parts in zip(*self._entries, strict=True))
        return csr_array((amount, (person, column)), shape=(shoppers, cameras * self._width))


def make_pool(site: Site, covered: Coverage, crowd: Crowd, faults: Faults, rng: np.random.Generator) -> Pool:
    """The contributions of a crowd to the windows of a site's calibrated cameras."""
    zone_ids, polygons, line_ids, ends = floor_shapes(site)
    seen = _seen(spoil(sample(crowd.walks, PERIOD_S), faults, rng), covered)
    cell = covered.grid.cells(seen.xy)
    zones, lines, cells = len(zone_ids), len(line_ids), len(covered.grid)
    shapes: tuple[tuple[int, ...], ...] = (
        *((cells,),) * 4, *((zones,),) * 6, (zones, 4, len(DWELL_BINS_S)), (lines, 2), (zones + 2, zones + 2), (1,)
    )  # fmt: skip
    camera = covered.best[cell]
    ledger = _Ledger(seen.person, camera, shapes)
    door = np.array([site.zones[key].kind in ("entrance", "street", "view") for key in zone_ids], np.bool_)
    inside = inside_zones(seen, polygons)
    at_door = (inside & door).any(axis=1)
    _add_places(ledger, seen, cell, inside, site.gap_s)
    went_in, went_out = _add_lines(ledger, seen, ends)
    stays = visits(seen, inside, gap_s=site.gap_s)
    _add_stays(ledger, stays, door)
    _add_ways(ledger, seen, cell, stays, station=~door, came=went_in | at_door, left=went_out | at_door)
    _add_handovers(ledger, seen, camera)
    return Pool(
        covered.cameras, tuple(zone_ids), tuple(line_ids), shapes, ledger.matrix(len(crowd.walks), len(covered.cameras))
    )


def _seen(samples: Samples, covered: Coverage) -> Samples:
    """Where some camera sees them; who was hidden too long comes back as another track."""
    cell = covered.grid.cells(samples.xy)
    rows = samples[(cell >= 0) & covered.seen_by_any[cell]]
    away_s = np.diff(rows.tick, prepend=0) * rows.period_s
    return split(rows, away_s > _BRIDGE_S)


def _spent_s(seen: Samples) -> F64:
    """How long each row stands: until the next of its track, which bridges what was missed (n,)."""
    until = np.append(seen.tick[1:], 0) - seen.tick
    return np.where(seen.finishes, 1, until) * np.float64(seen.period_s)


def _add_places(ledger: _Ledger, seen: Samples, cell: I64, inside: Bool, gap_s: float) -> None:
    spent_s = _spent_s(seen)
    everyone = np.arange(len(seen))
    ledger.add("heat_s", everyone, cell, amount=spent_s)
    row, zone = np.nonzero(inside)
    ledger.add("zone_presence_s", row, zone, amount=spent_s[row])
    came = arrivals_in_cells(seen, cell, gap_s=gap_s)
    ledger.add("passes", came, cell[came])
    stopped = stop_rows(seen)
    ledger.add("stood", stopped, cell[stopped])


def _add_lines(ledger: _Ledger, seen: Samples, lines: list[F64]) -> tuple[Bool, Bool]:
    """Crossings; and the rows of tracks that came in, and of those that went out, over a line."""
    went = np.zeros((2, int(seen.track[-1]) + 1 if len(seen) else 0), np.bool_)
    for i, ends in enumerate(lines):
        crossed = crossings(seen, ends)
        ledger.add("lines", crossed.row, np.full(len(crossed.row), i), (crossed.sign < 0).astype(np.int64))
        went[0, seen.track[crossed.row[crossed.sign > 0]]] = True
        went[1, seen.track[crossed.row[crossed.sign < 0]]] = True
    return went[0, seen.track], went[1, seen.track]


def _add_stays(ledger: _Ledger, stays: Visits, door: Bool) -> None:
    late, broken = stays.late & ~door[stays.zone], stays.broken & ~door[stays.zone]
    ledger.add("entries", stays.first[~late], stays.zone[~late])
    ledger.add("reentries", stays.first[stays.again], stays.zone[stays.again])
    ledger.add("stops", stays.first[stays.stopped], stays.zone[stays.stopped])
    ledger.add("visits", stays.last, stays.zone)
    ledger.add("dwell_sum_s", stays.last, stays.zone, amount=stays.stay_s)
    bins = np.searchsorted(DWELL_BINS_S, stays.stay_s, side="right") - 1
    ledger.add("dwell", stays.last, stays.zone, broken + 2 * late, bins)


def _add_ways(
    ledger: _Ledger, seen: Samples, cell: I64, stays: Visits, *, station: Bool, came: Bool, left: Bool
) -> None:
    zones = len(station)
    went = moves(seen, stays, station, came[seen.begins], left[seen.finishes])
    ends = [np.where(end >= 0, end, np.where(end == DOOR, zones, zones + 1)) for end in (went.source, went.target)]
    ledger.add("flows", went.row, *ends)
    lost = np.flatnonzero(seen.finishes & ~left)
    ledger.add("lost", lost, cell[lost])


def _add_handovers(ledger: _Ledger, seen: Samples, camera: I64) -> None:
    ledger.add("taken", np.flatnonzero((np.diff(camera, prepend=-1) != 0) & ~seen.begins))
