"""From the pipeline's numbers to the contract's: the only shapes that leave an eye."""

from datetime import UTC, datetime

import numpy as np

from contract.grid import Grid
from contract.messages import (
    ENTRY,
    EXIT,
    LOST,
    DwellTable,
    Flow,
    Handovers,
    Heatmap,
    LineStats,
    Live,
    ScreenAudience,
    ScreenStats,
    Window,
    ZoneStats,
)
from contract.segments import SMALLEST_CELL, Band, band
from edge.analytics.screens import ScreenCounts
from edge.analytics.window import WindowStats
from edge.arrays import I64
from edge.layout import Layout
from edge.onlookers import Crowd
from edge.watch import LiveCounts
from edge.wire import AudienceCount, AudienceCounts

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
        heatmap=_heatmap(stats, layout.grid),
        flows=_flows(stats.flows, layout.zone_ids),
        handovers=Handovers(taken=stats.taken, guessed=stats.guessed, missed=stats.missed),
        screens=[_screen(layout.screens.ids[k], creative, counts) for (k, creative), counts in stats.screens.items()],
    )


def audience_part(stats: WindowStats, layout: Layout, camera: str) -> AudienceCounts | None:
    """One window by segment, for the gate to hold until it is many; None where no visit ended."""
    cells = [
        AudienceCount(
            zone=zone,
            segment=segment,
            digest=layout.segments.digests[s],
            n=int(stats.segment_visits[i, s]),
            of=int(stats.visits[i]),
            dwell_sum_s=round(float(stats.segment_dwell_s[i, s]), _MILLI),
        )
        for i, zone in enumerate(layout.zone_ids)
        if stats.visits[i]
        for s, segment in enumerate(layout.segments.ids)
    ]
    if not cells:
        return None
    return AudienceCounts(camera=camera, t_start=instant(stats.t_start), t_end=instant(stats.t_end), cells=cells)


def _screen(screen: str, creative: str | None, counts: ScreenCounts) -> ScreenStats:
    return ScreenStats(
        screen=screen,
        creative=creative,
        shown_s=round(counts.shown_s, _MILLI),
        ots=counts.ots,
        viewers=counts.viewers,
        attention_s=round(counts.attention_s, _MILLI),
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
        stops=int(stats.stops[i]),
        reentries=int(stats.reentries[i]),
    )


def _flows(flows: I64, zone_ids: tuple[str, ...]) -> list[Flow]:
    sources, targets = (*zone_ids, ENTRY, LOST), (*zone_ids, EXIT, LOST)
    return [Flow(source=sources[i], target=targets[j], n=int(flows[i, j])) for i, j in np.argwhere(flows).tolist()]


def _heatmap(stats: WindowStats, grid: Grid) -> Heatmap:
    """Cells in which something happened, or where people spent at least a millisecond."""
    person_s = np.round(stats.heat_s, _MILLI)
    counts = {"visits": stats.passes, "stops": stats.stood, "lost": stats.lost}
    index = np.flatnonzero(np.any([person_s, *counts.values()], axis=0))
    told = {name: cells[index].tolist() if cells.any() else [] for name, cells in counts.items()}
    return empty_heatmap(grid).model_copy(
        update={"index": index.tolist(), "person_s": person_s[index].tolist(), **told}
    )


def empty_heatmap(grid: Grid) -> Heatmap:
    """The grid, and nothing in it."""
    return Heatmap(unit=grid.unit, cell=grid.cell, origin=grid.origin, shape=grid.shape, index=[], person_s=[])


def live_part(
    counts: LiveCounts, layout: Layout, camera: str, *, lasts_s: float, smallest: int = SMALLEST_CELL
) -> Live:
    """Who is there now; worthless after `lasts_s`. Segments are told in bands, none under the `smallest` cell."""
    return Live(
        camera=camera,
        t=instant(counts.t),
        expires_at=instant(counts.t + lasts_s),
        occupancy=counts.occupancy,
        zones={zone: int(counts.zones[i]) for i, zone in enumerate(layout.zone_ids)},
        screens={
            screen: _crowd(crowd, layout, smallest)
            for screen, crowd in zip(layout.screens.ids, counts.screens, strict=True)
        },
    )


def _crowd(crowd: Crowd, layout: Layout, smallest: int) -> ScreenAudience:
    def bands(counts: I64) -> dict[str, Band]:
        return {segment: band(int(n), smallest) for segment, n in zip(layout.segments.ids, counts, strict=True)}

    return ScreenAudience(near=crowd.near, now=bands(crowd.now), lately_n=crowd.lately_n, lately=bands(crowd.lately))
