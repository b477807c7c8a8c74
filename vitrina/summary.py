"""`summary.json` of a replay: the windows added up, in the fixed shape that other tools read.

The summary of several cameras of one floor has the same shape, with `camera` null: counts, presence and heat are their
sums, `observed_s` is the mean of the cameras, and the most people at once are the sum of each camera's most in the same
window, which is an upper bound.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from contract.messages import Heatmap, Window

Summary = dict[str, Any]


def summarise(
    windows: Sequence[Window],
    *,
    source: str,
    camera: str | None,
    duration_s: float,
    zone_ids: Sequence[str],
    line_ids: Sequence[str],
    heatmap: Heatmap,
    dwell_s: Mapping[str, Sequence[float]],
    timing_ms: Mapping[str, Mapping[str, float]],
) -> Summary:
    """Add up `windows`; `heatmap` is an empty one that says the grid, `dwell_s` the finished visits of each zone."""
    return {
        "source": source,
        "duration_s": round(duration_s, 3),
        "observed_s": round(sum(w.observed_s for w in windows) / max(len({w.camera for w in windows}), 1), 3),
        "frames": sum(w.frames for w in windows),
        "camera": camera,
        "lines": {line: _line(windows, line) for line in line_ids},
        "zones": {zone: _zone(windows, zone, dwell_s.get(zone, [])) for zone in zone_ids},
        "heatmap": _heatmap(windows, heatmap),
        "timing_ms": timing_ms,
    }


def _line(windows: Sequence[Window], line: str) -> dict[str, int]:
    stats = [w.lines[line] for w in windows if line in w.lines]
    return {"in": sum(s.in_ for s in stats), "out": sum(s.out for s in stats)}


def _zone(windows: Sequence[Window], zone: str, dwell_s: Sequence[float]) -> dict[str, float | int | None]:
    stats = [w.zones[zone] for w in windows if zone in w.zones]
    most: Counter[datetime] = Counter()
    for window in windows:
        most[window.t_start] += window.zones[zone].occupancy_max if zone in window.zones else 0
    return {
        "entries": sum(s.entries for s in stats),
        "visits": sum(s.visits for s in stats),
        "dwell_mean_s": round(float(np.mean(dwell_s)), 3) if dwell_s else None,
        "dwell_median_s": round(float(np.median(dwell_s)), 3) if dwell_s else None,
        "presence_s": round(sum(s.presence_s for s in stats), 3),
        "occupancy_max": max(most.values(), default=0),
    }


def _heatmap(windows: Sequence[Window], grid: Heatmap) -> dict[str, Any]:
    cells = np.zeros(grid.shape[0] * grid.shape[1])
    for window in windows:
        if window.heatmap is not None and window.heatmap.unit == grid.unit:
            cells[window.heatmap.index] += window.heatmap.person_s
    return {
        "unit": grid.unit,
        "cell": grid.cell,
        "origin": list(grid.origin),
        "person_s": cells.round(3).reshape(grid.shape).tolist(),
    }
