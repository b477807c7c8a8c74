"""What rows of places mean: visits to zones, stops, ways from zone to zone, crossings of lines.

Written apart from what runs on a box, and whole arrays at once instead of instant by instant, so that each can be held
against the other.
"""

from dataclasses import dataclass

import numpy as np

from contract.arrays import F64, I64, Bool
from contract.geometry import points_in_polygon
from vitrina.simulate.samples import Samples

STOP_M, STOP_S = 0.5, 3.0
"""Who stays within so many metres for so many seconds has stopped."""

STATION_S = 1.0
"""Who is in a zone for less has only brushed it on the way."""

_EPS_S = 1e-6


@dataclass(frozen=True, slots=True)
class Visits:
    """Visits (v,) by track, then by start.

    `zone` an index; `first`, `last` the rows they begin and end with; `stay_s` their length; `late`: the track began
    inside; `broken`: it ended inside; `stopped`: the person stopped in there; `again`: the track had been there before.
    """

    track: I64
    zone: I64
    first: I64
    last: I64
    stay_s: F64
    late: Bool
    broken: Bool
    stopped: Bool
    again: Bool

    def __len__(self) -> int:
        return len(self.track)

    def __getitem__(self, keep: Bool | I64) -> "Visits":
        return Visits(*(getattr(self, name)[keep] for name in Visits.__slots__))


@dataclass(frozen=True, slots=True)
class Moves:
    """Ways (k,) from zone to zone: the row they were complete at; `source`, `target` index a zone, or DOOR, or LOST."""

    row: I64
    source: I64
    target: I64


DOOR, LOST = -2, -1
"""Instead of a zone: came in or went out; the track broke."""


@dataclass(frozen=True, slots=True)
class Crossings:
    """Steps over a line (c,): the row they ended in, and +1 for left to right of a→b, -1 for the way back."""

    row: I64
    sign: I64


def inside_zones(samples: Samples, polygons: list[F64]) -> Bool:
    """Which rows lie in which of the polygons (n, zones); the edge counts as inside."""
    columns = [points_in_polygon(samples.xy, polygon) for polygon in polygons]
    return np.stack(columns, axis=1) if columns else np.zeros((len(samples), 0), np.bool_)


def visits(samples: Samples, inside: Bool, *, gap_s: float) -> Visits:
    """Rows in a zone, absences up to `gap_s` merged; a visit lasts until the end of its last row.

    Between two rows that follow each other, however far apart, nobody was away.
    """
    stops = standing(samples)
    parts = [_visits(samples, np.flatnonzero(inside[:, i]), i, stops, gap_s) for i in range(inside.shape[1])]
    fields = [[getattr(part, name) for part in parts] for name in Visits.__slots__]
    both = Visits(*(np.concatenate(field) for field in fields))
    return both[np.lexsort((both.first, both.track))]


def _visits(samples: Samples, row: I64, zone: int, stops: Bool, gap_s: float) -> Visits:
    track, t = samples.track[row], samples.t[row]
    away_s = np.diff(t, prepend=0.0) - samples.period_s
    gone = (np.diff(row, prepend=0) > 1) & (away_s > gap_s + _EPS_S)
    starts = np.flatnonzero((np.diff(track, prepend=-1) != 0) | gone)
    ends = np.append(starts, len(row))[1:] - 1
    first, last = row[starts], row[ends]
    return Visits(
        track=track[starts],
        zone=np.full(len(starts), zone),
        first=first,
        last=last,
        stay_s=t[ends] - t[starts] + samples.period_s,
        late=samples.begins[first],
        broken=samples.finishes[last],
        stopped=_any_between(stops[row], starts),
        again=np.diff(track[starts], prepend=-1) == 0,
    )


def _any_between(values: Bool, starts: I64) -> Bool:
    """Whether any of `values` is true from each start to the next (starts,)."""
    return np.maximum.reduceat(values, starts) if len(starts) else np.zeros(0, np.bool_)


def moves(samples: Samples, seen: Visits, station: Bool, came: Bool, left: Bool) -> Moves:
    """Ways between the zones that are a `station` (zones,), in the order of the visits; brushing one is no visit.

    Two visits to one zone with none to another between them are one. `came`, `left` (tracks,): whether a track began
    with somebody's coming in, and ended with their going out.
    """
    at = seen[station[seen.zone] & (seen.stay_s >= STATION_S - _EPS_S)]
    at = at[(np.diff(at.track, prepend=-1) != 0) | (np.diff(at.zone, prepend=-1) != 0)]
    first, last = np.diff(at.track, prepend=-1) != 0, np.diff(at.track, append=-1) != 0
    begins = np.where(came, DOOR, LOST)
    source = np.where(first, begins[at.track], np.roll(at.zone, 1))
    end_row = np.flatnonzero(samples.finishes)
    end_source = begins.copy()
    end_source[at.track[last]] = at.zone[last]
    return Moves(
        np.concatenate([at.first, end_row]),
        np.concatenate([source, end_source]),
        np.concatenate([at.zone, np.where(left, DOOR, LOST)]),
    )


def standing(samples: Samples) -> Bool:
    """Rows at which somebody has stood still for `STOP_S`: all rows of the last `STOP_S` lie within `STOP_M` (n,)."""
    still = np.ones(len(samples), np.bool_)
    back = round(STOP_S / samples.period_s)
    enough = np.zeros(len(samples), np.bool_)
    for k in range(1, back + 1):
        earlier = np.maximum(np.arange(len(samples)) - k, 0)
        recent = (samples.track[earlier] == samples.track) & (samples.tick[earlier] >= samples.tick - back)
        apart = np.linalg.norm(samples.xy - samples.xy[earlier], axis=1)
        still &= ~recent | (apart <= STOP_M)
        enough |= (samples.track[earlier] == samples.track) & (samples.tick[earlier] <= samples.tick - back)
    return still & enough


def stop_rows(samples: Samples) -> I64:
    """The row of each stop at which it had lasted `STOP_S`; one per stop, (s,)."""
    still = standing(samples)
    before = np.concatenate([[False], still[:-1]]) & ~samples.begins
    result: I64 = np.flatnonzero(still & ~before)
    return result


def arrivals_in_cells(samples: Samples, cell: I64, *, gap_s: float) -> I64:
    """Rows in which a track comes into its cell, not counted again within `gap_s` (k,)."""
    order = np.lexsort((samples.tick, cell, samples.track))
    track, where, t = samples.track[order], cell[order], samples.t[order]
    same = (np.diff(track, prepend=-1) == 0) & (np.diff(where, prepend=-2) == 0)
    away_s = np.diff(t, prepend=0.0) - samples.period_s
    came = ~same | ((np.diff(order, prepend=0) > 1) & (away_s > gap_s + _EPS_S))
    result: I64 = order[came & (where >= 0)]
    return result


def crossings(samples: Samples, ends: F64) -> Crossings:
    """Steps that cross the segment `ends` (2, 2) from one side to the other."""
    a, b = ends
    side = _side(a, b, samples.xy) > 0
    row = np.flatnonzero((side != np.concatenate([side[:1], side[:-1]])) & ~samples.begins)
    p, q = samples.xy[row - 1], samples.xy[row]
    between = _side(p, q, a) * _side(p, q, b) < 0
    row = row[between]
    return Crossings(row, np.where(side[row], 1, -1))


def _side(a: F64, b: F64, p: F64) -> F64:
    result: F64 = (b[..., 0] - a[..., 0]) * (p[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (p[..., 0] - a[..., 0])
    return result
