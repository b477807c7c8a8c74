"""From the pipeline's numbers to the contract's: the only shapes that leave an eye."""

from datetime import UTC, datetime

import numpy as np

from contract.grid import Grid
from contract.messages import DwellTable, Heatmap, LineStats, Live, Window, ZoneStats
from edge.analytics.window import WindowStats
from edge.arrays import F64
from edge.layout import Layout
from edge.watch import LiveCounts

_MILLI = 3
"""Seconds travel rounded to the millisecond."""


def instant(t: float) -> datetime:
    """Seconds UTC as a date and time."""
    return datetime.fromtimestamp(t, UTC)


def window_part(stats: WindowStats, layout: Layout, camera: str) -> Window:
    """One window as it is published."""
    return Window(
        camera=camera,
        t_start=instant(stats.t_start),
        t_end=instant(stats.t_end),
        site_version=layout.site_version,
        observed_s=round(stats.observed_s, _MILLI),
        frames=stats.frames,
        presence_s=round(stats.presence_s, _MILLI),
        occupancy_max=stats.occupancy_max,
        lines={
            line: LineStats(in_=int(stats.lines[i, 0]), out=int(stats.lines[i, 1]))
            for i, line in enumerate(layout.line_ids)
        },
        zones={zone: _zone(stats, i) for i, zone in enumerate(layout.zone_ids)},
        heatmap=heatmap_part(stats.heat_s, layout.grid),
    )


def _zone(stats: WindowStats, i: int) -> ZoneStats:
    left, lost, late_left, late_lost = stats.dwell[i].tolist()
    return ZoneStats(
        entries=int(stats.entries[i]),
        visits=int(stats.visits[i]),
        presence_s=round(float(stats.zone_presence_s[i]), _MILLI),
        dwell_sum_s=round(float(stats.dwell_sum_s[i]), _MILLI),
        dwell=DwellTable(left=left, lost=lost, late_left=late_left, late_lost=late_lost),
        occupancy_max=int(stats.zone_max[i]),
    )


def heatmap_part(heat_s: F64, grid: Grid) -> Heatmap:
    """Cells that hold at least a millisecond."""
    rounded = np.round(heat_s, _MILLI)
    index = np.flatnonzero(rounded)
    return Heatmap(
        unit=grid.unit,
        cell=grid.cell,
        origin=grid.origin,
        shape=grid.shape,
        index=index.tolist(),
        person_s=rounded[index].tolist(),
    )


def live_part(counts: LiveCounts, layout: Layout, camera: str, *, lasts_s: float) -> Live:
    """Who is there now; worthless after `lasts_s`."""
    return Live(
        camera=camera,
        t=instant(counts.t),
        expires_at=instant(counts.t + lasts_s),
        occupancy=counts.occupancy,
        zones={zone: int(counts.zones[i]) for i, zone in enumerate(layout.zone_ids)},
    )
